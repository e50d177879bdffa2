/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The recogniser over whole connections: which bodies are read, how, and what becomes of them. An
 * exchange is text: its request and its reply as "ID" or "STATE" of the message, '.' for one
 * without a message of ours, '-' for a side that is missing, '!' behind an incomplete one; then the
 * status, and the legs when there were any.
 */
#include "offline/http/recognise.h"

#include <stdio.h>

#include "core/base/buf.h"
#include "tests/http/pack.h"
#include "tests/support/support.h"

#define NAMESPACE "http://schemas.microsoft.com/exchange/services/2006/messages"
#define SOAP(body)                                                                                 \
    "<s:Envelope xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\"><s:Body>" body              \
    "</s:Body></s:Envelope>"
#define ASK(id) SOAP("<GetCallInfo xmlns=\"" NAMESPACE "\"><CallId>" id "</CallId></GetCallInfo>")
#define TELL(state)                                                                                \
    SOAP("<GetCallInfoResponse xmlns=\"" NAMESPACE "\"><GetCallInfoResponse><CallState>" state     \
         "</CallState><EventCause>None</EventCause></GetCallInfoResponse></GetCallInfoResponse>")
#define FAULT                                                                                      \
    SOAP("<s:Fault><faultcode>s:Client</faultcode><faultstring>no</faultstring></s:Fault>")

enum { CLIENT, SERVER };

struct world {
    struct um_limits limits;
    struct um_meter meter;
    struct um_recogniser *recogniser;
    struct um_http_connection *connection;
    struct um_buf told;
    uint32_t limits_reached; /* of all exchanges */
    uint64_t frame;          /* that brings the next bytes */
    size_t step;
    int result;
};

static void
describe(const struct um_exchange_side *side, enum um_field_id field, char *out, size_t size)
{
    struct um_span text = S(".");
    if (!side->captured)
        text = S("-");
    else if (side->message && side->message->kind == UM_MESSAGE_FAULT)
        text = S("fault");
    else if (side->message && side->message->kind != UM_MESSAGE_NONE)
        text = um_message_text(side->message, field);
    (void)snprintf(out, size, "%.*s%s", (int)text.len, (const char *)text.data,
                   side->captured && side->incomplete ? "!" : "");
}

static int
take_exchange(void *ctx, const struct um_exchange *exchange)
{
    struct world *world = ctx;
    char asked[64], told[64], text[192];
    describe(&exchange->request, UM_FIELD_CALL_ID, asked, sizeof asked);
    describe(&exchange->reply, UM_FIELD_CALL_STATE, told, sizeof told);
    (void)snprintf(text, sizeof text, "%s+%s/%u", asked, told, exchange->http_status);
    int err = um_buf_append(&world->told, S(text));
    if (exchange->authentication_legs > 0)
        (void)snprintf(text, sizeof text, "/%u ", exchange->authentication_legs);
    else
        (void)snprintf(text, sizeof text, " ");
    world->limits_reached |= exchange->limits_reached;
    return err ? err : um_buf_append(&world->told, S(text));
}

static void
begin(struct world *world, size_t step)
{
    *world = (struct world){.meter = {.max = UINT64_MAX}, .step = step};
    um_limits_init(&world->limits);
}

/* A field "?" is one that nobody knows, as HTTP/2 has them behind a loss. */
static int
take_head(void *ctx, struct um_http_message *message, bool *wants_body)
{
    struct um_span value;
    message->is_coding_unknown = um_http_message_field(message, S("?"), &value);
    return um_recogniser_events(ctx).head(ctx, message, wants_body);
}

static void
open_world(struct world *world)
{
    static const struct um_endpoint ends[2] = {{.address_len = 4, .port = 40000},
                                               {.address_len = 4, .port = 80}};
    world->result =
        um_recogniser_new(&world->limits, &world->meter, take_exchange, world, &world->recogniser);
    if (world->result)
        return;
    struct um_http_events events = um_recogniser_events(world->recogniser);
    events.head = take_head;
    world->result =
        um_http_connection_new(&world->limits, &world->meter, &events, 1, ends, &world->connection);
}

static void
send_bytes(struct world *world, int side, struct um_span bytes)
{
    if (!world->recogniser && world->result == UM_OK)
        open_world(world);
    while (world->result == UM_OK && bytes.len > 0) {
        struct um_sink sink = um_http_connection_sink(world->connection, side);
        struct um_span piece = um_span_first(bytes, world->step);
        uint8_t *exact = um_test_exact_copy(piece.data, piece.len);
        struct um_mark mark = {.frame = world->frame};
        struct um_chunk chunk = {
            .bytes = um_span_of(exact, piece.len), .first = mark, .last = mark};
        int result = sink.data(sink.ctx, &chunk);
        world->result = result < 0 ? result : UM_OK; /* everything is given, wanted or not */
        free(exact);
        bytes = um_span_from(bytes, piece.len);
    }
}

