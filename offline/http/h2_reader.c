/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each place has one function that takes what it can off the input and says where to go on. */
#include "offline/http/h2_reader.h"

static const char preface[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";

enum { PREFACE_BYTES = sizeof preface - 1 };

void
um_h2_reader_init(struct um_h2_reader *reader, struct um_meter *meter,
                  const struct um_h2_reader_events *events)
{
    *reader = (struct um_h2_reader){.events = *events, .meter = meter, .is_unsure = true};
}

static void
drop_searched(struct um_h2_reader *reader)
{
    um_meter_give(reader->meter, reader->searched.len);
    um_buf_done(&reader->searched);
}

void
um_h2_reader_done(struct um_h2_reader *reader)
{
    drop_searched(reader);
}

/* Without memory for them, the bytes before are given up: a frame may begin with what follows. */
static int
keep_searched(struct um_h2_reader *reader, struct um_span bytes)
{
    if (!um_meter_take(reader->meter, bytes.len)) {
        drop_searched(reader);
        return UM_OK;
    }
    int err = um_buf_append(&reader->searched, bytes);
    if (err)
        um_meter_give(reader->meter, bytes.len);
    return err;
}

/* ---- frames ---- */

static int
end_frame(struct um_h2_reader *reader)
{
    reader->place = UM_H2_PLACE_HEAD;
    reader->head_len = 0;
    return reader->events.end(reader->events.ctx);
}

static int
begin_search(struct um_h2_reader *reader, struct um_span head)
{
    reader->place = UM_H2_PLACE_SEARCH;
    reader->searched_first = reader->first;
    reader->searched_last = reader->last;
    drop_searched(reader);
    int err = keep_searched(reader, head);
    return err ? err : reader->events.lose_place(reader->events.ctx);
}

/* The frame's head is there. */
static int
begin_frame(struct um_h2_reader *reader)
{
    struct um_span head = um_span_of(reader->head, reader->head_len);
    (void)um_h2_frame_read(head, &reader->frame);
    if (reader->is_unsure && !um_h2_frame_may_be_first(head))
        return begin_search(reader, head);
    reader->is_unsure = false;
    reader->place = UM_H2_PLACE_PAYLOAD;
    reader->left = reader->frame.length;
    int result = reader->events.begin(reader->events.ctx);
    return result == UM_OK && reader->left == 0 ? end_frame(reader) : result;
}

static int
read_head(struct um_h2_reader *reader, struct um_span *input, const struct um_chunk *chunk)
{
    struct um_span bytes = um_span_first(*input, UM_H2_FRAME_HEAD_BYTES - reader->head_len);
    *input = um_span_from(*input, bytes.len);
    if (reader->head_len == 0)
        reader->first = reader->last = chunk->first;
    um_mark_widen(&reader->first, &reader->last, chunk->first, chunk->last);
    memcpy(reader->head + reader->head_len, bytes.data, bytes.len);
    reader->head_len += bytes.len;
    return reader->head_len < UM_H2_FRAME_HEAD_BYTES ? UM_OK : begin_frame(reader);
}

static int
read_payload(struct um_h2_reader *reader, struct um_span *input, const struct um_chunk *chunk)
{
    struct um_span bytes = um_span_first(*input, reader->left);
    *input = um_span_from(*input, bytes.len);
    um_mark_widen(&reader->first, &reader->last, chunk->first, chunk->last);
    int result = reader->events.payload(reader->events.ctx, bytes);
    reader->left -= (uint32_t)bytes.len;
    return result == UM_OK && reader->left == 0 ? end_frame(reader) : result;
}

static int read_bytes(struct um_h2_reader *reader, struct um_span input,
                      const struct um_chunk *chunk);

static int
read_preface(struct um_h2_reader *reader, struct um_span *input, const struct um_chunk *chunk)
{
    while (input->len > 0 && reader->preface_len < PREFACE_BYTES) {
        if (input->data[0] != (uint8_t)preface[reader->preface_len]) {
            /* what was taken for the preface is none: it is frames */
            reader->place = UM_H2_PLACE_HEAD;
            return read_bytes(reader, um_span_of(preface, reader->preface_len), chunk);
        }
        reader->preface_len++;
        *input = um_span_from(*input, 1);
    }
    if (reader->preface_len < PREFACE_BYTES)
        return UM_OK;
    reader->place = UM_H2_PLACE_HEAD;
    reader->is_unsure = false;
    return reader->events.preface(reader->events.ctx);
}

/* ---- searching ---- */

/* A frame begins at `at` of what was gathered: reading goes on from there. */
static int
go_on_from(struct um_h2_reader *reader, size_t at)
{
    struct um_buf found = reader->searched;
    um_meter_give(reader->meter, found.len);
    reader->searched = (struct um_buf){0};
    reader->place = UM_H2_PLACE_HEAD;
    reader->head_len = 0;
    struct um_chunk all = {.bytes = um_span_from(um_buf_span(&found), at),
                           .first = reader->searched_first,
                           .last = reader->searched_last};
    int result = read_bytes(reader, all.bytes, &all);
    um_buf_done(&found);
    return result;
}

static int
search(struct um_h2_reader *reader, struct um_span *input, const struct um_chunk *chunk)
{
    size_t new_bytes = input->len;
    int err = keep_searched(reader, *input);
    *input = um_span_of(NULL, 0);
    if (err)
        return err;
    bool is_found;
    size_t at = um_h2_frame_find(um_buf_span(&reader->searched), false, &is_found);
    um_buf_drop(&reader->searched, at);
    um_meter_give(reader->meter, at);
    if (reader->searched.len <= new_bytes) /* the packets before brought nothing of it */
        reader->searched_first = reader->searched_last = chunk->first;
    um_mark_widen(&reader->searched_first, &reader->searched_last, chunk->first, chunk->last);
    reader->is_settled = false;
    return is_found ? go_on_from(reader, 0) : UM_OK;
}

int
um_h2_reader_settle(struct um_h2_reader *reader)
{
    if (reader->place != UM_H2_PLACE_SEARCH || reader->is_settled)
        return UM_OK;
    reader->is_settled = true;
    bool is_found;
    size_t at = um_h2_frame_find(um_buf_span(&reader->searched), true, &is_found);
    return is_found ? go_on_from(reader, at) : UM_OK;
}

/* ---- what comes in ---- */

static int
read_bytes(struct um_h2_reader *reader, struct um_span input, const struct um_chunk *chunk)
{
    int result = UM_OK;
    while (result == UM_OK && input.len > 0) {
        switch (reader->place) {
        case UM_H2_PLACE_PREFACE:
            result = read_preface(reader, &input, chunk);
            break;
        case UM_H2_PLACE_HEAD:
            result = read_head(reader, &input, chunk);
            break;
        case UM_H2_PLACE_PAYLOAD:
            result = read_payload(reader, &input, chunk);
            break;
        case UM_H2_PLACE_SEARCH:
            result = search(reader, &input, chunk);
            break;
        default:
            return UM_SINK_ENOUGH;
        }
    }
    if (result != UM_OK)
        reader->place = UM_H2_PLACE_OVER;
    return result;
}

int
um_h2_reader_data(struct um_h2_reader *reader, const struct um_chunk *chunk)
{
    return read_bytes(reader, chunk->bytes, chunk);
}

static int
lose_place(struct um_h2_reader *reader)
{
    drop_searched(reader);
    reader->place = UM_H2_PLACE_HEAD;
    reader->head_len = 0;
    reader->is_unsure = true;
    return reader->events.lose_place(reader->events.ctx);
}

/* Of unknown length it takes all that is left of a frame: nobody knows where in it it ends. */
int
um_h2_reader_gap(struct um_h2_reader *reader, struct um_missing missing)
{
    bool is_known = missing.least == missing.most;
    bool is_place_lost = true;
    if (reader->place == UM_H2_PLACE_OVER)
        return UM_SINK_ENOUGH;
    int result = UM_OK;
    if (reader->place == UM_H2_PLACE_PAYLOAD) {
        bool is_inside = is_known && missing.most < reader->left;
        is_place_lost = !is_known || missing.most > reader->left;
        uint32_t in_frame = is_inside ? (uint32_t)missing.most : reader->left;
        reader->left -= in_frame;
        reader->events.lose_payload(reader->events.ctx, in_frame);
        result = reader->left == 0 ? end_frame(reader) : UM_OK;
    }
    if (result == UM_OK && is_place_lost)
        result = lose_place(reader);
    if (result != UM_OK)
        reader->place = UM_H2_PLACE_OVER;
    return result;
}

int
um_h2_reader_end(struct um_h2_reader *reader)
{
    reader->is_settled = false;
    int result = um_h2_reader_settle(reader);
    if (result == UM_OK && reader->place == UM_H2_PLACE_PAYLOAD)
        result = um_h2_reader_gap(reader, um_missing_exactly(reader->left));
    reader->place = UM_H2_PLACE_OVER;
    return result;
}
