/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Dialogues played into a connection in pieces, with a hole wherever it is wanted. */
#include "tests/http/h1_talk.h"

#include <stdio.h>

/* The observer's part of a message. */
struct noted {
    struct um_buf body;
    bool is_done;
};

static int
take_head(void *ctx, struct um_http_message *message, bool *wants_body)
{
    struct um_h1_heard *heard = ctx;
    heard->heads++;
    *wants_body = true;
    message->user = calloc(1, sizeof(struct noted));
    return message->user ? UM_OK : UM_ERR_NOMEM;
}

static int
take_body(void *ctx, struct um_http_message *message, struct um_span bytes, bool *wants_more)
{
    (void)ctx;
    struct noted *noted = message->user;
    assert_true(*wants_more);
    assert_false(noted->is_done);
    return um_buf_append(&noted->body, bytes);
}

static int
take_done(void *ctx, struct um_http_message *message)
{
    struct um_h1_heard *heard = ctx;
    struct noted *noted = message->user;
    heard->dones++;
    assert_false(noted->is_done);
    noted->is_done = true;
    return UM_OK;
}

static void
forget(void *ctx, struct um_http_message *message)
{
    struct um_h1_heard *heard = ctx;
    struct noted *noted = message->user;
    if (!noted)
        return;
    heard->forgotten++;
    um_buf_done(&noted->body);
    free(noted);
    message->user = NULL;
}

static int
say(struct um_h1_heard *heard, const char *text)
{
    return um_buf_append(&heard->text, um_span_text(text));
}

static int
say_message(struct um_h1_heard *heard, const struct um_http_message *message)
{
    char start[128], end[128];
    const struct noted *noted = message->user;
    if (message->is_reply)
        (void)snprintf(start, sizeof start, "%u", message->status);
    else
        (void)snprintf(start, sizeof start, "%.*s %.*s", (int)message->method.len,
                       (const char *)message->method.data, (int)message->target.len,
                       (const char *)message->target.data);
    (void)snprintf(end, sizeof end, "(%.*s)%s", (int)noted->body.len,
                   noted->body.len ? (const char *)noted->body.data : "",
                   message->complete ? "" : "!");
    assert_true(noted->is_done);
    assert_true(message->first.frame <= message->last.frame);
    int err = say(heard, start);
    return err ? err : say(heard, end);
}

static int
take_exchange(void *ctx, struct um_http_message *request, struct um_http_message *reply,
              enum um_unanswered why)
{
    static const char *const reasons[] = {
        [UM_UNANSWERED_NO] = "no",
        [UM_UNANSWERED_RESET] = "reset",
        [UM_UNANSWERED_CLOSED] = "closed",
        [UM_UNANSWERED_CAPTURE_END] = "end",
        [UM_UNANSWERED_LOST] = "lost",
        [UM_UNANSWERED_ONE_SIDED] = "one-sided",
        [UM_UNANSWERED_GIVEN_UP] = "given-up",
    };
    struct um_h1_heard *heard = ctx;
    int err = request ? say_message(heard, request) : say(heard, "-");
    if (!err)
        err = say(heard, "+");
    if (!err)
        err = reply ? say_message(heard, reply) : say(heard, "-");
    if (!err && !reply)
        err = say(heard, reasons[why]);
    return err ? err : say(heard, " ");
}

/* Tells of what was left out, before anything else. */
static void
tell_passed(struct um_h1_talk *play, int side, const struct um_mark *mark)
{
    if (play->passed[side] > 0)
        play->sinks[side].passed(play->sinks[side].ctx, play->passed[side], mark);
    play->passed[side] = 0;
}

/* The sink is told of a hole, in the bounds that it is known in. */
static int
tell_hole(struct um_h1_talk *play, int side, size_t len, const struct um_mark *mark)
{
    struct um_missing missing = {.least = len > play->less ? len - play->less : 0,
                                 .most = len + play->more};
    tell_passed(play, side, mark);
    play->unneeded[side] = 0;
    return play->sinks[side].gap(play->sinks[side].ctx, missing, UM_GAP_LOST, mark);
}

/* One piece, or nothing of it when the sink has no use for it. What the sink returned. */
static int
give_piece(struct um_h1_talk *play, int side, struct um_span piece, struct um_mark mark)
{
    if (piece.len <= play->unneeded[side]) {
        play->unneeded[side] -= piece.len;
        play->passed[side] += piece.len;
        return UM_OK;
    }
    tell_passed(play, side, &mark);
    uint8_t *exact = um_test_exact_copy(piece.data, piece.len);
    struct um_chunk chunk = {.bytes = um_span_of(exact, piece.len),
                             .offset = play->offsets[side],
                             .first = mark,
                             .last = mark};
    int result = play->sinks[side].data(play->sinks[side].ctx, &chunk);
    free(exact);
    play->unneeded[side] = result > 0 && result != UM_SINK_ENOUGH ? (size_t)result : 0;
    return result;
}

