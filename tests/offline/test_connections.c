/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a connection speaks, layer by layer. A script is the bytes of both sides in turns; what is
 * told is text: a head "GET /a " or "200 ", an exchange "(?!) ", '-' where a side is missing.
 */
#include "offline/connections.h"

#include <stdio.h>

#include "core/base/buf.h"
#include "offline/tls/keylog.h"
#include "offline/tls/numbers.h"
#include "offline/tls/record.h"
#include "offline/tls/suites.h"
#include "tests/support/support.h"
#include "tests/tls/peers.h"
#include "tests/tls/seal.h"

enum { CLIENT, SERVER };

static int
say(struct um_buf *told, const char *text)
{
    return um_buf_append(told, um_span_text(text));
}

static int
take_head(void *ctx, struct um_http_message *message, bool *wants_body)
{
    char text[128];
    *wants_body = false;
    if (message->is_reply)
        (void)snprintf(text, sizeof text, "%u ", message->status);
    else
        (void)snprintf(text, sizeof text, "%.*s %.*s ", (int)message->method.len,
                       (const char *)message->method.data, (int)message->target.len,
                       (const char *)message->target.data);
    return say(ctx, text);
}

static int
take_body(void *ctx, struct um_http_message *message, struct um_span bytes, bool *wants_more)
{
    (void)ctx;
    (void)message;
    (void)bytes;
    (void)wants_more;
    return UM_OK;
}

static int
take_done(void *ctx, struct um_http_message *message)
{
    (void)ctx;
    (void)message;
    return UM_OK;
}

static int
take_exchange(void *ctx, struct um_http_message *request, struct um_http_message *reply,
              enum um_unanswered why)
{
    (void)why;
    return say(ctx, request && reply ? "(?!) " : request ? "(?-) " : "(-!) ");
}

/* A connection under test, with all that it needs. */
struct world {
    struct um_limits limits;
    struct um_meter meter;
    struct um_buf told;
    struct um_connections all;
    struct um_flow_events events;
    struct um_sink sinks[2];
    void *user;
    uint64_t frame;
    size_t step; /* bytes of a chunk */
    int result;  /* negative once something failed */
};

static void
begin(struct world *world, size_t step)
{
    *world = (struct world){.meter = {.max = UINT64_MAX}, .step = step};
    um_limits_init(&world->limits);
    world->all = (struct um_connections){.limits = &world->limits,
                                         .meter = &world->meter,
                                         .http = {.ctx = &world->told,
                                                  .head = take_head,
                                                  .body = take_body,
                                                  .done = take_done,
                                                  .exchange = take_exchange}};
    world->result = um_secrets_new(&world->meter, &world->all.secrets);
    world->events = um_connections_events(&world->all);
    const struct um_flow_info info = {.number = 1,
                                      .ends = {{.address = {1}, .address_len = 4, .port = 40000},
                                               {.address = {2}, .address_len = 4, .port = 3128}}};
    if (!world->result)
        world->result = world->events.open(&world->all, &info, world->sinks, &world->user);
}

static void
send_bytes(struct world *world, int side, struct um_span bytes)
{
    const struct um_sink *sink = &world->sinks[side];
    while (world->result >= 0 && bytes.len > 0) {
        struct um_span piece = um_span_first(bytes, world->step);
        struct um_mark mark = {.frame = ++world->frame};
        uint8_t *exact = um_test_exact_copy(piece.data, piece.len);
        struct um_chunk chunk = {
            .bytes = um_span_of(exact, piece.len), .first = mark, .last = mark};
        world->result = sink->data(sink->ctx, &chunk);
        free(exact);
        bytes = um_span_from(bytes, piece.len);
    }
}

static void
send_text(struct world *world, int side, const char *text)
{
    send_bytes(world, side, S(text));
}

static void
lose(struct world *world, int side, uint64_t missing)
{
    struct um_mark mark = {.frame = world->frame};
    if (world->result >= 0)
        world->result = world->sinks[side].gap(world->sinks[side].ctx, um_missing_exactly(missing),
                                               UM_GAP_LOST, &mark);
}

