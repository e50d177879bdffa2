/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A message that is not wanted costs nothing but its length, unless a transcript is kept. */
#include "offline/tls/negotiate.h"

#include "offline/tls/early.h"
#include "offline/tls/epoch.h"

enum { MESSAGE_MAX = 64 * 1024 }; /* bytes of a handshake message that is wanted */

static struct um_span
keep_text(uint8_t out[UM_TLS_NAME_MAX], struct um_span text)
{
    struct um_span fits = um_span_first(text, UM_TLS_NAME_MAX);
    if (fits.len > 0)
        memcpy(out, fits.data, fits.len);
    return um_span_of(out, fits.len);
}

static int
take_client_hello(struct um_tls_side *side, const struct um_client_hello *hello)
{
    struct um_tls *tls = side->tls;
    if (tls->info.client == 1 - side->index)
        return UM_OK;
    tls->info.client = side->index;
    if (hello->server_name.len > 0)
        tls->info.server_name = keep_text(tls->server_name, hello->server_name);
    tls->early_suites_len =
        hello->has_early_data ? keep_text(tls->early_suites, hello->suites).len & ~(size_t)1 : 0;
    const struct um_span known = um_span_of(tls->session.randoms.client, UM_TLS_RANDOM_BYTES);
    tls->info.is_late &= !um_span_equal(hello->random, known);
    return um_session_client_hello(&tls->session, hello);
}

static int
take_server_hello(struct um_tls_side *side, const struct um_server_hello *hello)
{
    struct um_tls *tls = side->tls;
    struct um_tls_side *other = &tls->sides[1 - side->index];
    if (tls->info.client == side->index || side->is_joined)
        return UM_OK;
    if (other->is_joined && (hello->version != UM_TLS_VERSION_13 || hello->is_retry ||
                             hello->suite != tls->session.suite_id))
        return UM_OK; /* it is not of what is said here */
    int err = um_session_server_hello(&tls->session, hello);
    if (err)
        return err;
    if (hello->is_retry || hello->version < UM_TLS_VERSION_13)
        err = um_early_refuse(tls);
    if (err || hello->is_retry)
        return err;
    tls->info.version = hello->version;
    tls->info.suite = hello->suite;
    const struct um_tls_suite *suite = um_tls_suite_find(hello->suite);
    tls->info.suite_name = suite ? suite->name : NULL;
    if (hello->alpn.len > 0)
        tls->info.alpn = keep_text(tls->alpn, hello->alpn);
    side->is_renegotiating = other->is_renegotiating = side->unseal && !um_side_is_13(tls);
    if (!um_side_is_13(tls))
        return UM_OK;
    err = um_epoch_begin(side, UM_EPOCH_HANDSHAKE);
    bool goes_on = other->unseal && (other->epoch == UM_EPOCH_EARLY || other->is_joined);
    bool comes_early = tls->early_suites_len > 0 && tls->early != UM_EARLY_REFUSED;
    if (!err && !goes_on)
        err = um_epoch_begin(other, comes_early ? UM_EPOCH_EARLY : UM_EPOCH_HANDSHAKE);
    return err;
}

static int
take_extensions(struct um_tls *tls, struct um_span body)
{
    struct um_encrypted_extensions extensions;
    if (um_handshake_encrypted_extensions(body, &extensions) != UM_DONE)
        return UM_OK;
    if (extensions.alpn.len > 0)
        tls->info.alpn = keep_text(tls->alpn, extensions.alpn);
    return extensions.has_early_data ? um_early_accept(tls) : um_early_refuse(tls);
}

static int
end_early_data(struct um_tls_side *side)
{
    int err = um_early_accept(side->tls);
    return err ? err : um_epoch_begin(side, UM_EPOCH_HANDSHAKE);
}

static int
take_message(struct um_tls_side *side, const struct um_handshake *message)
{
    struct um_tls *tls = side->tls;
    struct um_client_hello client;
    struct um_server_hello server;
    switch (message->type) {
    case UM_HANDSHAKE_CLIENT_HELLO:
        return um_handshake_client_hello(message->body, &client) == UM_DONE
                   ? take_client_hello(side, &client)
                   : UM_OK;
    case UM_HANDSHAKE_SERVER_HELLO:
        return um_handshake_server_hello(message->body, &server) == UM_DONE
                   ? take_server_hello(side, &server)
                   : UM_OK;
    case UM_HANDSHAKE_NEW_SESSION_TICKET:
        return um_session_new_ticket(&tls->session, message->body);
    case UM_HANDSHAKE_END_OF_EARLY_DATA:
        return side->epoch == UM_EPOCH_EARLY ? end_early_data(side) : UM_OK;
    case UM_HANDSHAKE_ENCRYPTED_EXTENSIONS:
        return take_extensions(tls, message->body);
    case UM_HANDSHAKE_FINISHED:
        return side->epoch == UM_EPOCH_HANDSHAKE ? um_epoch_begin(side, UM_EPOCH_APPLICATION)
                                                 : UM_OK;
    case UM_HANDSHAKE_KEY_UPDATE:
        return um_epoch_update(side);
    default:
        return UM_OK;
    }
}