static void
lose(struct world *world, int side, uint64_t missing)
{
    struct um_sink sink = um_http_connection_sink(world->connection, side);
    struct um_mark mark = {0};
    if (world->result < 0)
        return;
    int result = sink.gap(sink.ctx, um_missing_exactly(missing), UM_GAP_LOST, &mark);
    world->result = result < 0 ? result : UM_OK;
}

/* A message with a body: `start` is the start line, `fields` more field lines. */
static void
send_message(struct world *world, int side, const char *start, const char *fields,
             struct um_span body)
{
    char head[512];
    (void)snprintf(head, sizeof head, "%s\r\n%sContent-Length: %zu\r\n\r\n", start, fields,
                   body.len);
    send_bytes(world, side, S(head));
    send_bytes(world, side, body);
}

#define XML "Content-Type: text/xml; charset=utf-8\r\n"

static void
ask(struct world *world, const char *body)
{
    send_message(world, CLIENT, "POST /EWS/UM2007Legacy.asmx HTTP/1.1", XML, S(body));
}

static void
answer(struct world *world, const char *body)
{
    send_message(world, SERVER, "HTTP/1.1 200 OK", XML, S(body));
}

/* Ends all; 0 or the first error. What was told stays until `forget`. */
static int
finish(struct world *world)
{
    struct um_mark mark = {0};
    for (int side = 0; side < 2 && world->result >= 0 && world->connection; side++) {
        struct um_sink sink = um_http_connection_sink(world->connection, side);
        world->result = sink.end(sink.ctx, UM_END_CAPTURE, &mark);
    }
    if (world->result < 0)
        um_http_connection_free(world->connection);
    else if (world->connection)
        world->result = um_http_connection_close(world->connection);
    if (world->result >= 0 && world->recogniser)
        world->result = um_recogniser_end(world->recogniser);
    um_recogniser_free(world->recogniser);
    assert_int_equal(world->meter.used, 0);
    return world->result;
}

static void
assert_told(struct world *world, const char *wanted)
{
    assert_int_equal(finish(world), UM_OK);
    struct um_span told = um_span_trim(um_buf_span(&world->told));
    if (!um_span_equal(told, S(wanted)))
        fail_msg("in pieces of %zu told '%.*s', not '%s'", world->step, (int)told.len,
                 told.len ? (const char *)told.data : "", wanted);
    um_buf_done(&world->told);
}

static void
question_and_answer_become_an_exchange(void **state)
{
    (void)state;
    for (size_t step = 1; step <= 4096; step *= 16) {
        struct world world;
        begin(&world, step);
        ask(&world, ASK("id1"));
        answer(&world, TELL("Connected"));
        ask(&world, ASK("id2"));
        send_message(&world, SERVER, "HTTP/1.1 500 Oops", XML, S(FAULT));
        struct um_recogniser_stats stats = *um_recogniser_stats(world.recogniser);
        assert_int_equal(stats.http_messages, 4);
        assert_int_equal(stats.messages, 4);
        assert_told(&world, "id1+Connected/200 id2+fault/500");
    }
}

static int
take_question(void *ctx, const struct um_message *question)
{
    struct um_buf *asked = ctx;
    int err = um_buf_append(asked, um_message_text(question, UM_FIELD_CALL_ID));
    return err ? err : um_buf_append(asked, S(" "));
}

static void
assert_waiting(const struct world *world, const char *wanted)
{
    struct um_buf asked = {0};
    assert_int_equal(um_recogniser_each_waiting(world->recogniser, take_question, &asked), UM_OK);
    assert_span_equal(um_span_trim(um_buf_span(&asked)), S(wanted));
    um_buf_done(&asked);
}

