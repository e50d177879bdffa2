/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Records that lie whole in a chunk are read where they lie; only pieces of one are held, in a
 * buffer that is given back when a chunk ends with a record.
 */
#include "offline/tls/place.h"

#include "offline/tls/negotiate.h"
#include "offline/tls/opening.h"

enum { LEAST_RECORD_BYTES = UM_TLS_HEADER_BYTES + 8 };

void
um_place_empty(struct um_tls_side *side)
{
    um_meter_give(side->tls->meter, side->held.cap);
    um_buf_done(&side->held);
}

/* Without room for it the connection cannot be read any further. */
static int
hold(struct um_tls_side *side, struct um_span bytes, size_t expected)
{
    struct um_buf *held = &side->held;
    if (held->len == 0 || held->cap - held->len < bytes.len) {
        size_t more = expected > held->len + bytes.len ? expected - held->len : bytes.len;
        size_t before = held->cap;
        int err = expected > 0 ? um_buf_reserve_exactly(held, more) : um_buf_reserve(held, more);
        if (err)
            return err;
        if (!um_meter_take(side->tls->meter, held->cap - before)) {
            um_meter_give(side->tls->meter, before);
            um_buf_done(held);
            side->is_opaque = true;
            side->tls->info.is_protected = side->tls->info.is_given_up = true;
            return UM_OK;
        }
    }
    return um_buf_append(held, bytes);
}

static void
lose_place(struct um_tls_side *side, uint64_t missing, enum um_gap_cause cause,
           const struct um_mark *where)
{
    um_side_lose(side, missing, missing / LEAST_RECORD_BYTES + 1, cause, where);
    side->has_place = false;
    side->skip = 0;
}

/* Drops bytes where no record begins. */
static void
pass_over(struct um_tls_side *side, size_t n)
{
    side->loss.bytes += n;
    um_buf_drop(&side->held, n);
}

/* Drops what is held up to where a record may begin. */
static void
pass_to_header(struct um_tls_side *side)
{
    pass_over(side, um_tls_record_find(um_buf_span(&side->held)));
}

/* With the place lost: a record that authenticates is taken, else one byte is passed over. */
static int
find_place(struct um_tls_side *side, const struct um_tls_arrival *arrival, size_t record_bytes)
{
    if (arrival->record.type <= UM_TLS_TYPE_DATA) {
        int err = um_opening_try_place(side, arrival, &side->has_place);
        if (err)
            return err;
    }
    if (side->has_place)
        um_buf_drop(&side->held, record_bytes);
    else
        pass_over(side, 1);
    return UM_OK;
}

/* What has to come before there is anything to be done with what is held. */
static void
note_lacks(struct um_tls_side *side)
{
    size_t want = UM_TLS_HEADER_BYTES;
    (void)um_tls_record_length(um_buf_span(&side->held), &want);
    side->lacks = want > side->held.len ? want - side->held.len : 0;
}

/* A record of which nobody would look at more than its length is passed over, once that is known:
 * `begin` is what has come of it. */
static bool
pass_vain(struct um_tls_side *side, struct um_span begin, const struct um_mark *first)
{
    size_t whole;
    if (!um_opening_is_vain(side, begin.data[0]) || um_tls_record_length(begin, &whole) != UM_DONE)
        return false;
    um_opening_pass(side, whole, first);
    side->skip = whole - begin.len;
    return true;
}

/* The newest of what is held. */
struct newest {
    size_t len;                         /* bytes, at its end */
    const struct um_mark *first, *last; /* packets that brought them */
    const uint8_t *next;                /* what lies behind them in the capture; NULL: not known */
};

/* The last bytes of a chunk, or all. */
static struct newest
newest_of(const struct um_chunk *chunk, size_t len)
{
    return (struct newest){.len = len,
                           .first = &chunk->first,
                           .last = &chunk->last,
                           .next = chunk->bytes.data + chunk->bytes.len};
}

/* When only the newest bytes are held, no other packets brought them. */
static void
forget_older(struct um_tls_side *side, const struct newest *newest)
{
    if (side->held.len > newest->len)
        return;
    side->held_first = *newest->first;
    side->held_last = *newest->last;
}

/* A packet that is captured later may bring bytes that stand earlier in the record. */
static void
note_packets(struct um_tls_side *side, const struct um_chunk *chunk)
{
    if (side->held.len == 0)
        side->held_first = side->held_last = (struct um_mark){0};
    um_mark_widen(&side->held_first, &side->held_last, chunk->first, chunk->last);
}