static bool
is_wanted(uint8_t type)
{
    return type == UM_HANDSHAKE_CLIENT_HELLO || type == UM_HANDSHAKE_SERVER_HELLO ||
           type == UM_HANDSHAKE_NEW_SESSION_TICKET || type == UM_HANDSHAKE_END_OF_EARLY_DATA ||
           type == UM_HANDSHAKE_ENCRYPTED_EXTENSIONS || type == UM_HANDSHAKE_FINISHED ||
           type == UM_HANDSHAKE_CLIENT_KEY_EXCHANGE || type == UM_HANDSHAKE_KEY_UPDATE;
}

/* Messages that a session which is resumed does without (SSL 3 to TLS 1.2). */
static bool
is_of_full_handshake(uint8_t type)
{
    return type == UM_HANDSHAKE_CERTIFICATE || type == UM_HANDSHAKE_SERVER_KEY_EXCHANGE ||
           type == UM_HANDSHAKE_SERVER_HELLO_DONE || type == UM_HANDSHAKE_CLIENT_KEY_EXCHANGE;
}

/* The first message in side->messages; UM_MORE when it is not whole. */
static int
take_first_message(struct um_tls_side *side, enum um_step *step)
{
    struct um_session *session = &side->tls->session;
    struct um_span rest = um_buf_span(&side->messages);
    struct um_handshake message;
    uint8_t type;
    size_t length;
    *step = um_handshake_length(rest, &type, &length);
    if (*step != UM_DONE)
        return UM_OK;
    session->is_full |= session->has_server && is_of_full_handshake(type);
    if (length > MESSAGE_MAX || (!is_wanted(type) && !session->keeps_transcript)) {
        size_t have = length < rest.len ? length : rest.len;
        side->message_skip = length - have;
        um_buf_drop(&side->messages, have);
        return UM_OK;
    }
    *step = um_handshake_split(&rest, &message);
    if (*step != UM_DONE)
        return UM_OK;
    /* a ClientHello begins the transcript that it belongs to; KeyExchange ends it */
    bool is_hello = message.type == UM_HANDSHAKE_CLIENT_HELLO;
    int err = is_hello ? take_message(side, &message) : UM_OK;
    if (!err)
        err = um_session_message(session, message.whole);
    if (!err && message.type == UM_HANDSHAKE_CLIENT_KEY_EXCHANGE)
        err = um_session_key_exchange(session, message.body);
    else if (!err && !is_hello)
        err = take_message(side, &message);
    um_buf_drop(&side->messages, message.whole.len);
    return err;
}

void
um_negotiate_drop(struct um_tls_side *side)
{
    um_meter_give(side->tls->meter, side->metered_bytes);
    side->metered_bytes = 0;
    um_buf_done(&side->messages);
    side->message_skip = 0;
}

/* A message that waits for its rest has to have room; else the direction is not read any further.
 */
static void
meter_rest(struct um_tls_side *side)
{
    struct um_tls *tls = side->tls;
    if (side->messages.len == 0)
        um_buf_done(&side->messages);
    um_meter_give(tls->meter, side->metered_bytes);
    side->metered_bytes = side->messages.cap;
    if (um_meter_take(tls->meter, side->metered_bytes))
        return;
    side->metered_bytes = 0;
    um_negotiate_drop(side);
    side->is_opaque = true;
    tls->info.is_protected = tls->info.is_given_up = true;
}

int
um_negotiate_push(struct um_tls_side *side, struct um_span bytes)
{
    size_t skipped = bytes.len < side->message_skip ? bytes.len : side->message_skip;
    side->message_skip -= skipped;
    int err = um_buf_append(&side->messages, um_span_from(bytes, skipped));
    enum um_step step = UM_DONE;
    while (!err && step == UM_DONE && side->messages.len > 0)
        err = take_first_message(side, &step);
    meter_rest(side);
    return err;
}

/* The random finds the secrets, and stands in front: a ClientHello is long, and has several packets
 * more and more often. */
static int
take_torn_hello(struct um_tls_side *side)
{
    struct um_span begin = um_buf_span(&side->messages);
    struct um_client_hello hello;
    uint8_t type;
    size_t length;
    if (um_handshake_length(begin, &type, &length) != UM_DONE || type != UM_HANDSHAKE_CLIENT_HELLO)
        return UM_OK;
    (void)um_handshake_client_hello(um_span_from(begin, UM_HANDSHAKE_HEADER_BYTES), &hello);
    return hello.random.len == UM_TLS_RANDOM_BYTES ? take_client_hello(side, &hello) : UM_OK;
}

int
um_negotiate_tear(struct um_tls_side *side)
{
    int err = side->unseal ? UM_OK : take_torn_hello(side);
    um_session_tear(&side->tls->session);
    um_negotiate_drop(side);
    return err;
}

int
um_negotiate_hello2(struct um_tls_side *side, struct um_span body)
{
    struct um_client_hello hello;
    if (side->tls->session.has_client || um_handshake_hello2(body, &hello) != UM_DONE)
        return UM_OK;
    return take_client_hello(side, &hello);
}