/* Closes the connection; what it told is in world->told until `finish`. */
static void
close_all(struct world *world)
{
    struct um_mark mark = {.frame = world->frame + 1};
    for (int side = 0; side < 2 && world->result >= 0 && world->user; side++)
        world->result = world->sinks[side].end(world->sinks[side].ctx, UM_END_FIN, &mark);
    if (world->user) {
        int err = world->events.close(&world->all, world->user);
        world->result = world->result < 0 ? world->result : err;
    }
}

static void
finish(struct world *world)
{
    um_secrets_free(world->all.secrets);
    um_encrypted_done(&world->all.encrypted);
    free(world->all.late);
    um_buf_done(&world->told);
    assert_int_equal(world->meter.used, 0);
}

static void
assert_told(struct world *world, const char *wanted)
{
    close_all(world);
    assert_int_equal(world->result, UM_OK);
    struct um_span told = um_span_trim(um_buf_span(&world->told));
    if (!um_span_equal(told, S(wanted)))
        fail_msg("in pieces of %zu told '%.*s', not '%s'", world->step, (int)told.len,
                 told.len ? (const char *)told.data : "", wanted);
    finish(world);
}

static const size_t steps[] = {1, 2, 3, 5, 13, 14, 4096};

#define EACH_STEP(step)                                                                            \
    for (const size_t *step = steps; step < steps + sizeof steps / sizeof *steps; step++)

#define SETTINGS "\0\0\0\4\0\0\0\0\0"

static struct um_span
preface(void)
{
    static const char bytes[] = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" SETTINGS;
    return um_span_of(bytes, sizeof bytes - 1);
}

/* GET / on stream 1, and 200 to it, in entries of the static table. */
static struct um_span
h2_request(void)
{
    static const char bytes[] = "\0\0\3\1\5\0\0\0\1\x82\x84\x86";
    return um_span_of(bytes, sizeof bytes - 1);
}

static struct um_span
h2_reply(void)
{
    static const char bytes[] = SETTINGS "\0\0\1\1\5\0\0\0\1\x88";
    return um_span_of(bytes, sizeof bytes - 1);
}

/*
 * A preface of which less than its first line stood in the first segment once went to HTTP/1, and
 * the whole connection with it.
 */
static void
preface_is_known_however_it_is_cut(void **state)
{
    (void)state;
    EACH_STEP(step)
    {
        struct world world;
        begin(&world, *step);
        send_bytes(&world, CLIENT, preface());
        send_bytes(&world, CLIENT, h2_request());
        send_bytes(&world, SERVER, h2_reply());
        assert_told(&world, "GET / 200 (?!)");
    }
}

/* One of which three to thirteen bytes stood in the first segment was once not even followed. */
static void
every_beginning_of_the_preface_is_wanted(void **state)
{
    (void)state;
    struct um_connections all = {0};
    struct um_flow_events events = um_connections_events(&all);
    for (size_t len = 1; len <= preface().len; len++) {
        uint8_t *exact = um_test_exact_copy(preface().data, len);
        assert_true(events.wanted(events.ctx, um_span_of(exact, len)));
        free(exact);
    }
    assert_false(events.wanted(events.ctx, S("PRINT")));
    assert_false(events.wanted(events.ctx, S("")));
}

/* The first of a preface and of a method may be the same. */
static void
method_that_begins_like_the_preface_is_http1(void **state)
{
    (void)state;
    static const char *const methods[] = {"POST", "PUT", "PROPFIND", "PURGE"};
    for (size_t i = 0; i < sizeof methods / sizeof *methods; i++) {
        EACH_STEP(step)
        {
            struct world world;
            char request[64], wanted[64];
            (void)snprintf(request, sizeof request, "%s /a HTTP/1.1\r\n\r\n", methods[i]);
            (void)snprintf(wanted, sizeof wanted, "%s /a 204 (?!)", methods[i]);
            begin(&world, *step);
            send_text(&world, CLIENT, request);
            send_text(&world, SERVER, "HTTP/1.1 204 No\r\n\r\n");
            assert_told(&world, wanted);
        }
    }
}