static void
question_waits_until_it_is_in_an_exchange(void **state)
{
    (void)state;
    struct world world;
    begin(&world, 4096);
    ask(&world, ASK("id1"));
    ask(&world, SOAP("<Other xmlns=\"urn:other\"/>"));
    assert_waiting(&world, "id1");
    send_message(&world, SERVER, "HTTP/1.1 401 Unauthorized", "", S(""));
    assert_waiting(&world, "id1"); /* a leg */
    answer(&world, SOAP("<Other xmlns=\"urn:other\"/>"));
    ask(&world, ASK("id1"));
    ask(&world, ASK("id2"));
    assert_waiting(&world, "id1 id1 id2");
    answer(&world, TELL("Connected"));
    assert_waiting(&world, "id2");
    answer(&world, TELL("Alerted"));
    assert_waiting(&world, "");
    assert_told(&world, ".+./200 id1+Connected/200/1 id2+Alerted/200");
}

static void
every_content_coding_is_undone(void **state)
{
    (void)state;
    static const struct {
        enum um_http_coding coding;
        bool is_raw;
        const char *fields;
    } cases[] = {
        {UM_HTTP_CODING_GZIP, false, XML "Content-Encoding: gzip\r\n"},
        {UM_HTTP_CODING_DEFLATE, false, XML "Content-Encoding: deflate\r\n"},
        {UM_HTTP_CODING_DEFLATE, true, XML "Content-Encoding: deflate\r\n"},
        {UM_HTTP_CODING_BROTLI, false, XML "Content-Encoding: br\r\n"},
        {UM_HTTP_CODING_ZSTD, false, XML "Content-Encoding: zstd\r\n"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_buf packed = um_pack(S(TELL("Connected")), cases[i].coding, cases[i].is_raw);
        for (size_t step = 1; step <= 4096; step *= 64) {
            struct world world;
            begin(&world, step);
            ask(&world, ASK("id1"));
            send_message(&world, SERVER, "HTTP/1.1 200 OK", cases[i].fields, um_buf_span(&packed));
            assert_told(&world, "id1+Connected/200");
        }
        um_buf_done(&packed);
    }
}

/* Behind a loss in HTTP/2 such a message was once not read at all. */
static void
gzip_is_undone_when_its_field_is_not_known(void **state)
{
    (void)state;
    struct um_buf packed = um_pack(S(ASK("id1")), UM_HTTP_CODING_GZIP, false);
    for (size_t step = 1; step <= 4096; step *= 64) {
        struct world world;
        begin(&world, step);
        send_message(&world, CLIENT, "POST /EWS/UM2007Legacy.asmx HTTP/1.1", "?: ?\r\n",
                     um_buf_span(&packed));
        send_message(&world, SERVER, "HTTP/1.1 200 OK", "?: ?\r\n", S(TELL("Connected")));
        assert_told(&world, "id1+Connected/200");
    }
    um_buf_done(&packed);
}

static void
damaged_and_unknown_codings_leave_the_exchange(void **state)
{
    (void)state;
    struct um_buf packed = um_pack(S(TELL("Connected")), UM_HTTP_CODING_GZIP, false);
    struct world world;
    begin(&world, 4096);
    ask(&world, ASK("id1"));
    send_message(&world, SERVER, "HTTP/1.1 200 OK", XML "Content-Encoding: gzip\r\n",
                 um_span_first(um_buf_span(&packed), 40));
    ask(&world, ASK("id2"));
    send_message(&world, SERVER, "HTTP/1.1 200 OK", XML "Content-Encoding: compress\r\n",
                 S("whatever"));
    assert_told(&world, "id1+.!/200 id2+./200");
    um_buf_done(&packed);
}

/* Without undoing it the part is no XML. */
static void
envelope_in_base64_is_read(void **state)
{
    (void)state;
    struct world world;
    begin(&world, 4096);
    send_message(&world, CLIENT, "POST /ews HTTP/1.1",
                 "Content-Type: multipart/related; boundary=b\r\n",
                 S("--b\r\nContent-Transfer-Encoding: base64\r\n\r\n"
                   "PHM6RW52ZWxvcGUgeG1sbnM6cz0iaHR0cDovL3NjaGVtYXMueG1sc29hcC5vcmcv\r\n"
                   "c29hcC9lbnZlbG9wZS8iPjxzOkJvZHk+PEdldENhbGxJbmZvIHhtbG5zPSJodHRw\r\n"
                   "Oi8vc2NoZW1hcy5taWNyb3NvZnQuY29tL2V4Y2hhbmdlL3NlcnZpY2VzLzIwMDYv\r\n"
                   "bWVzc2FnZXMiPjxDYWxsSWQ+aWQxPC9DYWxsSWQ+PC9HZXRDYWxsSW5mbz48L3M6\r\n"
                   "Qm9keT48L3M6RW52ZWxvcGU+\r\n"
                   "--b--\r\n"));
    answer(&world, TELL("Connected"));
    assert_told(&world, "id1+Connected/200");
}

#define RELATED "Content-Type: multipart/related; boundary=b; type=\"application/xop+xml\""
#define PART(id, body)                                                                             \
    "--b\r\nContent-Type: application/xop+xml; charset=utf-8\r\nContent-ID: " id "\r\n\r\n" body   \
    "\r\n"

/*
 * Where the part that `start` names is missing, the last of the others was once read instead; the
 * first is the root of those that name none.
 */
static void
root_part_of_a_message_with_attachments_is_the_envelope(void **state)
{
    (void)state;
    for (size_t step = 1; step <= 4096; step *= 64) {
        struct world world;
        begin(&world, step);
        send_message(&world, CLIENT, "POST /ews HTTP/1.1", RELATED "\r\n",
                     S(PART("<a>", ASK("first")) PART("<b>", ASK("second")) "--b--\r\n"));
        send_message(&world, SERVER, "HTTP/1.1 200 OK", RELATED "; start=\"<b>\"\r\n",
                     S(PART("<a>", TELL("Connecting")) PART("<b>", TELL("Connected")) "--b--\r\n"));
        send_message(&world, CLIENT, "POST /ews HTTP/1.1", RELATED "; start=\"<none>\"\r\n",
                     S(PART("<a>", ASK("third")) PART("<b>", ASK("fourth")) "--b--\r\n"));
        answer(&world, TELL("Connected"));
        assert_told(&world, "first+Connected/200 third+Connected/200");
    }
}

/* What a body is called decides whether it is kept; what it is decides whether it is ours. */
static void
bodies_of_other_types_are_not_kept(void **state)
{
    (void)state;
    static const struct {
        const char *fields, *told;
    } cases[] = {
        {XML, "id1+Connected/200"},
        {"Content-Type: application/soap+xml\r\n", "id1+Connected/200"},
        {"Content-Type: APPLICATION/XML\r\n", "id1+Connected/200"},
        {"Content-Type: text/plain; charset=us-ascii\r\n", "id1+Connected/200"},
        {"", "id1+Connected/200"},
        {"Content-Type: text/html\r\n", "id1+./200"},
        {"Content-Type: application/octet-stream\r\n", "id1+./200"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world world;
        begin(&world, 4096);
        ask(&world, ASK("id1"));
        send_message(&world, SERVER, "HTTP/1.1 200 OK", cases[i].fields, S(TELL("Connected")));
        assert_told(&world, cases[i].told);
    }
}

/* A long body that cannot be ours is let go as soon as that is seen. */
static void
long_body_of_something_else_is_dropped_on_the_way(void **state)
{
    (void)state;
    struct world world;
    char filler[1000];
    memset(filler, 'x', sizeof filler);
    begin(&world, 4096);
    ask(&world, ASK("id1"));
    send_bytes(&world, SERVER,
               S("HTTP/1.1 200 OK\r\n" XML "Content-Length: 1000000\r\n\r\n<feed>"));
    uint64_t before = world.meter.used;
    for (size_t i = 0; i < 900; i++)
        send_bytes(&world, SERVER, um_span_of(filler, sizeof filler));
    assert_true(world.meter.used <= before);
    assert_true(world.meter.peak < before + 8000);
    assert_told(&world, "id1+.!/200");
}

/* And one that is ours is kept, up to the limit `body`. */
static void
long_body_of_ours_is_kept_up_to_the_limit(void **state)
{
    (void)state;
    static const struct {
        uint64_t max;
        const char *told;
        bool is_reached;
    } cases[] = {{8192, "id1+Connected/200", false}, {3000, "id1+Connected/200", true}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct world world;
        char body[6000];
        memset(body, ' ', sizeof body);
        memcpy(body, TELL("Connected"), strlen(TELL("Connected")));
        begin(&world, 100);
        world.limits.max[UM_LIMIT_BODY] = cases[i].max;
        ask(&world, ASK("id1"));
        send_message(&world, SERVER, "HTTP/1.1 200 OK", XML, um_span_of(body, sizeof body));
        assert_told(&world, cases[i].told);
        assert_int_equal(world.limits_reached,
                         cases[i].is_reached ? (uint32_t)1 << UM_LIMIT_BODY : 0);
    }
}

static void
limits_that_cut_a_body_are_told(void **state)
{
    (void)state;
    struct world world;
    struct um_buf packed = um_pack(S(TELL("Connected")), UM_HTTP_CODING_GZIP, false);
    begin(&world, 4096);
    world.limits.max[UM_LIMIT_INFLATE] = 100;
    ask(&world, ASK("id1"));
    send_message(&world, SERVER, "HTTP/1.1 200 OK", XML "Content-Encoding: gzip\r\n",
                 um_buf_span(&packed));
    assert_int_equal(finish(&world), UM_OK);
    assert_int_equal(world.limits_reached, (uint32_t)1 << UM_LIMIT_INFLATE);
    um_buf_done(&world.told);
    um_buf_done(&packed);

    begin(&world, 4096);
    send_bytes(&world, CLIENT, S("POST /ews HTTP/1.1\r\n" XML "Content-Length: 3000\r\n\r\n"));
    world.meter.max = world.meter.used + 50;
    send_bytes(&world, CLIENT, S(ASK("id1")));
    assert_int_equal(finish(&world), UM_OK);
    assert_int_equal(world.limits_reached, (uint32_t)1 << UM_LIMIT_MEMORY);
    um_buf_done(&world.told);
}

static void
hole_in_a_body_makes_its_side_incomplete(void **state)
{
    (void)state;
    struct world world;
    begin(&world, 4096);
    ask(&world, ASK("id1"));
    struct um_span body = S(TELL("Connected"));
    char head[128];
    (void)snprintf(head, sizeof head, "HTTP/1.1 200 OK\r\n" XML "Content-Length: %zu\r\n\r\n",
                   body.len);
    send_bytes(&world, SERVER, S(head));
    send_bytes(&world, SERVER, um_span_first(body, body.len - 60)); /* behind the state */
    lose(&world, SERVER, 20);
    send_bytes(&world, SERVER, um_span_from(body, body.len - 40));
    ask(&world, ASK("id2"));
    answer(&world, TELL("Disconnected"));
    struct um_buf *told = &world.told;
    assert_int_equal(finish(&world), UM_OK);
    assert_true(um_span_search(um_buf_span(told), S("!/200 id2+Disconnected/200 ")) < told->len);
    um_buf_done(told);
}

/* NTLM over one connection: refused, refused again without a body, asked with it. */
static void
authentication_legs_are_joined(void **state)
{
    (void)state;
    for (size_t step = 1; step <= 4096; step *= 64) {
        struct world world;
        begin(&world, step);
        ask(&world, ASK("id1"));
        send_message(&world, SERVER, "HTTP/1.1 401 No", "WWW-Authenticate: NTLM\r\n", S("no"));
        send_message(&world, CLIENT, "POST /EWS/UM2007Legacy.asmx HTTP/1.1",
                     XML "Authorization: NTLM TlRMTVNTUAAB\r\n", S(""));
        send_message(&world, SERVER, "HTTP/1.1 401 No", "WWW-Authenticate: NTLM TlRM\r\n", S("no"));
        ask(&world, ASK("id1"));
        answer(&world, TELL("Connected"));
        assert_told(&world, "id1+Connected/200/2");
    }
}

/*
 * Both connections ask, are refused and ask again, one after the other; the capture lost the first
 * one's answer, which shows only when the second one has come to its end.
 */
static void
leg_stays_with_its_connection_though_the_answer_there_is_lost(void **state)
{
    (void)state;
    static const struct um_endpoint ends[2] = {{.address_len = 4, .port = 40001},
                                               {.address_len = 4, .port = 80}};
    struct world world;
    begin(&world, 4096);
    world.frame = 1;
    ask(&world, ASK("id1"));
    send_message(&world, SERVER, "HTTP/1.1 401 No", "", S("no"));
    world.frame = 2;
    ask(&world, ASK("id1"));
    struct um_http_connection *first = world.connection;
    struct um_http_events events = um_recogniser_events(world.recogniser);
    assert_int_equal(
        um_http_connection_new(&world.limits, &world.meter, &events, 2, ends, &world.connection),
        UM_OK);
    world.frame = 3;
    send_message(&world, CLIENT, "POST /EWS/UM2007Legacy.asmx HTTP/1.1",
                 XML "Authorization: Basic dTpw\r\n", S(ASK("id1")));
    answer(&world, TELL("Connected"));
    assert_int_equal(um_http_connection_close(world.connection), UM_OK);
    world.connection = first;
    lose(&world, SERVER, 400);
    assert_told(&world, "id1+Connected/200 id1+-/0/1");
}

static void
what_is_no_question_is_left_out(void **state)
{
    (void)state;
    struct world world;
    begin(&world, 4096);
    send_bytes(&world, CLIENT, S("GET /EWS/UM2007Legacy.asmx?wsdl HTTP/1.1\r\n\r\n"));
    send_message(&world, SERVER, "HTTP/1.1 200 OK", XML, S("<definitions/>"));
    ask(&world, SOAP("<FindItem xmlns=\"" NAMESPACE "\"/>"));
    answer(&world, SOAP("<FindItemResponse xmlns=\"" NAMESPACE "\"/>"));
    assert_told(&world, ".+./200"); /* a POST may be ours by its address: who knows more decides */
}

/* What a server says to a question of another service is none of ours: it is not even looked at. */
static void
answer_to_another_service_is_not_read(void **state)
{
    (void)state;
    struct world world;
    begin(&world, 4096);
    ask(&world, SOAP("<FindItem xmlns=\"" NAMESPACE "\"/>"));
    answer(&world, TELL("Connected"));
    ask(&world, ASK("id1"));
    answer(&world, TELL("Disconnected"));
    assert_told(&world, ".+./200 id1+Disconnected/200");
}

/* Of a short compressed question this was once forgotten: it is told apart at its end only. */
static void
answer_to_a_compressed_question_of_another_service_is_not_read(void **state)
{
    (void)state;
    struct um_buf packed =
        um_pack(S(SOAP("<FindItem xmlns=\"" NAMESPACE "\"/>")), UM_HTTP_CODING_GZIP, false);
    struct world world;
    begin(&world, 4096);
    send_message(&world, CLIENT, "POST /EWS/Exchange.asmx HTTP/1.1",
                 XML "Content-Encoding: gzip\r\n", um_buf_span(&packed));
    answer(&world, TELL("Connected"));
    assert_told(&world, ".+./200");
    um_buf_done(&packed);
}

/* But behind a hole the question may be another one's. */
static void
answer_is_read_where_its_question_is_not_sure(void **state)
{
    (void)state;
    struct world world;
    begin(&world, 4096);
    ask(&world, ASK("id1"));
    answer(&world, TELL("Connecting"));
    lose(&world, CLIENT, 100);
    ask(&world, SOAP("<FindItem xmlns=\"" NAMESPACE "\"/>"));
    answer(&world, TELL("Connected"));
    assert_int_equal(finish(&world), UM_OK);
    assert_true(um_span_search(um_buf_span(&world.told), S("+Connected/200")) < world.told.len);
    um_buf_done(&world.told);
}

static void
nth_allocation_failing_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    bool has_failed = true;
    for (size_t n = 0; has_failed; n++) {
        struct world world;
        begin(&world, 300);
        um_test_alloc_fail_at(n);
        ask(&world, ASK("id1"));
        send_message(&world, SERVER, "HTTP/1.1 401 No", "", S("no"));
        send_message(&world, CLIENT, "POST /EWS/UM2007Legacy.asmx HTTP/1.1", RELATED "\r\n",
                     S(PART("<a>", ASK("id1")) "--b--\r\n"));
        answer(&world, TELL("Connected"));
        int err = finish(&world);
        has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        um_buf_done(&world.told);
        assert_true(n < 1000);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(question_and_answer_become_an_exchange),
        cmocka_unit_test(question_waits_until_it_is_in_an_exchange),
        cmocka_unit_test(every_content_coding_is_undone),
        cmocka_unit_test(gzip_is_undone_when_its_field_is_not_known),
        cmocka_unit_test(damaged_and_unknown_codings_leave_the_exchange),
        cmocka_unit_test(envelope_in_base64_is_read),
        cmocka_unit_test(root_part_of_a_message_with_attachments_is_the_envelope),
        cmocka_unit_test(bodies_of_other_types_are_not_kept),
        cmocka_unit_test(long_body_of_something_else_is_dropped_on_the_way),
        cmocka_unit_test(long_body_of_ours_is_kept_up_to_the_limit),
        cmocka_unit_test(limits_that_cut_a_body_are_told),
        cmocka_unit_test(hole_in_a_body_makes_its_side_incomplete),
        cmocka_unit_test(authentication_legs_are_joined),
        cmocka_unit_test(leg_stays_with_its_connection_though_the_answer_there_is_lost),
        cmocka_unit_test(what_is_no_question_is_left_out),
        cmocka_unit_test(answer_to_another_service_is_not_read),
        cmocka_unit_test(answer_to_a_compressed_question_of_another_service_is_not_read),
        cmocka_unit_test(answer_is_read_where_its_question_is_not_sure),
        cmocka_unit_test(nth_allocation_failing_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
