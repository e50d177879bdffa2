/* SPDX-License-Identifier: GPL-2.0-or-later */
/* level 1 (1 warning, 2 fatal) | description 1; TLS 1.3 sends levels but goes by the description.
 */
#include "offline/tls/alert.h"

enum { ALERT_BYTES = 2, LEVEL_FATAL = 2, CLOSE_NOTIFY = 0, USER_CANCELED = 90 };

const char *
um_tls_alert_text(uint8_t description)
{
    static const char *const names[] = {
        [10] = "unexpected_message",
        [20] = "bad_record_mac",
        [21] = "decryption_failed",
        [22] = "record_overflow",
        [30] = "decompression_failure",
        [40] = "handshake_failure",
        [41] = "no_certificate",
        [42] = "bad_certificate",
        [43] = "unsupported_certificate",
        [44] = "certificate_revoked",
        [45] = "certificate_expired",
        [46] = "certificate_unknown",
        [47] = "illegal_parameter",
        [48] = "unknown_ca",
        [49] = "access_denied",
        [50] = "decode_error",
        [51] = "decrypt_error",
        [60] = "export_restriction",
        [70] = "protocol_version",
        [71] = "insufficient_security",
        [80] = "internal_error",
        [86] = "inappropriate_fallback",
        [90] = "user_canceled",
        [100] = "no_renegotiation",
        [109] = "missing_extension",
        [110] = "unsupported_extension",
        [111] = "certificate_unobtainable",
        [112] = "unrecognized_name",
        [113] = "bad_certificate_status_response",
        [114] = "bad_certificate_hash_value",
        [115] = "unknown_psk_identity",
        [116] = "certificate_required",
        [120] = "no_application_protocol",
    };
    const char *name = description < sizeof names / sizeof *names ? names[description] : NULL;
    return name ? name : "of unknown meaning";
}

bool
um_alert_is_clear(const struct um_tls_side *side, const struct um_tls_record *record)
{
    bool may_be =
        um_side_is_13(side->tls) ? !side->is_verified : !side->unseal && !side->is_waiting;
    return may_be && record->type == UM_TLS_TYPE_ALERT && record->body.len == ALERT_BYTES;
}

static bool
is_fatal(const struct um_tls *tls, uint8_t level, uint8_t description)
{
    if (um_side_is_13(tls))
        return description != CLOSE_NOTIFY && description != USER_CANCELED;
    return level == LEVEL_FATAL && description != CLOSE_NOTIFY;
}

void
um_alert_take(struct um_tls_side *side, const struct um_tls_arrival *arrival, struct um_span bytes)
{
    struct um_tls_alert *alert = &side->tls->info.alert;
    /* a peer that goes without saying so draws an alert from some, which ends nothing any more */
    bool is_after_end = side->tls->sides[1 - side->index].is_ended;
    if (bytes.len < ALERT_BYTES || alert->is_there || is_after_end ||
        !is_fatal(side->tls, bytes.data[0], bytes.data[1]))
        return;
    *alert = (struct um_tls_alert){.is_there = true,
                                   .in_handshake = !side->tls->has_data,
                                   .description = bytes.data[1],
                                   .side = side->index,
                                   .frame = arrival->first.frame};
}