/* What is held is handed on when the other side tells, a hole comes, or the end. */
static void
beginning_that_is_held_is_never_lost(void **state)
{
    (void)state;
    struct world world;
    begin(&world, 4096);
    send_text(&world, CLIENT, "PRI");
    send_bytes(&world, SERVER, um_span_first(h2_reply(), 9));
    send_bytes(&world, CLIENT, um_span_from(preface(), 3));
    send_bytes(&world, CLIENT, h2_request());
    send_bytes(&world, SERVER, um_span_from(h2_reply(), 9));
    assert_told(&world, "GET / 200 (?!)");

    begin(&world, 4096);
    send_text(&world, CLIENT, "P");
    send_text(&world, SERVER, "HTTP/1.1 400 Bad\r\nContent-Length: 0\r\n\r\n");
    send_text(&world, CLIENT, "OST /a HTTP/1.1\r\n\r\n");
    assert_told(&world, "400 (-!) POST /a (?-)");

    begin(&world, 4096);
    send_text(&world, CLIENT, "PR");
    lose(&world, CLIENT, 10);
    send_text(&world, CLIENT, "GET /a HTTP/1.1\r\n\r\n");
    send_text(&world, SERVER, "HTTP/1.1 204 No\r\n\r\n");
    assert_told(&world, "GET /a (?-) 204 (-!)");

    begin(&world, 4096);
    send_text(&world, CLIENT, "PRI * HT");
    assert_told(&world, "");
}

static int
say_frames(void *ctx, struct um_http_message *request, struct um_http_message *reply,
           enum um_unanswered why)
{
    char text[64];
    (void)reply;
    (void)why;
    (void)snprintf(text, sizeof text, "%u-%u ", (unsigned)request->first.frame,
                   (unsigned)request->last.frame);
    return say(ctx, text);
}

/* The packet with the first byte was captured last: the request once began and ended there. */
static void
beginning_that_was_captured_late_is_not_the_first_packet(void **state)
{
    (void)state;
    struct world world;
    begin(&world, 4096);
    world.all.http.exchange = say_frames;
    world.frame = 4;
    send_text(&world, CLIENT, "P");
    world.frame = 3;
    send_text(&world, CLIENT, "OST /a HTTP/1.1\r\n\r\n");
    assert_told(&world, "POST /a 4-5");
}

#define CONNECT "CONNECT um.example:443 HTTP/1.1\r\nHost: um.example:443\r\n\r\n"
#define GRANTED "HTTP/1.1 200 Connection established\r\n\r\n"

/* What follows a CONNECT that was granted was once not read at all. */
static void
http_in_a_connect_tunnel_is_read(void **state)
{
    (void)state;
    EACH_STEP(step)
    {
        struct world world;
        begin(&world, *step);
        send_text(&world, CLIENT, CONNECT);
        send_text(&world, SERVER, GRANTED);
        send_text(&world, CLIENT, "GET /in HTTP/1.1\r\n\r\n");
        send_text(&world, SERVER, "HTTP/1.1 204 No\r\n\r\n");
        assert_told(&world, "CONNECT um.example:443 200 (?!) GET /in 204 (?!)");

        begin(&world, *step);
        send_text(&world, CLIENT, CONNECT);
        send_text(&world, SERVER, GRANTED);
        send_bytes(&world, CLIENT, preface());
        send_bytes(&world, CLIENT, h2_request());
        send_bytes(&world, SERVER, h2_reply());
        assert_told(&world, "CONNECT um.example:443 200 (?!) GET / 200 (?!)");
    }
}

static const char ok_200[] = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n";
static const char no_404[] = "HTTP/1.1 404 No\r\nContent-Length: 0\r\n\r\n";

/*
 * A hole took the head of the first request, of which the body came in a packet, or a record of
 * TLS, of its own: the body was once taken for something that is not HTTP, and nothing more was
 * told.
 */
static void
rest_of_a_message_behind_a_hole_is_not_the_end_of_a_tunnel(void **state)
{
    (void)state;
    EACH_STEP(step)
    {
        struct world world;
        begin(&world, *step);
        send_text(&world, CLIENT, CONNECT);
        send_text(&world, SERVER, GRANTED);
        lose(&world, CLIENT, 300);
        send_text(&world, CLIENT, "<rest/>");
        send_text(&world, SERVER, ok_200);
        send_text(&world, CLIENT, "GET /in HTTP/1.1\r\n\r\n");
        send_text(&world, SERVER, no_404);
        assert_told(&world, "CONNECT um.example:443 200 (?!) 200 (-!) GET /in 404 (?!)");
    }
}