/* Gives one side's bytes, in pieces, with the hole where it belongs. */
static int
give(struct um_h1_talk *play, int side, const char *bytes, size_t len)
{
    while (len > 0) {
        struct um_mark mark = {.frame = ++play->frame, .time_ns = (int64_t)play->frame};
        bool in_hole = play->hole_len > 0 && play->sent >= play->hole_at &&
                       play->sent < play->hole_at + play->hole_len;
        size_t step = play->piece < len ? play->piece : len;
        if (in_hole && step > play->hole_at + play->hole_len - play->sent)
            step = (size_t)(play->hole_at + play->hole_len - play->sent);
        if (!in_hole && play->hole_len > 0 && play->sent < play->hole_at &&
            step > play->hole_at - play->sent)
            step = (size_t)(play->hole_at - play->sent);
        int result = in_hole ? tell_hole(play, side, step, &mark)
                             : give_piece(play, side, um_span_of(bytes, step), mark);
        if (result < 0)
            return result;
        play->offsets[side] += step;
        play->sent += step;
        bytes += step;
        len -= step;
    }
    return UM_OK;
}

/* Undoes \r and \n; returns the length. */
static size_t
unescape(const char *text, size_t len, char *out)
{
    size_t count = 0;
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\\' && i + 1 < len) {
            i++;
            out[count++] = text[i] == 'r' ? '\r' : text[i] == 'n' ? '\n' : text[i];
        } else {
            out[count++] = text[i];
        }
    }
    return count;
}

int
um_h1_talk_say(struct um_h1_talk *play, const char *dialogue)
{
    char bytes[4096];
    while (*dialogue) {
        size_t line = strcspn(dialogue, "\n");
        assert_true(dialogue[0] == '>' || dialogue[0] == '<');
        size_t len = unescape(dialogue + 1, line - 1, bytes);
        int err = give(play, dialogue[0] == '>' ? 0 : 1, bytes, len);
        if (err)
            return err;
        dialogue += line + (dialogue[line] == '\n' ? 1 : 0);
    }
    return UM_OK;
}

int
um_h1_talk_open(struct um_h1_talk *play, struct um_h1_heard *heard)
{
    const struct um_http_events events = {.ctx = heard,
                                          .head = take_head,
                                          .body = take_body,
                                          .done = take_done,
                                          .exchange = take_exchange,
                                          .forget = forget};
    const struct um_endpoint ends[2] = {{.address = {1}, .address_len = 4, .port = 40000},
                                        {.address = {2}, .address_len = 4, .port = 80}};
    play->meter = (struct um_meter){.max = play->memory ? play->memory : UINT64_MAX};
    um_limits_init(&play->limits);
    play->limits.max[UM_LIMIT_REQUESTS] = 4;
    play->limits.max[UM_LIMIT_HEAD] = 200;
    int err =
        um_http_connection_new(&play->limits, &play->meter, &events, 1, ends, &play->connection);
    for (int side = 0; side < 2 && !err && play->connection; side++)
        play->sinks[side] = um_http_connection_sink(play->connection, side);
    return err;
}

int
um_h1_talk_play(struct um_h1_talk *play, const char *dialogue, enum um_end why,
                struct um_h1_heard *heard)
{
    int err = um_h1_talk_open(play, heard);
    if (err)
        return err;
    err = um_h1_talk_say(play, dialogue);
    struct um_mark mark = {.frame = play->frame + 1};
    for (int side = 0; side < 2 && !err; side++) {
        tell_passed(play, side, &mark);
        err = play->sinks[side].end(play->sinks[side].ctx, why, &mark);
    }
    if (err) {
        um_http_connection_free(play->connection);
    } else {
        err = um_http_connection_close(play->connection);
    }
    assert_int_equal(play->meter.used, 0);
    if (!err) {
        assert_int_equal(heard->heads, heard->dones);
        assert_int_equal(heard->heads, heard->forgotten);
    }
    return err;
}

void
um_h1_talk_assert(const char *dialogue, enum um_end why, const char *wanted)
{
    for (size_t piece = 1; piece <= 4096; piece = piece < 8 ? piece + 1 : piece * 8) {
        struct um_h1_heard heard = {0};
        struct um_h1_talk play = {.piece = piece};
        assert_int_equal(um_h1_talk_play(&play, dialogue, why, &heard), UM_OK);
        struct um_span told = um_buf_span(&heard.text);
        if (!um_span_equal(um_span_trim(told), um_span_text(wanted)))
            fail_msg("in pieces of %zu heard '%.*s', not '%s'", piece, (int)told.len,
                     told.len ? (const char *)told.data : "", wanted);
        um_buf_done(&heard.text);
    }
}
