/* SPDX-License-Identifier: GPL-2.0-or-later */
/* "umtrace: GetCallInfo reply, call 3, Connected" and the like. */
#include "offline/extract_comments.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "core/base/room.h"
#include "offline/report/safe_text.h"

static int
add(struct um_extract_comments *comments, uint64_t frame, struct um_span text)
{
    struct um_extract_comment *items =
        um_room_for_one(comments->items, &comments->cap, comments->count, sizeof *items);
    if (!items)
        return UM_ERR_NOMEM;
    comments->items = items;
    items[comments->count++] = (struct um_extract_comment){.frame = frame, .text = text};
    return UM_OK;
}

static int
append(struct um_buf *text, const char *before, struct um_span wire)
{
    int err = um_buf_append(text, um_span_text(before));
    return err ? err : um_safe_text_append(text, um_finding_excerpt(wire), true);
}

/* What a reply says, behind the words that every message gets. */
static int
append_answer(struct um_buf *text, const struct um_exchange_record *record)
{
    char status[32];
    (void)snprintf(status, sizeof status, "HTTP %u", record->http_status);
    struct um_span fault =
        record->fault_exception.len > 0 ? record->fault_exception : record->fault_code;
    int err = UM_OK;
    if (record->state.len > 0)
        err = append(text, ", ", record->state);
    if (!err && record->cause.len > 0)
        err = append(text, " ", record->cause);
    if (!err && (record->is_fault || record->is_service_error))
        err = append(text, ", refused: ", fault);
    else if (!err && record->http_status >= 400)
        err = append(text, ", ", um_span_text(status));
    return err;
}

static int
describe(const struct um_calls *calls, const struct um_exchange_record *record, const char *what,
         struct um_buf *text)
{
    const char *operation = um_operation_name(record->operation);
    char head[96];
    int len =
        snprintf(head, sizeof head, "umtrace: %s %s", *operation ? operation : "unknown", what);
    if (record->call != SIZE_MAX && len > 0)
        (void)snprintf(head + len, sizeof head - (size_t)len, ", call %u",
                       um_calls_at(calls, record->call)->number);
    int err = um_buf_append(text, um_span_text(head));
    return err || strcmp(what, "reply") != 0 ? err : append_answer(text, record);
}

static int
add_message(struct um_extract_comments *comments, const struct um_buf *text,
            const struct um_mark *first, const struct um_mark *last)
{
    struct um_span kept;
    int err = um_arena_copy(&comments->arena, um_buf_span(text), &kept);
    if (!err)
        err = add(comments, first->frame, kept);
    if (!err && last->frame != first->frame)
        err = add(comments, last->frame, kept);
    return err;
}

int
um_extract_comments_add(struct um_extract_comments *comments, const struct um_calls *calls,
                        const struct um_exchange_record *record)
{
    struct um_buf text = {0};
    int err = UM_OK;
    if (record->has_request) {
        err = describe(calls, record, "request", &text);
        if (!err)
            err = add_message(comments, &text, &record->request_first, &record->request_last);
    }
    um_buf_clear(&text);
    if (!err && record->has_reply) {
        err = describe(calls, record, "reply", &text);
        if (!err)
            err = add_message(comments, &text, &record->reply_first, &record->reply_last);
    }
    um_buf_done(&text);
    return err;
}

static int
by_frame(const void *left, const void *right)
{
    const struct um_extract_comment *a = left, *b = right;
    int order = (a->frame > b->frame) - (a->frame < b->frame);
    return order ? order : (a > b) - (a < b);
}

void
um_extract_comments_sort(struct um_extract_comments *comments)
{
    if (comments->count > 1)
        qsort(comments->items, comments->count, sizeof *comments->items, by_frame);
}

const struct um_extract_comment *
um_extract_comments_of(const struct um_extract_comments *comments, uint64_t frame, size_t *count)
{
    size_t low = 0, high = comments->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (comments->items[middle].frame < frame)
            low = middle + 1;
        else
            high = middle;
    }
    *count = 0;
    while (low + *count < comments->count && comments->items[low + *count].frame == frame)
        ++*count;
    return comments->items + low;
}

void
um_extract_comments_done(struct um_extract_comments *comments)
{
    um_arena_done(&comments->arena);
    free(comments->items);
    *comments = (struct um_extract_comments){0};
}