static void
tunnel_that_is_refused_or_carries_something_else_is_left_alone(void **state)
{
    (void)state;
    EACH_STEP(step)
    {
        struct world world;
        begin(&world, *step);
        send_text(&world, CLIENT, CONNECT);
        send_text(&world, SERVER, "HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n");
        send_text(&world, CLIENT, CONNECT);
        send_text(&world, SERVER, GRANTED "{\"jsonrpc\": 2}\r\n");
        send_text(&world, CLIENT, "{\"jsonrpc\": 2}\r\nGET /no HTTP/1.1\r\n\r\n");
        assert_told(&world, "CONNECT um.example:443 407 (?!) CONNECT um.example:443 200 (?!)");
    }
}

/* A WebSocket's frames may hold any text. */
static void
what_follows_an_upgrade_is_left_alone(void **state)
{
    (void)state;
    EACH_STEP(step)
    {
        struct world world;
        begin(&world, *step);
        send_text(&world, CLIENT, "GET /ws HTTP/1.1\r\nUpgrade: websocket\r\n\r\n");
        send_text(&world, SERVER, "HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n\x81\3yes");
        send_text(&world, CLIENT, "\x81\x26GET /no HTTP/1.1\r\n\r\n");
        send_text(&world, SERVER, "HTTP/1.1 200 no\r\nContent-Length: 0\r\n\r\n");
        assert_told(&world, "GET /ws 101 (?!)");
    }
}

/* Tunnels in tunnels: no deeper than the limit. */
static void
tunnels_are_read_as_deep_as_the_limit(void **state)
{
    (void)state;
    struct world world;
    begin(&world, 4096);
    world.limits.max[UM_LIMIT_TUNNELS] = 3;
    for (size_t i = 0; i < 5; i++) {
        send_text(&world, CLIENT, "CONNECT h:1 HTTP/1.1\r\n\r\n");
        send_text(&world, SERVER, GRANTED);
    }
    assert_told(&world, "CONNECT h:1 200 (?!) CONNECT h:1 200 (?!) CONNECT h:1 200 (?!)");
}

/* ---- TLS in a tunnel ---- */

/* A conversation whose first clear bytes are "GET /early". */
static void
talk_early(struct peers *first, struct peers *peers)
{
    struct peers_server *server = peers_server_new();
    struct peers_plan plan = {.version = TLS1_3_VERSION,
                              .suite = "TLS_AES_128_GCM_SHA256",
                              .options = SSL_OP_NO_ANTI_REPLAY};
    peers_talk(server, &plan, first);
    plan.resume = first->session;
    plan.sends_early = true;
    peers_talk(server, &plan, peers);
    peers_server_free(server);
}

static void
send_tls(struct world *world, const struct peers *peers)
{
    for (size_t i = 0; i < peers->piece_count; i++) {
        const struct peers_piece *piece = &peers->pieces[i];
        send_bytes(world, piece->side,
                   um_span_of(peers->wire[piece->side].data + piece->at, piece->len));
    }
}

static void
tls_in_a_connect_tunnel_is_read_with_its_secrets(void **state)
{
    (void)state;
    struct peers first, peers;
    talk_early(&first, &peers);
    for (size_t step = 1; step <= 4096; step *= 64) {
        struct world world;
        begin(&world, step);
        struct um_keylog keylog = {.secrets = world.all.secrets};
        assert_int_equal(um_keylog_push(&keylog, um_buf_span(&peers.keylog)), UM_OK);
        assert_int_equal(um_keylog_end(&keylog), UM_OK);
        send_text(&world, CLIENT, CONNECT);
        send_text(&world, SERVER, GRANTED);
        send_tls(&world, &peers);
        close_all(&world);
        assert_int_equal(world.result, UM_OK);
        assert_true(um_span_starts(um_buf_span(&world.told),
                                   S("CONNECT um.example:443 200 (?!) GET /early ")));
        assert_int_equal(world.all.encrypted.names.count, 0);
        finish(&world);
    }
    peers_done(&first);
    peers_done(&peers);
}