/* Reads what is held, which may be more than one record, as far as it goes. */
static int
settle(struct um_tls_side *side, struct newest newest)
{
    int err = UM_OK;
    while (!err && !side->is_opaque && side->held.len > 0) {
        if (!side->has_place)
            pass_to_header(side);
        forget_older(side, &newest);
        struct um_span rest = um_buf_span(&side->held);
        struct um_tls_arrival arrival = {.first = side->held_first, .last = side->held_last};
        enum um_step step = um_tls_record_split(&rest, &arrival.record);
        arrival.record.next = newest.next;
        size_t record_bytes = side->held.len - rest.len;
        if (step == UM_MORE) {
            if (side->has_place && pass_vain(side, um_buf_span(&side->held), &side->held_first))
                um_buf_clear(&side->held);
            break;
        }
        if (!side->has_place) {
            err = find_place(side, &arrival, record_bytes);
        } else if (step == UM_BAD) {
            lose_place(side, 0, UM_GAP_LOST, &side->held_first);
            continue;
        } else {
            err = um_opening_take(side, &arrival);
            um_buf_drop(&side->held, record_bytes);
        }
    }
    note_lacks(side);
    return err;
}

/*
 * No more bytes will follow what is held. With the place lost it may be no record that waits for
 * them but bytes that look like one: then records behind them have waited too.
 */
static int
look_behind(struct um_tls_side *side, const struct um_mark *where)
{
    int err = UM_OK;
    while (!err && !side->has_place && !side->is_opaque && side->held.len > 0) {
        pass_over(side, 1);
        err = settle(side, (struct newest){.first = where, .last = where});
    }
    return err;
}

/* A record that goes on in the next chunk. */
static int
begin_held(struct um_tls_side *side, const struct um_chunk *chunk, struct um_span *rest)
{
    size_t want = UM_TLS_HEADER_BYTES;
    (void)um_tls_record_length(*rest, &want);
    struct um_span begin = *rest;
    *rest = um_span_from(*rest, rest->len);
    if (pass_vain(side, begin, &chunk->first))
        return UM_OK;
    note_packets(side, chunk);
    int err = hold(side, begin, want);
    note_lacks(side);
    return err;
}

/* Goes on with the record that is held; moves `rest` past what belongs to it. */
static int
fill_held(struct um_tls_side *side, const struct um_chunk *chunk, struct um_span *rest)
{
    struct um_span piece = um_span_first(*rest, side->lacks);
    *rest = um_span_from(*rest, piece.len);
    note_packets(side, chunk);
    int err = hold(side, piece, side->held.len + side->lacks);
    side->lacks -= piece.len;
    bool is_whole = side->lacks == 0; /* the header, or the record */
    return err || !is_whole ? err : settle(side, newest_of(chunk, piece.len));
}

/* Bytes with the place known: whole records are read where they lie. */
static int
take_placed(struct um_tls_side *side, const struct um_chunk *chunk, struct um_span *rest)
{
    size_t skipped = side->skip < rest->len ? (size_t)side->skip : rest->len;
    side->skip -= skipped;
    *rest = um_span_from(*rest, skipped);
    if (rest->len == 0)
        return UM_OK;
    if (side->held.len > 0)
        return fill_held(side, chunk, rest);
    struct um_tls_arrival arrival = {.first = chunk->first, .last = chunk->last};
    switch (um_tls_record_split(rest, &arrival.record)) {
    case UM_DONE:
        return um_opening_take(side, &arrival);
    case UM_MORE:
        return begin_held(side, chunk, rest);
    default:
        lose_place(side, 0, UM_GAP_LOST, &chunk->first);
        return UM_OK;
    }
}

/* Most chunks: the middle of a record, and the buffer for it has been made. */
static bool
is_middle(const struct um_tls_side *side, const struct um_chunk *chunk)
{
    const struct um_buf *held = &side->held;
    return held->len > 0 && chunk->bytes.len < side->lacks &&
           side->lacks <= held->cap - held->len && side->skip == 0 && side->has_place &&
           !side->is_opaque && !side->is_enough;
}

