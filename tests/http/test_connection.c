/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP connections from dialogues. A dialogue is text: a line that begins with '>' is what the
 * client sends, '<' the server, up to the line's end, with \r and \n written as they are in C. What
 * is heard is text too: "GET /a(body)+200(body) " for a pair; '!' marks what is not complete, '-' a
 * side that is missing, with the reason behind it.
 */
#include "tests/support/support.h"

#include <stdio.h>

#include "core/base/buf.h"
#include "offline/http/connection.h"

enum { HOLE = 1 << 16 };

struct heard {
    struct um_buf text;
    unsigned heads, dones, forgotten;
};

/* The observer's part of a message. */
struct noted {
    struct um_buf body;
    bool is_done;
};

static int
take_head(void *ctx, struct um_http_message *message, bool *wants_body)
{
    struct heard *heard = ctx;
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
    struct heard *heard = ctx;
    struct noted *noted = message->user;
    heard->dones++;
    assert_false(noted->is_done);
    noted->is_done = true;
    return UM_OK;
}

static void
forget(void *ctx, struct um_http_message *message)
{
    struct heard *heard = ctx;
    struct noted *noted = message->user;
    if (!noted)
        return;
    heard->forgotten++;
    um_buf_done(&noted->body);
    free(noted);
    message->user = NULL;
}

static int
say(struct heard *heard, const char *text)
{
    return um_buf_append(&heard->text, um_span_text(text));
}

static int
say_message(struct heard *heard, const struct um_http_message *message)
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
        [UM_UNANSWERED_NO] = "no",         [UM_UNANSWERED_RESET] = "reset",
        [UM_UNANSWERED_CLOSED] = "closed", [UM_UNANSWERED_CAPTURE_END] = "end",
        [UM_UNANSWERED_LOST] = "lost",     [UM_UNANSWERED_ONE_SIDED] = "one-sided",
    };
    struct heard *heard = ctx;
    int err = request ? say_message(heard, request) : say(heard, "-");
    if (!err)
        err = say(heard, "+");
    if (!err)
        err = reply ? say_message(heard, reply) : say(heard, "-");
    if (!err && !reply)
        err = say(heard, reasons[why]);
    return err ? err : say(heard, " ");
}

struct play {
    struct um_http_connection *connection;
    struct um_sink sinks[2];
    uint64_t offsets[2];
    uint64_t frame;
    size_t piece;      /* bytes of a chunk */
    uint64_t sent;     /* bytes of the dialogue so far, both sides */
    uint64_t hole_at;  /* byte of the dialogue where a hole begins */
    uint64_t hole_len; /* 0: none */
    uint64_t memory;   /* the limit; 0: none */
};

/* Gives one side's bytes, in pieces, with the hole where it belongs. */
static int
give(struct play *play, int side, const char *bytes, size_t len)
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
        int result;
        if (in_hole) {
            result = play->sinks[side].gap(play->sinks[side].ctx, step, UM_GAP_LOST, &mark);
        } else {
            uint8_t *exact = um_test_exact_copy(bytes, step);
            struct um_chunk chunk = {.bytes = um_span_of(exact, step),
                                     .offset = play->offsets[side],
                                     .first = mark,
                                     .last = mark};
            result = play->sinks[side].data(play->sinks[side].ctx, &chunk);
            free(exact);
        }
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

static int
give_dialogue(struct play *play, const char *dialogue)
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