static void
tls_in_a_connect_tunnel_is_counted_without_secrets(void **state)
{
    (void)state;
    struct peers first, peers;
    struct world world;
    talk_early(&first, &peers);
    begin(&world, 1);
    send_text(&world, CLIENT, CONNECT);
    send_text(&world, SERVER, GRANTED);
    send_tls(&world, &peers);
    close_all(&world);
    assert_span_equal(um_buf_span(&world.told), S("CONNECT um.example:443 200 (?!) "));
    assert_int_equal(world.all.encrypted.names.count, 1);
    assert_int_equal(world.all.encrypted.servers[0].connections, 1);
    finish(&world);
    peers_done(&first);
    peers_done(&peers);
}

/* ---- TLS that began before the capture ---- */

/* Its secrets, and the keys that they give. */
static void
share_secrets(struct world *world, struct um_tls_keys keys[2])
{
    for (int side = 0; side < 2; side++) {
        uint8_t id[UM_TLS_RANDOM_BYTES] = {5}, bytes[32] = {(uint8_t)(7 + side)};
        struct um_span secret = um_span_of(bytes, sizeof bytes);
        assert_int_equal(um_secrets_add(world->all.secrets,
                                        side == CLIENT ? UM_SECRET_CLIENT_APPLICATION
                                                       : UM_SECRET_SERVER_APPLICATION,
                                        um_span_of(id, sizeof id), secret),
                         UM_OK);
        assert_int_equal(um_keys_traffic(um_tls_suite_find(0x1301), secret, &keys[side]), UM_OK);
    }
}

/* The direction's record of that number. */
static void
seal(struct world *world, int side, const struct um_tls_keys *keys, uint64_t number, uint8_t type,
     struct um_span bytes)
{
    uint8_t clear[256], record[UM_TLS_HEADER_BYTES + sizeof clear + SEAL_TAG_BYTES], nonce[12];
    uint8_t number_bytes[UM_TLS_NUMBER_BYTES];
    size_t len = bytes.len;
    assert_true(len < sizeof clear);
    memcpy(clear, bytes.data, len);
    clear[len++] = type;
    memcpy(nonce, keys->iv, sizeof nonce);
    um_tls_number_put(number_bytes, number);
    for (size_t i = 0; i < sizeof number_bytes; i++)
        nonce[4 + i] ^= number_bytes[i];
    memcpy(record, "\x17\3\3", 3);
    record[3] = (uint8_t)((len + SEAL_TAG_BYTES) >> 8);
    record[4] = (uint8_t)(len + SEAL_TAG_BYTES);
    seal_gcm(um_span_of(keys->key, keys->key_len), nonce, um_span_of(record, UM_TLS_HEADER_BYTES),
             um_span_of(clear, len), record + UM_TLS_HEADER_BYTES);
    send_bytes(world, side, um_span_of(record, UM_TLS_HEADER_BYTES + len + SEAL_TAG_BYTES));
}

static void
send_sealed(struct world *world, int side, const struct um_tls_keys keys[2], uint64_t number,
            const char *text)
{
    seal(world, side, &keys[side], number, UM_TLS_TYPE_DATA, um_span_text(text));
}

/*
 * The head of a request was sent before the capture began: its body was once taken for something
 * that is not HTTP, and nothing of the connection was told.
 */
static void
what_begins_behind_the_rest_of_a_message_in_tls_is_read(void **state)
{
    (void)state;
    for (size_t step = 1; step <= 4096; step *= 64) {
        struct world world;
        struct um_tls_keys keys[2];
        begin(&world, step);
        share_secrets(&world, keys);
        send_sealed(&world, CLIENT, keys, 40, "the rest of a body");
        send_sealed(&world, CLIENT, keys, 41, "and some more of it");
        send_sealed(&world, SERVER, keys, 90, ok_200);
        send_sealed(&world, CLIENT, keys, 42, "GET /late HTTP/1.1\r\n\r\n");
        send_sealed(&world, SERVER, keys, 91, no_404);
        close_all(&world);
        assert_int_equal(world.result, UM_OK);
        assert_span_equal(um_buf_span(&world.told), S("200 (-!) GET /late 404 (?!) "));
        assert_int_equal(world.all.encrypted.names.count, 0);
        assert_int_equal(world.all.late_count, 1);
        assert_int_equal(world.all.late[0].client_random[0], 5);
        assert_int_equal(world.all.late[0].ends[0].port, 40000);
        finish(&world);
    }
}

