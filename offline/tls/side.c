/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Small things that need no more than the structs. */
#include "offline/tls/side.h"

bool
um_side_is_server(const struct um_tls_side *side)
{
    return side->tls->info.client == 1 - side->index;
}

bool
um_side_is_13(const struct um_tls *tls)
{
    return tls->session.has_server && tls->session.version >= UM_TLS_VERSION_13;
}

bool
um_side_is_unread(const struct um_tls_side *side)
{
    bool has_opened_none = side->unseal && !side->is_verified && side->unverified > 0;
    bool has_lost = (side->is_waiting || has_opened_none) && side->loss.bytes > 0;
    return side->is_opaque || side->is_unjoined || has_lost;
}

/* Notes what the clear sink answered. */
static int
note_answer(struct um_tls_side *side, int answer)
{
    int err = um_passing_note(&side->passing, &side->clear, answer, &side->is_enough);
    side->wants_all &= side->passing.unwanted == 0;
    return err;
}

/* That bytes are lost, or more, is told before the next record says how many. */
static int
tell_ahead(struct um_tls_side *side)
{
    struct um_tls_loss *loss = &side->loss;
    bool is_data = side->unseal && side->is_verified && side->epoch != UM_EPOCH_EARLY;
    if (loss->bytes == loss->told_of || !is_data || side->is_enough || !side->clear.gap_ahead)
        return UM_OK;
    loss->told_of = loss->bytes;
    uint64_t most = um_side_lost_clear(side, 1).most;
    um_passing_tell(&side->passing, &side->clear);
    return note_answer(side, side->clear.gap_ahead(side->clear.ctx, most, loss->cause));
}

int
um_side_gap(struct um_tls_side *side, struct um_missing clear)
{
    bool has_grown = side->loss.told_of > 0 && clear.most > 0; /* perhaps */
    int err = has_grown ? tell_ahead(side) : UM_OK;
    struct um_tls_loss loss = side->loss;
    side->loss = (struct um_tls_loss){0};
    side->clear_offset += clear.most;
    if (err || clear.most == 0 || side->is_enough)
        return err;
    err = tell_ahead(&side->tls->sides[1 - side->index]);
    if (err)
        return err;
    um_passing_tell(&side->passing, &side->clear);
    return note_answer(side, side->clear.gap(side->clear.ctx, clear, loss.cause, &loss.where));
}

int
um_side_data(struct um_tls_side *side, const struct um_tls_arrival *arrival, struct um_span bytes)
{
    const struct um_chunk chunk = {.bytes = bytes,
                                   .offset = side->clear_offset,
                                   .first = arrival->first,
                                   .last = arrival->last};
    side->clear_offset += bytes.len;
    if (bytes.len == 0 || side->is_enough ||
        um_passing_take(&side->passing, bytes.len, &arrival->last))
        return UM_OK;
    int err = tell_ahead(&side->tls->sides[1 - side->index]);
    if (err)
        return err;
    um_passing_tell(&side->passing, &side->clear);
    return note_answer(side, side->clear.data(side->clear.ctx, &chunk));
}

size_t
um_side_pass(struct um_tls_side *side, size_t bytes, const struct um_mark *last)
{
    uint64_t unwanted = side->passing.unwanted;
    size_t passed = unwanted < bytes ? (size_t)unwanted : bytes;
    (void)um_passing_take(&side->passing, passed, last);
    side->clear_offset += passed;
    return passed;
}

void
um_side_lose(struct um_tls_side *side, uint64_t bytes, uint64_t records, enum um_gap_cause cause,
             const struct um_mark *where)
{
    if (side->loss.bytes == 0) {
        side->loss.cause = cause;
        side->loss.where = *where;
    }
    side->loss.bytes += bytes;
    side->loss.records += records;
}

void
um_side_lose_record(struct um_tls_side *side, const struct um_tls_arrival *arrival,
                    enum um_gap_cause cause)
{
    um_side_lose(side, arrival->record.header.len + arrival->record.body.len, 1, cause,
                 &arrival->first);
}

struct um_missing
um_side_lost_clear(const struct um_tls_side *side, uint64_t records)
{
    uint64_t bytes = side->loss.bytes;
    uint64_t each = UM_TLS_HEADER_BYTES + um_unseal_overhead(side->unseal);
    uint64_t each_most = each + um_unseal_padding_max(side->unseal);
    uint64_t records_most = um_unseal_verifies(side->unseal) ? records : side->loss.records;
    if (bytes == 0)
        return um_missing_exactly(0);
    struct um_missing clear = {.most = 1};
    if (records <= bytes / each && bytes > records * each)
        clear.most = bytes - records * each;
    if (records > 0 && records_most <= bytes / each_most)
        clear.least = bytes - records_most * each_most;
    return clear;
}