/* Plays a whole connection. 0 or the error met. */
static int
perform(struct play *play, const char *dialogue, enum um_end why, struct heard *heard)
{
    struct um_limits limits;
    struct um_meter meter = {.max = play->memory ? play->memory : UINT64_MAX};
    um_limits_init(&limits);
    limits.max[UM_LIMIT_REQUESTS] = 4;
    limits.max[UM_LIMIT_HEAD] = 200;
    struct um_http_events events = {.ctx = heard,
                                    .head = take_head,
                                    .body = take_body,
                                    .done = take_done,
                                    .exchange = take_exchange,
                                    .forget = forget};
    const struct um_endpoint ends[2] = {{.address = {1}, .address_len = 4, .port = 40000},
                                        {.address = {2}, .address_len = 4, .port = 80}};
    int err = um_http_connection_new(&limits, &meter, &events, 1, ends, &play->connection);
    if (err)
        return err;
    play->sinks[0] = um_http_connection_sink(play->connection, 0);
    play->sinks[1] = um_http_connection_sink(play->connection, 1);
    err = give_dialogue(play, dialogue);
    struct um_mark mark = {.frame = play->frame + 1};
    for (int side = 0; side < 2 && !err; side++)
        err = play->sinks[side].end(play->sinks[side].ctx, why, &mark);
    if (err) {
        um_http_connection_free(play->connection);
    } else {
        err = um_http_connection_close(play->connection);
    }
    assert_int_equal(meter.used, 0);
    if (!err) {
        assert_int_equal(heard->heads, heard->dones);
        assert_int_equal(heard->heads, heard->forgotten);
    }
    return err;
}

static void
assert_plays(const char *dialogue, enum um_end why, const char *wanted)
{
    for (size_t piece = 1; piece <= 4096; piece = piece < 8 ? piece + 1 : piece * 8) {
        struct heard heard = {0};
        struct play play = {.piece = piece};
        assert_int_equal(perform(&play, dialogue, why, &heard), UM_OK);
        struct um_span told = um_buf_span(&heard.text);
        if (!um_span_equal(um_span_trim(told), um_span_text(wanted)))
            fail_msg("in pieces of %zu heard '%.*s', not '%s'", piece, (int)told.len,
                     told.len ? (const char *)told.data : "", wanted);
        um_buf_done(&heard.text);
    }
}

#define GET(path) ">GET " path " HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\n"
#define POST(path, body, len)                                                                      \
    ">POST " path " HTTP/1.1\\r\\nContent-Length: " len "\\r\\n\\r\\n" body "\n"
#define OK(body, len) "<HTTP/1.1 200 OK\\r\\nContent-Length: " len "\\r\\n\\r\\n" body "\n"

static void
messages_pair_in_order(void **state)
{
    (void)state;
    assert_plays(POST("/a", "one", "3") OK("uno", "3") GET("/b") OK("", "0"), UM_END_FIN,
                 "POST /a(one)+200(uno) GET /b()+200()");
}

static void
pipelined_requests_find_their_replies(void **state)
{
    (void)state;
    assert_plays(GET("/a") GET("/b") GET("/c") OK("1", "1") OK("22", "2") OK("333", "3"),
                 UM_END_FIN, "GET /a()+200(1) GET /b()+200(22) GET /c()+200(333)");
}