/* One direction alone is joined: that of the other is missing, and not silent. */
static void
direction_that_no_secret_opens_is_told_as_encrypted(void **state)
{
    (void)state;
    struct world world;
    struct um_tls_keys keys[2];
    begin(&world, 4096);
    share_secrets(&world, keys);
    for (uint64_t i = 0; i < 2; i++) {
        send_sealed(&world, CLIENT, keys, 42 + i, "GET /late HTTP/1.1\r\n\r\n");
        send_sealed(&world, SERVER, keys, 40000 + i, ok_200); /* farther than is looked */
    }
    close_all(&world);
    assert_span_equal(um_buf_span(&world.told), S("GET /late GET /late (?-) (?-) "));
    assert_int_equal(world.all.encrypted.names.count, 1);
    assert_int_equal(world.all.encrypted.servers[0].partly_read, 1);
    assert_int_equal(world.all.encrypted.servers[0].without_beginning, 1);
    finish(&world);
}

/* It was once told that nothing is missing before the first record: the second reply was taken for
 * that of the first request. */
static void
what_is_lost_before_the_first_record_joined_is_a_hole(void **state)
{
    (void)state;
    struct world world;
    struct um_tls_keys keys[2];
    begin(&world, 4096);
    share_secrets(&world, keys);
    send_sealed(&world, CLIENT, keys, 42, "GET /one HTTP/1.1\r\n\r\n");
    send_sealed(&world, CLIENT, keys, 43, "GET /two HTTP/1.1\r\n\r\n");
    lose(&world, SERVER, 60);
    send_sealed(&world, SERVER, keys, 91, ok_200);
    close_all(&world);
    assert_false(um_span_starts(um_buf_span(&world.told), S("GET /one GET /two 200 (?!) (?-)")));
    finish(&world);
}

static void
damaged_first_record_does_not_lose_those_behind_it(void **state)
{
    (void)state;
    struct world world;
    struct um_tls_keys keys[2], wrong[2];
    begin(&world, 4096);
    share_secrets(&world, keys);
    memcpy(wrong, keys, sizeof wrong);
    wrong[SERVER].key[0] ^= 1;
    send_sealed(&world, CLIENT, keys, 42, "GET /one HTTP/1.1\r\n\r\n");
    send_sealed(&world, SERVER, wrong, 90, ok_200);
    send_sealed(&world, CLIENT, keys, 43, "GET /two HTTP/1.1\r\n\r\n");
    send_sealed(&world, SERVER, keys, 91, no_404);
    close_all(&world);
    struct um_span told = um_buf_span(&world.told);
    assert_true(um_span_search(told, S("404 ")) < told.len);
    assert_int_equal(world.all.encrypted.names.count, 0);
    finish(&world);
}

/* The rest of an upload may look like anything. */
static void
late_bytes_that_look_like_tls_are_not(void **state)
{
    (void)state;
    struct world world;
    struct um_tls_keys keys[2];
    begin(&world, 4096);
    share_secrets(&world, keys);
    seal(&world, CLIENT, &keys[CLIENT], 42, UM_TLS_TYPE_DATA,
         um_span_of("\x16\3\1\2\0 of an upload", 19));
    send_sealed(&world, CLIENT, keys, 43, "GET /late HTTP/1.1\r\n\r\n");
    send_sealed(&world, SERVER, keys, 91, no_404);
    close_all(&world);
    assert_span_equal(um_buf_span(&world.told), S("GET /late 404 (?!) "));
    finish(&world);
}

/* A ServerHello in the clear, of TLS 1.3. */
static void
send_server_hello(struct world *world, uint16_t suite)
{
    uint8_t hello[] = {22, 3, 3, 0, 0, 2, 0, 0, 0, 3, 3, [47] = 0, 6, 0, 43, 0, 2, 3, 4};
    hello[4] = sizeof hello - 5;
    hello[8] = sizeof hello - 9;
    hello[44] = (uint8_t)(suite >> 8);
    hello[45] = (uint8_t)suite;
    send_bytes(world, SERVER, um_span_of(hello, sizeof hello));
}

/* Neither may a hello of an unknown suite leave the keys of a direction without theirs: that ended
 * the program with the next update of keys. */