int
um_place_data(struct um_tls_side *side, const struct um_chunk *chunk)
{
    side->tls->info.bytes += chunk->bytes.len;
    if (is_middle(side, chunk)) {
        side->lacks -= chunk->bytes.len;
        note_packets(side, chunk);
        return um_buf_append(&side->held, chunk->bytes);
    }
    struct um_span rest = chunk->bytes;
    int err = UM_OK;
    while (!err && !side->is_opaque && rest.len > 0) {
        if (side->has_place) {
            err = take_placed(side, chunk, &rest);
            continue;
        }
        note_packets(side, chunk);
        size_t len = rest.len;
        err = hold(side, rest, 0);
        rest = um_span_from(rest, len);
        if (!err)
            err = settle(side, newest_of(chunk, len));
    }
    if (side->held.len == 0 || side->is_opaque)
        um_place_empty(side);
    if (err)
        return err;
    return side->is_enough ? UM_SINK_ENOUGH : UM_OK;
}

/* So many bytes of a record's body, SIZE_MAX: nobody knows how many, will not be read. */
static int
skip_unread(struct um_tls_side *side, size_t body_bytes)
{
    if (side->is_waiting)
        um_opening_skip_waiting(side, body_bytes);
    return side->unseal ? um_unseal_skip(side->unseal, body_bytes) : UM_OK;
}

/* A hole in a clear record: some servers put all the messages of a flight into one, and those in
 * front of it are whole. */
static int
take_torn(struct um_tls_side *side)
{
    struct um_span held = um_buf_span(&side->held);
    bool is_clear = side->has_place && !side->unseal && !side->is_waiting && side->skip == 0;
    int err = UM_OK;
    if (is_clear && held.len > UM_TLS_HEADER_BYTES && held.data[0] == UM_TLS_TYPE_HANDSHAKE)
        err = um_negotiate_push(side, um_span_from(held, UM_TLS_HEADER_BYTES));
    return err ? err : um_negotiate_tear(side);
}

int
um_place_gap(struct um_tls_side *side, uint64_t missing, enum um_gap_cause cause,
             const struct um_mark *where)
{
    size_t whole = 0;
    side->tls->info.bytes += missing;
    if (side->is_opaque)
        return UM_OK;
    int err = look_behind(side, where);
    if (err || side->is_opaque)
        return err;
    err = take_torn(side);
    if (err)
        return err;
    uint64_t held = side->held.len, left = side->skip;
    if (side->has_place && left == 0 &&
        um_tls_record_length(um_buf_span(&side->held), &whole) == UM_DONE)
        left = whole - held;
    um_place_empty(side);
    if (!side->has_place || left < missing) {
        lose_place(side, side->skip > 0 ? missing - side->skip : missing + held, cause, where);
        return skip_unread(side, SIZE_MAX);
    }
    side->skip = left - missing;
    if (whole == 0)
        return UM_OK; /* one more hole in the same record */
    um_side_lose(side, whole, 1, cause, where);
    return skip_unread(side, whole - UM_TLS_HEADER_BYTES);
}

/*
 * The end of a direction that cannot be read: whoever reads the other one must not take it for one
 * in which nothing was said.
 */
static int
tell_unread(struct um_tls_side *side, const struct um_mark *where)
{
    const struct um_tls_side *other = &side->tls->sides[1 - side->index];
    struct um_tls_loss loss = side->loss;
    if (!um_side_is_unread(side) || other->clear_offset == 0)
        return UM_OK;
    side->loss = (struct um_tls_loss){.cause = UM_GAP_SEALED, .where = *where};
    int err = um_side_gap(side, um_missing_exactly(1)); /* how many bytes they were nobody knows */
    side->loss = loss;
    return err;
}

int
um_place_end(struct um_tls_side *side, enum um_end why, const struct um_mark *where)
{
    int err = look_behind(side, where);
    if (side->held.len > 0 && side->unseal)
        lose_place(side, side->held.len, why == UM_END_CAPTURE ? UM_GAP_CUT : UM_GAP_LOST, where);
    um_place_empty(side);
    if (!err && side->loss.bytes > 0 && side->unseal && side->is_verified)
        err = um_side_gap(side, um_side_lost_clear(side, 1));
    if (err || side->is_ended)
        return err;
    err = tell_unread(side, where);
    if (err)
        return err;
    side->is_ended = true;
    um_passing_tell(&side->passing, &side->clear);
    return side->clear.end(side->clear.ctx, why, where);
}