static void
every_framing_ends_where_it_should(void **state)
{
    (void)state;
    static const char *const cases[][2] = {
        {GET("/a") "<HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
                   "3\\r\\nabc\\r\\n00A;x=y\\r\\n0123456789\\r\\n0\\r\\nTrailer: "
                   "t\\r\\n\\r\\n\n" GET("/b") OK("", "0"),
         "GET /a()+200(abc0123456789) GET /b()+200()"},
        {GET("/a") "<HTTP/1.0 200 OK\\r\\n\\r\\nto the end\n", "GET /a()+200(to the end)"},
        {">HEAD /a HTTP/1.1\\r\\n\\r\\n\n<HTTP/1.1 200 OK\\r\\nContent-Length: "
         "99\\r\\n\\r\\n\n" GET("/b") "<HTTP/1.1 304 Not Modified\\r\\nContent-Length: "
                                      "99\\r\\n\\r\\n\n" GET(
                                          "/c") "<HTTP/1.1 204 No Content\\r\\n\\r\\n\n",
         "HEAD /a()+200() GET /b()+304() GET /c()+204()"},
        {">POST /a HTTP/1.1\\r\\nExpect: 100-continue\\r\\nContent-Length: 2\\r\\n\\r\\n\n"
         "<HTTP/1.1 100 Continue\\r\\n\\r\\n\n>hi\n" OK("ok", "2"),
         "POST /a(hi)+200(ok)"},
        {POST("/a", "late", "9") OK("no", "2"), "POST /a(late)!+200(no)"},
        {">GET /a HTTP/1.1\\nHost: x\\n\\n\n<HTTP/1.1 200 OK\\nContent-Length:\\n\\t2\\n\\nhi\n",
         "GET /a()+200(hi)"},
        {">\\r\\n\\r\\nGET /a HTTP/1.1\\r\\n\\r\\n\n" OK("x", "1"), "GET /a()+200(x)"},
        {GET("/a") "<HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nContent-Length: "
                   "2\\r\\n\\r\\nhi\n" GET("/b") OK("", "0"),
         "GET /a()+200(hi) GET /b()+200()"},
        {GET("/a") "<HTTP/1.1 200 OK\\r\\nContent-Length: 9\\r\\nTransfer-Encoding: chunked\\r\\n"
                   "\\r\\n2\\r\\nhi\\r\\n0\\r\\n\\r\\n\n" GET("/b") OK("", "0"),
         "GET /a()+200(hi) GET /b()+200()"},
        {GET("/a") "<HTTP/1.1 200 OK\\r\\nTransfer-Encoding: "
                   "chunked\\r\\n\\r\\n2\\r\\nhi\\r\\n0\\r\\n"
                   "\n",
         "GET /a()+200(hi)"},
        {GET("/a") "<HTTP/1.1 200 OK\\r\\nContent-Length: -1\\r\\n\\r\\nall\n",
         "GET /a()+200(all)"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_plays(cases[i][0], UM_END_FIN, cases[i][1]);
}

static void
broken_chunks_lose_the_message_but_not_the_next_one(void **state)
{
    (void)state;
    assert_plays(GET("/a") "<HTTP/1.1 200 OK\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
                           "2\\r\\nhi\\r\\nzz\\r\\n\n" GET("/b") OK("x", "1"),
                 UM_END_FIN, "GET /a()+200(hi)! GET /b()+200(x)");
}

static void
nothing_is_read_behind_an_upgrade_or_in_a_tunnel(void **state)
{
    (void)state;
    assert_plays(GET("/a") "<HTTP/1.1 101 Switching\\r\\nUpgrade: x\\r\\n\\r\\n\n" GET("/b")
                     OK("", "0"),
                 UM_END_FIN, "GET /a()+101()");
    assert_plays(">CONNECT h:443 HTTP/1.1\\r\\n\\r\\n\n<HTTP/1.1 200 OK\\r\\n\\r\\n\n" GET("/b"),
                 UM_END_FIN, "CONNECT h:443()+200()");
    assert_plays(">CONNECT h:443 HTTP/1.1\\r\\n\\r\\n\n"
                 "<HTTP/1.1 407 No\\r\\nContent-Length: 2\\r\\n\\r\\nno\n" GET("/b") OK("", "0"),
                 UM_END_FIN, "CONNECT h:443()+407(no) GET /b()+200()");
}

static void
reason_of_a_missing_reply_is_told(void **state)
{
    (void)state;
    assert_plays(GET("/a"), UM_END_FIN, "GET /a()+-closed");
    assert_plays(GET("/a"), UM_END_RESET, "GET /a()+-reset");
    assert_plays(GET("/a"), UM_END_CAPTURE, "GET /a()+-end");
}

static void
request_above_the_limit_goes_unanswered(void **state)
{
    (void)state;
    assert_plays(GET("/1") GET("/2") GET("/3") GET("/4") GET("/5"), UM_END_CAPTURE,
                 "GET /1()+-end GET /2()+-end GET /3()+-end GET /4()+-end GET /5()+-end");
}

/*
 * The oldest pair once went at the limit while its reply was being read, and the rest of that reply
 * was written into freed memory. Found by fuzz_http.
 */
static void
reply_that_is_being_read_does_not_go_at_the_limit(void **state)
{
    (void)state;
    assert_plays(GET("/1") "<HTTP/1.1 200 OK\\r\\nContent-Length: 10\\r\\n\\r\\n01234\n" GET("/2")
                     GET("/3") GET("/4") GET("/5") GET("/6") "<56789\n",
                 UM_END_FIN,
                 "GET /2()+-end GET /3()+-end GET /1()+200(0123456789) GET /4()+-closed "
                 "GET /5()+-closed GET /6()+-closed");
}

static void
long_head_is_read_past_and_framed_by_what_was_kept(void **state)
{
    (void)state;
    char dialogue[1024];
    char filler[400];
    memset(filler, 'f', sizeof filler - 1);
    filler[sizeof filler - 1] = '\0';
    (void)snprintf(
        dialogue, sizeof dialogue,
        GET("/a") "<HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nFiller: %s\\r\\n\\r\\nhi\n" GET(
            "/b") OK("", "0"),
        filler);
    assert_plays(dialogue, UM_END_FIN, "GET /a()+200(hi) GET /b()+200()");
}

/* Hole in the middle of a body of known length: the place is kept. */
static void
hole_inside_a_body_costs_that_body_only(void **state)
{
    (void)state;
    const char *dialogue = GET("/a") OK("0123456789", "10") GET("/b") OK("x", "1");
    struct heard heard = {0};
    /* 32 bytes of request, 39 of head, then two bytes of the body */
    struct play play = {.piece = 5,
                        .hole_at = strlen("GET /a HTTP/1.1rnHost: xrnrn") + 4 +
                                   strlen("HTTP/1.1 200 OKrnContent-Length: 10rnrn") + 2,
                        .hole_len = 4};
    assert_int_equal(perform(&play, dialogue, UM_END_FIN, &heard), UM_OK);
    struct um_span told = um_span_trim(um_buf_span(&heard.text));
    assert_true(um_span_starts(told, S("GET /a()+200(")));
    assert_true(um_span_search(told, S(")! GET /b()+200(x)")) < told.len);
    um_buf_done(&heard.text);
}

/*
 * A hole of any length at any byte: nothing is invented, and nothing is paired with what it does
 * not belong to. Bodies say which exchange they are of.
 */
static void
hole_anywhere_pairs_nothing_wrongly(void **state)
{
    (void)state;
    const char *dialogue = POST("/1", "q1", "2") OK("a1", "2") POST(
        "/2", "q2", "2") "<HTTP/1.1 200 OK\\r\\nTransfer-Encoding: "
                         "chunked\\r\\n\\r\\n2\\r\\na2\\r\\n0\\r\\n\\r\\n\n" POST("/3", "q3", "2")
                             OK("a3", "2") POST("/4", "q4", "2") OK("a4", "2");
    for (uint64_t len = 1; len < 120; len += 7) {
        for (uint64_t at = 0; at < 400; at++) {
            struct heard heard = {0};
            struct play play = {.piece = HOLE, .hole_at = at, .hole_len = len};
            assert_int_equal(perform(&play, dialogue, UM_END_FIN, &heard), UM_OK);
            struct um_span rest = um_buf_span(&heard.text);
            while (rest.len > 0) {
                /* "POST /n(qn)+200(an) " */
                struct um_span word = um_span_split(&rest, '+');
                size_t asked = um_span_find(word, '/'), replied = um_span_search(rest, S("(a"));
                struct um_span pair = um_span_first(rest, um_span_find(rest, ' '));
                if (asked + 1 < word.len && replied < pair.len && rest.data[replied + 2] != ')')
                    assert_int_equal(word.data[asked + 1], rest.data[replied + 2]);
                (void)um_span_split(&rest, ' ');
            }
            um_buf_done(&heard.text);
        }
    }
}

/* Bodies say which exchange they are of: "GET /n()+200(an)", and either side may be missing. */
static void
assert_paired_rightly(const struct heard *heard, uint64_t at, uint64_t len)
{
    struct um_span rest = um_buf_span(&heard->text);
    while (rest.len > 0) {
        struct um_span reply = um_span_split(&rest, ' ');
        if (!um_span_starts(reply, S("-"))) /* else there is no request: the word is whole */
            reply = um_span_split(&rest, ' ');
        struct um_span request = um_span_split(&reply, '+');
        bool is_read = request.len > 1 && um_span_starts(reply, S("200(a")) &&
                       reply.len > strlen("200(a") && reply.data[5] != ')';
        if (is_read && request.data[1] != reply.data[5])
            fail_msg("hole of %ju at %ju: '%.*s'", (uintmax_t)len, (uintmax_t)at,
                     (int)heard->text.len, (const char *)heard->text.data);
    }
}

static void
assert_holes_pair_nothing_wrongly(uint64_t from, const char *dialogue)
{
    for (uint64_t len = 1; len < 150; len += 4) {
        for (uint64_t at = from; at < 500; at++) {
            struct heard heard = {0};
            struct play play = {.piece = HOLE, .hole_at = at, .hole_len = len};
            assert_int_equal(perform(&play, dialogue, UM_END_FIN, &heard), UM_OK);
            assert_paired_rightly(&heard, at, len);
            um_buf_done(&heard.text);
        }
    }
}

/*
 * With several requests under way nobody can tell which of their replies a hole has swallowed. Once
 * the first reply found behind it was paired with the oldest request left.
 */
static void
hole_among_pipelined_replies_pairs_nothing_wrongly(void **state)
{
    (void)state;
    assert_holes_pair_nothing_wrongly(67, GET("/0") OK("a0", "2") GET("/1") GET("/2") GET("/3")
                                              OK("a1", "2") OK("a2", "2") OK("a3", "2") GET("/4")
                                                  GET("/5") OK("a4", "2") OK("a5", "2") GET("/6")
                                                      OK("a6", "2"));
}

/*
 * A hole in the very first request, before it is known which side asks, was once forgotten: its
 * reply went to the request behind it.
 */
static void
hole_in_the_first_of_pipelined_requests_pairs_nothing_wrongly(void **state)
{
    (void)state;
    assert_holes_pair_nothing_wrongly(0, GET("/0") GET("/1") OK("a0", "2") OK("a1", "2") GET("/2")
                                             OK("a2", "2"));
    assert_holes_pair_nothing_wrongly(0, GET("/0") GET("/1") GET("/2") OK("a0", "2") OK("a1", "2")
                                             OK("a2", "2"));
}

/* The reply to what was lost tells that side's part; the pairs behind it stay right. */
static void
hole_before_anything_is_known_costs_that_request_only(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct play play = {.piece = HOLE, .hole_len = 5};
    assert_int_equal(
        perform(&play, GET("/0") OK("a0", "2") GET("/1") OK("a1", "2"), UM_END_FIN, &heard), UM_OK);
    assert_span_equal(um_buf_span(&heard.text), S("-+200(a0) GET /1()+200(a1) "));
    um_buf_done(&heard.text);
}

/*
 * Pairs opened by holes did not go at the limit `requests`: one more was held for each hole, and
 * each message looked for in all of them.
 */
static void
requests_lost_to_holes_count_against_the_limit(void **state)
{
    (void)state;
    struct heard heard = {0};
    struct um_limits limits;
    struct um_meter meter = {.max = UINT64_MAX};
    struct um_http_events events = {.ctx = &heard,
                                    .head = take_head,
                                    .body = take_body,
                                    .done = take_done,
                                    .exchange = take_exchange,
                                    .forget = forget};
    const struct um_endpoint ends[2] = {{.address_len = 4}, {.address_len = 4}};
    struct play play = {.piece = HOLE};
    um_limits_init(&limits);
    limits.max[UM_LIMIT_REQUESTS] = 4;
    assert_int_equal(um_http_connection_new(&limits, &meter, &events, 1, ends, &play.connection),
                     UM_OK);
    play.sinks[0] = um_http_connection_sink(play.connection, 0);
    for (size_t i = 0; i < 100; i++) {
        struct um_mark mark = {.frame = ++play.frame};
        assert_int_equal(give_dialogue(&play, GET("/a")), UM_OK);
        assert_int_equal(play.sinks[0].gap(play.sinks[0].ctx, 1, UM_GAP_LOST, &mark), UM_OK);
    }
    assert_true(heard.forgotten >= 96);
    um_http_connection_free(play.connection);
    um_buf_done(&heard.text);
}

/* A message given up at its head was once told as complete although it had a body. */
static void
message_at_the_limit_memory_is_incomplete(void **state)
{
    (void)state;
    for (uint64_t memory = 1; memory < 20000; memory += 50) {
        struct heard heard = {0};
        struct play play = {.piece = HOLE, .memory = memory};
        uint64_t connection = memory;
        struct um_limits limits;
        struct um_meter meter = {.max = memory};
        const struct um_endpoint ends[2] = {{.address_len = 4}, {.address_len = 4}};
        struct um_http_events none = {0};
        um_limits_init(&limits);
        assert_int_equal(um_http_connection_new(&limits, &meter, &none, 1, ends, &play.connection),
                         UM_OK);
        if (!play.connection)
            continue; /* not even the connection has room: nothing to be told */
        connection = meter.used;
        um_http_connection_free(play.connection);
        assert_int_equal(perform(&play, POST("/a", "body", "4"), UM_END_CAPTURE, &heard), UM_OK);
        bool has_room = um_span_equal(um_buf_span(&heard.text), S("POST /a(body)+-end "));
        if (!has_room)
            assert_span_equal(um_buf_span(&heard.text), S("POST /a()!+-end "));
        assert_true(has_room || memory < connection + 2000);
        um_buf_done(&heard.text);
    }
}

/*
 * A request's body may hold the text of replies; when the place in it is lost, such a text was once
 * found, and paired with the very request that it was part of.
 */
static void
side_that_asks_answers_nothing(void **state)
{
    (void)state;
    const char *dialogue = GET("/0")
        OK("0", "1") ">POST /a HTTP/1.1\\r\\nTransfer-Encoding: chunked\\r\\n\\r\\n"
                     "33\\r\\nlog: HTTP/1.1 200 OK\\r\\nContent-Length: 1\\r\\n\\r\\nx and so "
                     "on\\r\\n0\\r\\n\\r\\n\n" OK("real", "4") GET("/b") OK("b", "1");
    for (uint64_t at = 70; at < 150; at++) {
        struct heard heard = {0};
        struct play play = {.piece = HOLE, .hole_at = at, .hole_len = 1};
        assert_int_equal(perform(&play, dialogue, UM_END_FIN, &heard), UM_OK);
        struct um_span told = um_buf_span(&heard.text);
        if (um_span_search(told, S("+200(x)")) < told.len ||
            um_span_search(told, S("GET /b()+200(b)")) == told.len)
            fail_msg("hole at %ju: '%.*s'", (uintmax_t)at, (int)told.len, (const char *)told.data);
        um_buf_done(&heard.text);
    }
}

static void
nth_allocation_failing_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    const char *dialogue = POST("/1", "q1", "2") OK("a1", "2")
        GET("/2") "<HTTP/1.1 200 OK\\r\\nTransfer-Encoding: "
                  "chunked\\r\\n\\r\\n2\\r\\na2\\r\\n0\\r\\n\\r\\n\n";
    for (size_t n = 0;; n++) {
        struct heard heard = {0};
        struct play play = {.piece = 10};
        um_test_alloc_fail_at(n);
        int err = perform(&play, dialogue, UM_END_FIN, &heard);
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        um_buf_done(&heard.text);
        if (!has_failed)
            break;
        assert_true(n < 1000);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(messages_pair_in_order),
        cmocka_unit_test(pipelined_requests_find_their_replies),
        cmocka_unit_test(every_framing_ends_where_it_should),
        cmocka_unit_test(broken_chunks_lose_the_message_but_not_the_next_one),
        cmocka_unit_test(nothing_is_read_behind_an_upgrade_or_in_a_tunnel),
        cmocka_unit_test(reason_of_a_missing_reply_is_told),
        cmocka_unit_test(request_above_the_limit_goes_unanswered),
        cmocka_unit_test(reply_that_is_being_read_does_not_go_at_the_limit),
        cmocka_unit_test(long_head_is_read_past_and_framed_by_what_was_kept),
        cmocka_unit_test(hole_inside_a_body_costs_that_body_only),
        cmocka_unit_test(hole_anywhere_pairs_nothing_wrongly),
        cmocka_unit_test(hole_among_pipelined_replies_pairs_nothing_wrongly),
        cmocka_unit_test(hole_in_the_first_of_pipelined_requests_pairs_nothing_wrongly),
        cmocka_unit_test(hole_before_anything_is_known_costs_that_request_only),
        cmocka_unit_test(requests_lost_to_holes_count_against_the_limit),
        cmocka_unit_test(message_at_the_limit_memory_is_incomplete),
        cmocka_unit_test(side_that_asks_answers_nothing),
        cmocka_unit_test(nth_allocation_failing_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