static void
foreign_hello_behind_joined_records_changes_nothing(void **state)
{
    (void)state;
    static const uint8_t update[] = {24, 0, 0, 1, 0};
    struct world world;
    struct um_tls_keys keys[2];
    begin(&world, 4096);
    share_secrets(&world, keys);
    send_sealed(&world, CLIENT, keys, 0, "GET /one HTTP/1.1\r\n\r\n");
    send_server_hello(&world, 0x7a7a);
    seal(&world, CLIENT, &keys[CLIENT], 1, UM_TLS_TYPE_HANDSHAKE,
         um_span_of(update, sizeof update));
    close_all(&world);
    assert_int_equal(world.result, UM_OK);
    assert_true(um_span_starts(um_buf_span(&world.told), S("GET /one ")));
    finish(&world);
}

/* After an error elsewhere: HTTP and TLS in a tunnel are freed, the open request is not told. */
static void
abandoned_connection_tells_nothing_and_leaks_nothing(void **state)
{
    (void)state;
    struct peers first, peers;
    struct world world;
    talk_early(&first, &peers);
    begin(&world, 4096);
    send_text(&world, CLIENT, CONNECT);
    send_text(&world, SERVER, GRANTED);
    send_tls(&world, &peers);
    world.events.abandon(&world.all, world.user);
    assert_span_equal(um_buf_span(&world.told), S("CONNECT um.example:443 200 (?!) "));
    assert_int_equal(world.all.encrypted.names.count, 0);
    finish(&world);

    begin(&world, 4096);
    send_text(&world, CLIENT, "GET /a HTTP/1.1\r\n\r\n");
    world.events.abandon(&world.all, world.user);
    assert_span_equal(um_buf_span(&world.told), S("GET /a "));
    finish(&world);
    peers_done(&first);
    peers_done(&peers);
}

static void
nth_allocation_failing_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    bool has_failed = true;
    for (size_t n = 0; has_failed; n++) {
        struct world world;
        um_test_alloc_fail_at(n);
        begin(&world, 5);
        send_text(&world, CLIENT, CONNECT);
        send_text(&world, SERVER, GRANTED);
        send_text(&world, CLIENT, CONNECT);
        send_text(&world, SERVER, GRANTED);
        send_bytes(&world, CLIENT, preface());
        send_bytes(&world, CLIENT, h2_request());
        close_all(&world);
        has_failed = um_test_alloc_reset();
        assert_int_equal(world.result, has_failed ? UM_ERR_NOMEM : UM_OK);
        finish(&world);
        assert_true(n < 1000);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(preface_is_known_however_it_is_cut),
        cmocka_unit_test(every_beginning_of_the_preface_is_wanted),
        cmocka_unit_test(method_that_begins_like_the_preface_is_http1),
        cmocka_unit_test(beginning_that_is_held_is_never_lost),
        cmocka_unit_test(beginning_that_was_captured_late_is_not_the_first_packet),
        cmocka_unit_test(http_in_a_connect_tunnel_is_read),
        cmocka_unit_test(rest_of_a_message_behind_a_hole_is_not_the_end_of_a_tunnel),
        cmocka_unit_test(tunnel_that_is_refused_or_carries_something_else_is_left_alone),
        cmocka_unit_test(what_follows_an_upgrade_is_left_alone),
        cmocka_unit_test(tunnels_are_read_as_deep_as_the_limit),
        cmocka_unit_test(tls_in_a_connect_tunnel_is_read_with_its_secrets),
        cmocka_unit_test(tls_in_a_connect_tunnel_is_counted_without_secrets),
        cmocka_unit_test(what_begins_behind_the_rest_of_a_message_in_tls_is_read),
        cmocka_unit_test(direction_that_no_secret_opens_is_told_as_encrypted),
        cmocka_unit_test(what_is_lost_before_the_first_record_joined_is_a_hole),
        cmocka_unit_test(damaged_first_record_does_not_lose_those_behind_it),
        cmocka_unit_test(late_bytes_that_look_like_tls_are_not),
        cmocka_unit_test(foreign_hello_behind_joined_records_changes_nothing),
        cmocka_unit_test(abandoned_connection_tells_nothing_and_leaks_nothing),
        cmocka_unit_test(nth_allocation_failing_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
