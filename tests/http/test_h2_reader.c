/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One direction of HTTP/2, cut into frames. A script is text: "P" the preface, "d3:abc" a DATA
 * frame of three bytes, "s" SETTINGS without any, "~4" a hole of four bytes, "?4" of one to four,
 * "<text>" bytes as they stand, "!" the other side goes on. What is told is text too: "preface ",
 * "d(abc) ", '-' for each byte of a payload that is missing, "lost ". However a script is cut, the
 * same must be told.
 */
#include "offline/http/h2_reader.h"

#include <stdio.h>

#include "tests/support/support.h"

struct ear {
    struct um_buf told;
    const struct um_h2_reader *reader;
    uint64_t first, last; /* of the frame that ended last */
};

static void
say(struct ear *ear, const char *text)
{
    assert_int_equal(um_buf_append(&ear->told, um_span_text(text)), UM_OK);
}

static int
take_preface(void *ctx)
{
    say(ctx, "preface ");
    return UM_OK;
}

static int
begin_frame(void *ctx)
{
    const struct ear *ear = ctx;
    say(ctx, ear->reader->frame.type == UM_H2_DATA ? "d(" : "s(");
    return UM_OK;
}

static int
take_payload(void *ctx, struct um_span bytes)
{
    struct ear *ear = ctx;
    assert_true(bytes.len > 0 && bytes.len <= ear->reader->left);
    return um_buf_append(&ear->told, bytes);
}

static void
lose_payload(void *ctx, uint32_t missing_bytes)
{
    for (uint32_t i = 0; i < missing_bytes; i++)
        say(ctx, "-");
}

static int
end_frame(void *ctx)
{
    struct ear *ear = ctx;
    assert_int_equal(ear->reader->left, 0);
    ear->first = ear->reader->first.frame;
    ear->last = ear->reader->last.frame;
    say(ctx, ") ");
    return UM_OK;
}

static int
lose_place(void *ctx)
{
    say(ctx, "lost ");
    return UM_OK;
}

struct player {
    struct um_meter meter;
    struct um_h2_reader reader;
    struct ear ear;
    size_t piece;
    uint64_t frame;
};

static void
push(struct player *player, struct um_span bytes)
{
    while (bytes.len > 0) {
        struct um_span part = um_span_first(bytes, player->piece);
        struct um_mark mark = {.frame = ++player->frame};
        uint8_t *exact = um_test_exact_copy(part.data, part.len);
        struct um_chunk chunk = {.bytes = um_span_of(exact, part.len), .first = mark, .last = mark};
        assert_int_equal(um_h2_reader_data(&player->reader, &chunk), UM_OK);
        free(exact);
        bytes = um_span_from(bytes, part.len);
    }
}

/* The bytes of the next word of a script, up to a hole or its end; what they are stands in `out`.
 */
