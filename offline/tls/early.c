/* SPDX-License-Identifier: GPL-2.0-or-later */
/* After a hole, or past the limit, all the rest of the early data counts as lost. */
#include "offline/tls/early.h"

#include "offline/tls/epoch.h"

void
um_early_empty(struct um_tls *tls)
{
    um_meter_give(tls->meter, tls->early_bytes.len);
    um_crypto_wipe(tls->early_bytes.data, tls->early_bytes.len);
    um_buf_done(&tls->early_bytes);
    tls->early_loss = (struct um_tls_loss){0};
}

static void
leave_out(struct um_tls *tls, uint64_t bytes, enum um_gap_cause cause, const struct um_mark *where)
{
    if (tls->early_loss.bytes == 0)
        tls->early_loss = (struct um_tls_loss){.cause = cause, .where = *where};
    tls->early_loss.bytes += bytes;
}

static int
keep(struct um_tls *tls, const struct um_tls_arrival *arrival, struct um_span bytes)
{
    struct um_buf *kept = &tls->early_bytes;
    bool has_room = tls->early_loss.bytes == 0 && bytes.len <= UM_TLS_EARLY_BYTES_MAX - kept->len;
    if (!has_room || !um_meter_take(tls->meter, bytes.len)) {
        leave_out(tls, bytes.len, UM_GAP_LIMIT, &arrival->first);
        return UM_OK;
    }
    if (kept->len == 0)
        tls->early_first = tls->early_last = (struct um_mark){0};
    um_mark_widen(&tls->early_first, &tls->early_last, arrival->first, arrival->last);
    int err = um_buf_append(kept, bytes);
    if (err)
        um_meter_give(tls->meter, bytes.len);
    return err;
}

int
um_early_data(struct um_tls_side *side, const struct um_tls_arrival *arrival, struct um_span bytes)
{
    switch (side->tls->early) {
    case UM_EARLY_UNDECIDED:
        return keep(side->tls, arrival, bytes);
    case UM_EARLY_ACCEPTED:
        return um_side_data(side, arrival, bytes);
    default:
        return UM_OK;
    }
}

int
um_early_gap(struct um_tls_side *side, struct um_missing clear)
{
    if (side->tls->early == UM_EARLY_ACCEPTED)
        return um_side_gap(side, clear);
    if (side->tls->early == UM_EARLY_UNDECIDED)
        leave_out(side->tls, clear.most, side->loss.cause, &side->loss.where);
    side->loss = (struct um_tls_loss){0};
    return UM_OK;
}

int
um_early_accept(struct um_tls *tls)
{
    if (tls->early != UM_EARLY_UNDECIDED || tls->info.client < 0)
        return UM_OK;
    struct um_tls_side *side = &tls->sides[tls->info.client];
    struct um_tls_arrival arrival = {.first = tls->early_first, .last = tls->early_last};
    tls->early = UM_EARLY_ACCEPTED;
    int err = um_side_data(side, &arrival, um_buf_span(&tls->early_bytes));
    if (!err && tls->early_loss.bytes > 0) {
        struct um_tls_loss after = side->loss;
        side->loss = tls->early_loss;
        err = um_side_gap(side, um_missing_exactly(tls->early_loss.bytes));
        side->loss = after;
    }
    um_early_empty(tls);
    return err;
}

int
um_early_refuse(struct um_tls *tls)
{
    bool was_offered = tls->early_suites_len > 0;
    if (tls->early != UM_EARLY_UNDECIDED || tls->info.client < 0 || !was_offered)
        return UM_OK;
    struct um_tls_side *side = &tls->sides[tls->info.client];
    tls->early = UM_EARLY_REFUSED;
    um_early_empty(tls);
    if (tls->is_early_sealed)
        side->loss = (struct um_tls_loss){0};
    tls->is_early_sealed = false;
    if (side->epoch != UM_EPOCH_EARLY)
        return UM_OK;
    if (um_side_is_13(tls))
        return um_epoch_begin(side, UM_EPOCH_HANDSHAKE);
    um_epoch_leave(side);
    return UM_OK;
}
