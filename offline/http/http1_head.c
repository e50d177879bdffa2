/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A head in pieces is copied until its empty line. What its first line is, is looked at with each
 * piece: where none was, the search goes on inside what was collected.
 */
#include "offline/http/http1_head.h"

#include "core/base/err.h"

/* ---- what is collected ---- */

void
um_http1_head_drop(struct um_http1 *http)
{
    um_meter_give(http->meter, http->head.len);
    um_buf_done(&http->head);
}

static void
begin_head(struct um_http1 *http, bool is_found_again)
{
    um_http1_head_drop(http);
    http->place = UM_HTTP1_HEAD;
    http->is_first_line = true;
    http->has_line_text = false;
    http->head_limits = 0;
    http->is_found_again = is_found_again;
    http->is_in_word = false;
    http->first = http->last = (struct um_mark){0};
}

size_t
um_http1_head_room(const struct um_http1 *http)
{
    uint64_t max = http->limits->max[UM_LIMIT_HEAD];
    return http->head.len < max && !http->head_limits ? (size_t)(max - http->head.len) : 0;
}

int
um_http1_head_keep(struct um_http1 *http, struct um_span bytes)
{
    struct um_span kept = um_span_first(bytes, um_http1_head_room(http));
    if (!um_meter_take(http->meter, kept.len)) {
        http->head_limits |= UM_HTTP_LIMIT_MEMORY;
        return UM_OK;
    }
    int err = http->head.cap == 0 ? um_buf_reserve(&http->head, UM_HTTP_HEAD_USUAL) : UM_OK;
    if (!err)
        err = um_buf_append(&http->head, kept);
    if (err)
        um_meter_give(http->meter, kept.len);
    else if (kept.len < bytes.len)
        http->head_limits |= http->head_limits ? 0 : UM_HTTP_LIMIT_HEAD;
    return err;
}

/* ---- the first line ---- */

/*
 * Bytes that begin no message stand where one belongs: the end of the body before, as long as a
 * hole leaves open where that is; else the place is lost, and with it perhaps the beginning of a
 * message.
 */
static int
pass_over(struct um_http1 *http, uint64_t bytes)
{
    enum um_http1_doubt doubt = http->doubt;
    if (doubt == UM_HTTP1_DOUBT_NEAR && bytes <= http->slack) {
        http->slack -= bytes;
        return UM_OK;
    }
    http->slack = 0;
    http->doubt = UM_HTTP1_DOUBT_NONE;
    http->is_found_again = true;
    if (doubt == UM_HTTP1_DOUBT_NEAR)
        return http->events.lost(http->events.ctx);
    return doubt == UM_HTTP1_DOUBT_BEGINNING ? http->events.began_inside(http->events.ctx) : UM_OK;
}

/*
 * What was taken for a head begins with no start line. A real one may stand inside what was
 * collected, behind the rest of a body whose beginning is missing.
 */
static int
find_inside(struct um_http1 *http, size_t line_len)
{
    struct um_span head = um_buf_span(&http->head);
    size_t at = um_http_head_find(head, 1, http->before, http->look);
    http->is_in_word = um_http_head_is_word(head.data[at - 1]);
    um_buf_drop(&http->head, at);
    um_meter_give(http->meter, at);
    if (http->head.len <= line_len) { /* the packets before brought nothing of it */
        http->first = http->chunk->first;
        http->last = http->chunk->last;
    }
    return pass_over(http, at);
}

static enum um_step
look_at(const struct um_http1 *http, struct um_span head)
{
    bool is_sure = !http->is_found_again && http->doubt != UM_HTTP1_DOUBT_NEAR;
    enum um_http_look look = http->is_in_word ? UM_HTTP_LOOK_REPLY : http->look;
    return um_http_head_look(head, is_sure ? UM_HTTP_LOOK_ANY : look);
}

static enum um_step
look_at_head(const struct um_http1 *http)
{
    return look_at(http, um_buf_span(&http->head));
}

/*
 * Looks at what is there of the first line, of which `line_len` bytes came last; goes searching
 * when it cannot be one, or is longer than all that is kept. Not inlined: most heads are read where
 * they lie, and would save the registers that it needs.
 */