static const char *
write_bytes(const char *script, struct um_buf *out)
{
    while (*script && *script != '~' && *script != '?' && *script != '!') {
        struct um_span bytes = um_span_of(NULL, 0);
        if (*script == 'P') {
            bytes = S("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
            script++;
        } else if (*script == '<') {
            bytes = um_span_of(script + 1, strcspn(script + 1, ">"));
            script += bytes.len + 2;
        } else {
            bool is_data = *script == 'd';
            uint8_t head[UM_H2_FRAME_HEAD_BYTES] = {0};
            head[2] = is_data ? (uint8_t)(script[1] - '0') : 0;
            head[3] = is_data ? UM_H2_DATA : UM_H2_SETTINGS;
            head[8] = is_data;
            assert_int_equal(um_buf_append(out, um_span_of(head, sizeof head)), UM_OK);
            bytes = is_data ? um_span_first(S(script + 3), strcspn(script + 3, " ")) : bytes;
            script += is_data ? 3 + bytes.len + 1 : 1;
        }
        assert_int_equal(um_buf_append(out, bytes), UM_OK);
    }
    return script;
}

static void
begin(struct player *player, size_t piece)
{
    struct um_h2_reader_events events = {.ctx = &player->ear,
                                         .preface = take_preface,
                                         .begin = begin_frame,
                                         .payload = take_payload,
                                         .lose_payload = lose_payload,
                                         .end = end_frame,
                                         .lose_place = lose_place};
    *player = (struct player){.meter = {.max = UINT64_MAX}, .piece = piece};
    player->ear.reader = &player->reader;
    um_h2_reader_init(&player->reader, &player->meter, &events);
}

static void
play_on(struct player *player, const char *script)
{
    while (*script) {
        struct um_buf bytes = {0};
        script = write_bytes(script, &bytes);
        push(player, um_buf_span(&bytes));
        um_buf_done(&bytes);
        player->frame++;
        if (*script == '~' || *script == '?') { /* so many bytes, or at most so many */
            struct um_missing missing = um_missing_exactly((uint64_t)(script[1] - '0'));
            if (*script == '?')
                missing.least = 1;
            assert_int_equal(um_h2_reader_gap(&player->reader, missing), UM_OK);
            script += 2;
        } else if (*script == '!') {
            assert_int_equal(um_h2_reader_settle(&player->reader), UM_OK);
            script++;
        }
    }
}

static void
play(struct player *player, const char *script, size_t piece)
{
    begin(player, piece);
    play_on(player, script);
    assert_int_equal(um_h2_reader_end(&player->reader), UM_OK);
}

static void
finish(struct player *player)
{
    um_h2_reader_done(&player->reader);
    um_buf_done(&player->ear.told);
    assert_int_equal(player->meter.used, 0);
}

static const struct stream {
    const char *script, *told;
} streams[] = {
    {"", ""},
    {"Ps", "preface s() "},
    {"Psd3:abc sd0: d1:x ", "preface s() d(abc) s() d() d(x) "},
    {"sd3:abc s", "s() d(abc) s() "},
    {"P", "preface "},

    /* cut by the end */
    {"Pd3:ab ", "preface d(ab-) "},
    {"Pd3: ", "preface d(---) "},

    /* not from the beginning: garbage, then frames */
    {"<the rest of a frame>d3:abc s", "lost d(abc) s() "},
    {"<PRI * HTT or so>ss", "lost s() s() "},
    {"<no frame at all, whatever may come>", "lost "},

    /* holes in a payload keep the place, longer ones lose it */
    {"Psd5:ab ~3s", "preface s() d(ab---) s() "},
    {"Psd5:ab ~1<cd>s", "preface s() d(ab-cd) s() "},
    {"Psd5:ab ~4s", "preface s() d(ab---) lost s() "},
    {"Psd5:ab ~9<x>ss", "preface s() d(ab---) lost lost s() s() "},
    {"P~1ss", "preface lost s() s() "},
    {"Ps~1<garbage between>d3:abc s", "preface s() lost lost d(abc) s() "},
    {"Ps~1~1~1s", "preface s() lost lost lost s() "},

    /* of unknown length: where in the payload it ends nobody knows */
    {"Psd5:ab ?3s", "preface s() d(ab---) lost s() "},
    {"Psd5:ab ?2<cd>s", "preface s() d(ab---) lost lost s() "},

    /* a frame behind garbage that no other follows: at the end, or when the other side goes on */
    {"Ps~1<garbage>d3:abc ", "preface s() lost lost d(abc) "},
    {"Ps~1<garbage>d3:abc !d1:x ", "preface s() lost lost d(abc) d(x) "},
    {"Ps~1<garbage>d3:a !<bc>s", "preface s() lost lost d(abc) s() "},
    {"Ps~1<garbage>!d3:abc s", "preface s() lost lost d(abc) s() "},
    {"Ps!d3:abc !s", "preface s() d(abc) s() "},
};

static void
direction_tells_its_frames_however_it_is_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof streams / sizeof *streams; i++) {
        for (size_t piece = 1; piece <= 64; piece = piece < 12 ? piece + 1 : 64) {
            struct player player;
            play(&player, streams[i].script, piece);
            struct um_span told = um_buf_span(&player.ear.told);
            if (!um_span_equal(told, S(streams[i].told)))
                fail_msg("in pieces of %zu '%s' told '%.*s', not '%s'", piece, streams[i].script,
                         (int)told.len, told.len ? (const char *)told.data : "", streams[i].told);
            finish(&player);
            if (piece == 64)
                break;
        }
    }
}

static void
frame_stands_in_the_packets_that_brought_it(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        uint64_t first, last;
    } cases[] = {
        {"Ps!d3:abc ", 3, 3},                      /* turns count one more each */
        {"Ps!d3:a !<bc>", 3, 5},                   /* in two packets */
        {"Ps~1<longer garbage>!d3:abc !", 5, 5},   /* found: not where the garbage was */
        {"Ps~1<longer garbage>d3:a !<bc>!", 3, 5}, /* found, in two packets */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct player player;
        play(&player, cases[i].script, 4096);
        assert_int_equal(player.ear.first, cases[i].first);
        assert_int_equal(player.ear.last, cases[i].last);
        finish(&player);
    }
}

/*
 * A frame's head in two packets, the second of which was captured first: the later one was once its
 * `first`, and the earlier its `last` when it had been searched for.
 */
static void
frame_out_of_order_stands_in_the_same_packets(void **state)
{
    (void)state;
    static const struct {
        const char *before, *frames;
        size_t cut;
    } cases[] = {
        {"Ps", "d3:abc ", 4},                     /* read on */
        {"Ps~1", "<longer garbage>d3:abc s", 18}, /* searched for */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct player player;
        struct um_buf bytes = {0};
        begin(&player, 4096);
        play_on(&player, cases[i].before);
        (void)write_bytes(cases[i].frames, &bytes);
        player.frame = 8; /* 9 brings the beginning, 7 the rest */
        push(&player, um_span_first(um_buf_span(&bytes), cases[i].cut));
        player.frame = 6;
        push(&player, um_span_from(um_buf_span(&bytes), cases[i].cut));
        um_buf_done(&bytes);
        assert_int_equal(player.ear.first, 7);
        assert_int_equal(player.ear.last, 9);
        finish(&player);
    }
}

/* Without memory the search goes on with what comes, and keeps nothing. */
static void
search_without_memory_keeps_nothing(void **state)
{
    (void)state;
    struct player player;
    play(&player, "", 4096);
    player.reader.place = UM_H2_PLACE_HEAD;
    player.meter.max = 10;
    push(&player, S("the rest of a frame, longer than what may be kept"));
    assert_true(player.meter.used <= 10);
    finish(&player);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(direction_tells_its_frames_however_it_is_cut),
        cmocka_unit_test(frame_stands_in_the_packets_that_brought_it),
        cmocka_unit_test(frame_out_of_order_stands_in_the_same_packets),
        cmocka_unit_test(search_without_memory_keeps_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