__attribute__((noinline)) static int
check_first_line(struct um_http1 *http, size_t line_len)
{
    enum um_step step = look_at_head(http);
    while (step == UM_BAD && http->head.len > 0) {
        int err = find_inside(http, line_len);
        if (err)
            return err;
        step = http->head.len > 0 ? look_at_head(http) : UM_BAD;
    }
    http->is_first_line = step != UM_DONE;
    bool is_too_long = step == UM_MORE && um_http1_head_room(http) == 0;
    if (step != UM_BAD && !is_too_long)
        return UM_OK;
    http->place = UM_HTTP1_SEARCH;
    um_http1_head_drop(http);
    if (!is_too_long)
        return UM_OK;
    unsigned limit = http->head_limits ? http->head_limits : UM_HTTP_LIMIT_HEAD;
    http->doubt = UM_HTTP1_DOUBT_NONE;
    return http->events.too_long(http->events.ctx, limit, &http->first, http->is_found_again);
}

/* ---- the whole ---- */

/* Most heads come in one piece: such a one is read where it lies. NULL: it must be collected. */
static int
read_whole_head(const struct um_http1 *http, struct um_span input, struct um_http_message **out)
{
    *out = NULL;
    if (http->head.len > 0 || !http->is_first_line || look_at(http, input) != UM_DONE)
        return UM_OK;
    int err = um_http_head_parse_whole(um_span_first(input, um_http1_head_room(http)), out);
    return err == UM_ERR_FORMAT ? UM_OK : err;
}

/* The head that was collected is as long as it gets. */
static int
end_head(struct um_http1 *http, struct um_http_message **out)
{
    int err = um_http_head_parse(um_buf_span(&http->head), out);
    um_http1_head_drop(http);
    if (err != UM_ERR_FORMAT)
        return err;
    http->place = UM_HTTP1_SEARCH;
    return UM_OK;
}

/* As in a head that is read where it lies: white space alone is a line that goes on (obs-fold). */
static bool
is_line_end(struct um_span bytes)
{
    size_t at = 0;
    while (at < bytes.len && (bytes.data[at] == '\r' || bytes.data[at] == '\n'))
        at++;
    return at == bytes.len;
}

int
um_http1_head_read(struct um_http1 *http, struct um_span *input, struct um_http_message **out)
{
    int err = read_whole_head(http, *input, out);
    if (err)
        return err;
    if (*out) {
        *input = um_span_from(*input, (*out)->head.len);
        http->is_first_line = false;
        return UM_OK;
    }
    struct um_span line = um_span_first(*input, um_span_find(*input, '\n') + 1);
    if (http->is_first_line)
        line = um_span_first(line, um_http1_head_room(http));
    *input = um_span_from(*input, line.len);
    err = um_http1_head_keep(http, line);
    if (err)
        return err;

    if (http->is_first_line)
        return check_first_line(http, line.len);
    http->has_line_text = http->has_line_text || !is_line_end(line);
    if (line.data[line.len - 1] != '\n')
        return UM_OK;
    bool is_over = !http->has_line_text;
    http->has_line_text = false;
    return is_over ? end_head(http, out) : UM_OK;
}

int
um_http1_head_cut(struct um_http1 *http, struct um_http_message **out)
{
    *out = NULL;
    if (!http->is_first_line)
        return end_head(http, out);
    http->place = UM_HTTP1_SEARCH;
    return http->events.lost(http->events.ctx);
}

/* ---- where one may begin ---- */

void
um_http1_head_await(struct um_http1 *http, struct um_span *input)
{
    while (input->len > 0 && (input->data[0] == '\r' || input->data[0] == '\n'))
        *input = um_span_from(*input, 1);
    if (input->len > 0)
        begin_head(http, false);
}

int
um_http1_head_search(struct um_http1 *http, struct um_span *input)
{
    size_t at = um_http_head_find(*input, 0, http->before, http->look);
    uint8_t before = at > 0 ? input->data[at - 1] : http->before;
    int err = pass_over(http, at);
    *input = um_span_from(*input, at);
    if (err || input->len == 0)
        return err;
    begin_head(http, http->doubt != UM_HTTP1_DOUBT_NEAR);
    http->is_in_word = um_http_head_is_word(before);
    return UM_OK;
}
