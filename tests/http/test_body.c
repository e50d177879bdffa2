/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/support.h"

#include "core/base/buf.h"
#include "offline/http/body.h"
#include "tests/http/pack.h"

enum { TEXT_BYTES = 100000 };

static char text[TEXT_BYTES + 1];

static int
make_text(void **state)
{
    (void)state;
    uint64_t seed = 7;
    for (size_t i = 0; i < TEXT_BYTES; i++)
        text[i] = (char)('a' + um_test_random(&seed) % 20);
    return 0;
}

static int
keep(void *ctx, struct um_span decoded)
{
    int err = um_buf_append(ctx, decoded);
    return err ? err : 1;
}

static int
refuse_more(void *ctx, struct um_span decoded)
{
    size_t *seen = ctx;
    *seen += decoded.len;
    return 0;
}

/* Decodes in pieces of `piece` bytes; the state it ended in. */
static enum um_body_state
decode(struct um_body *body, const enum um_http_coding *codings, size_t count,
       struct um_span packed, size_t piece, struct um_buf *out)
{
    um_buf_clear(out);
    assert_int_equal(um_body_begin(body, codings, count, keep, out), UM_OK);
    while (packed.len > 0) {
        struct um_span next = um_span_first(packed, piece);
        uint8_t *exact = um_test_exact_copy(next.data, next.len);
        int go_on = um_body_push(body, um_span_of(exact, next.len));
        free(exact);
        assert_true(go_on >= 0);
        if (go_on == 0)
            break;
        packed = um_span_from(packed, next.len);
    }
    return um_body_end(body);
}

static const enum um_http_coding every[] = {UM_HTTP_CODING_GZIP, UM_HTTP_CODING_DEFLATE,
                                            UM_HTTP_CODING_BROTLI, UM_HTTP_CODING_ZSTD};

static struct um_body *
new_body(uint64_t inflate, uint64_t ratio)
{
    struct um_limits limits;
    struct um_body *body;
    um_limits_init(&limits);
    if (inflate)
        limits.max[UM_LIMIT_INFLATE] = inflate;
    if (ratio)
        limits.max[UM_LIMIT_INFLATE_RATIO] = ratio;
    assert_int_equal(um_body_new(&limits, &body), UM_OK);
    return body;
}

static void
each_coding_is_undone_whole_and_in_pieces(void **state)
{
    (void)state;
    struct um_body *body = new_body(0, 0);
    struct um_buf out = {0};
    struct um_span plain = um_span_of(text, 5000);
    for (size_t i = 0; i < 5; i++) {
        bool is_raw = i == 4; /* deflate without zlib's header */
        enum um_http_coding coding = is_raw ? UM_HTTP_CODING_DEFLATE : every[i];
        struct um_buf packed = um_pack(plain, coding, is_raw);
        for (size_t piece = 1; piece <= 8192; piece *= 8) {
            assert_int_equal(decode(body, &coding, 1, um_buf_span(&packed), piece, &out),
                             UM_BODY_GOOD);
            assert_span_equal(um_buf_span(&out), plain);
        }
        um_buf_done(&packed);
    }
    um_buf_done(&out);
    um_body_free(body);
}

static void
stacked_codings_are_undone_last_first(void **state)
{
    (void)state;
    struct um_body *body = new_body(0, 0);
    struct um_buf out = {0};
    struct um_span plain = um_span_of(text, TEXT_BYTES);
    struct um_buf inner = um_pack(plain, UM_HTTP_CODING_ZSTD, false);
    struct um_buf outer = um_pack(um_buf_span(&inner), UM_HTTP_CODING_GZIP, false);
    const enum um_http_coding codings[] = {UM_HTTP_CODING_ZSTD, UM_HTTP_CODING_IDENTITY,
                                           UM_HTTP_CODING_GZIP};
    assert_int_equal(decode(body, codings, 3, um_buf_span(&outer), 777, &out), UM_BODY_GOOD);
    assert_span_equal(um_buf_span(&out), plain);
    um_buf_done(&inner);
    um_buf_done(&outer);
    um_buf_done(&out);
    um_body_free(body);
}

static void
gzip_members_follow_each_other_and_garbage_ends_them(void **state)
{
    (void)state;
    struct um_body *body = new_body(0, 0);
    struct um_buf out = {0};
    struct um_buf packed = um_pack(S("one "), UM_HTTP_CODING_GZIP, false);
    struct um_buf second = um_pack(S("two"), UM_HTTP_CODING_GZIP, false);
    assert_int_equal(um_buf_append(&packed, um_buf_span(&second)), UM_OK);
    assert_int_equal(um_buf_append(&packed, S("garbage")), UM_OK);
    assert_int_equal(decode(body, every, 1, um_buf_span(&packed), 3, &out), UM_BODY_GOOD);
    assert_span_equal(um_buf_span(&out), S("one two"));
    um_buf_done(&packed);
    um_buf_done(&second);
    um_buf_done(&out);
    um_body_free(body);
}

/*
 * What stands behind the last member was once looked at anew at the beginning of each piece:
 * garbage whose byte 0x1f came first in one was a member, and a broken body, in any other place it
 * was not.
 */
static void
garbage_behind_a_member_is_the_same_however_it_is_cut(void **state)
{
    (void)state;
    static const struct {
        enum um_http_coding coding;
        const char *tail;
        size_t len;
        enum um_body_state how;
    } cases[] = {
        {UM_HTTP_CODING_GZIP, "ab\x1f\x8b zz", 7, UM_BODY_GOOD},
        {UM_HTTP_CODING_GZIP, "\x1f", 1, UM_BODY_GOOD},
        {UM_HTTP_CODING_GZIP, "\x1f\x1f\x8b", 3, UM_BODY_GOOD},
        {UM_HTTP_CODING_GZIP, "\x1f\x8b", 2, UM_BODY_SHORT},
        {UM_HTTP_CODING_GZIP, "\x1f\x8bzz", 4, UM_BODY_BAD},
        {UM_HTTP_CODING_ZSTD, "ab\x28\xb5\x2f\xfd", 6, UM_BODY_GOOD},
        {UM_HTTP_CODING_ZSTD, "\x28\xb5\x2f", 3, UM_BODY_GOOD},
        {UM_HTTP_CODING_ZSTD, "\x28\xb5\x2f\xfd", 4, UM_BODY_SHORT},
        {UM_HTTP_CODING_ZSTD, "\x5a\x2a\x4d", 3, UM_BODY_GOOD},
        {UM_HTTP_CODING_ZSTD, "\x5a\x2a\x4d\x18\4\0\0\0abc", 11, UM_BODY_SHORT},
        {UM_HTTP_CODING_ZSTD, "\x5a\x2a\x4d\x18\3\0\0\0abc", 11, UM_BODY_GOOD},
        {UM_HTTP_CODING_BROTLI, "ab", 2, UM_BODY_GOOD},
        {UM_HTTP_CODING_DEFLATE, "\x78\x9c", 2, UM_BODY_GOOD},
    };
    struct um_body *body = new_body(0, 0);
    struct um_buf out = {0};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_buf packed = um_pack(S("one"), cases[i].coding, false);
        assert_int_equal(um_buf_append(&packed, um_span_of(cases[i].tail, cases[i].len)), UM_OK);
        for (size_t piece = 1; piece <= packed.len; piece++) {
            enum um_body_state how =
                decode(body, &cases[i].coding, 1, um_buf_span(&packed), piece, &out);
            if (how != cases[i].how)
                fail_msg("case %zu in pieces of %zu: %d", i, piece, (int)how);
            assert_span_equal(um_buf_span(&out), S("one"));
        }
        um_buf_done(&packed);
    }
    um_buf_done(&out);
    um_body_free(body);
}

/* RFC 8878 section 3.1.2. What stood behind a skippable frame was once ignored. */
static void
skippable_frames_of_zstd_are_skipped(void **state)
{
    (void)state;
    static const enum um_http_coding zstd = UM_HTTP_CODING_ZSTD;
    struct um_body *body = new_body(0, 0);
    struct um_buf frame = um_pack(S("one"), zstd, false), all = {0}, out = {0};
    char skipped[] = "\x50\x2a\x4d\x18\3\0\0\0abc";
    for (unsigned i = 0; i < 16; i++) {
        skipped[0] = (char)(0x50 + i);
        assert_int_equal(um_buf_append(&all, um_span_of(skipped, sizeof skipped - 1)), UM_OK);
        assert_int_equal(um_buf_append(&all, um_buf_span(&frame)), UM_OK);
    }
    for (size_t piece = 1; piece <= 32; piece++) {
        assert_int_equal(decode(body, &zstd, 1, um_buf_span(&all), piece, &out), UM_BODY_GOOD);
        assert_int_equal(out.len, 16 * 3);
    }
    um_buf_done(&frame);
    um_buf_done(&all);
    um_buf_done(&out);
    um_body_free(body);
}

static void
every_prefix_is_short_and_gives_a_beginning(void **state)
{
    (void)state;
    struct um_body *body = new_body(0, 0);
    struct um_buf out = {0};
    struct um_span plain = um_span_of(text, 300);
    for (size_t i = 0; i < 4; i++) {
        struct um_buf packed = um_pack(plain, every[i], false);
        for (size_t len = 1; len < packed.len; len++) {
            enum um_body_state how =
                decode(body, &every[i], 1, um_span_of(packed.data, len), len, &out);
            assert_int_equal(how, UM_BODY_SHORT);
            assert_true(um_span_starts(plain, um_buf_span(&out)));
        }
        um_buf_done(&packed);
    }
    um_buf_done(&out);
    um_body_free(body);
}

static void
damage_is_told_and_what_came_before_is_kept(void **state)
{
    (void)state;
    struct um_body *body = new_body(0, 0);
    struct um_buf out = {0};
    for (size_t i = 0; i < 4; i++) {
        struct um_buf packed = um_pack(um_span_of(text, TEXT_BYTES), every[i], false);
        memset(packed.data + packed.len / 2, 0xff, packed.len / 4);
        enum um_body_state how = decode(body, &every[i], 1, um_buf_span(&packed), 500, &out);
        /* the other two come without a checksum here: damage may read as something else */
        if (every[i] == UM_HTTP_CODING_GZIP || every[i] == UM_HTTP_CODING_DEFLATE)
            assert_int_equal(how, UM_BODY_BAD);
        assert_false(how == UM_BODY_GOOD &&
                     um_span_equal(um_buf_span(&out), um_span_of(text, TEXT_BYTES)));
        assert_true(um_span_equal(um_span_first(um_buf_span(&out), 1000), um_span_of(text, 1000)));
        um_buf_done(&packed);
    }
    assert_int_equal(decode(body, every, 1, S("this is no gzip"), 4, &out), UM_BODY_BAD);
    um_buf_done(&out);
    um_body_free(body);
}

static void
limit_inflate_lets_that_many_bytes_through(void **state)
{
    (void)state;
    struct um_buf out = {0};
    for (size_t i = 0; i < 4; i++) {
        struct um_buf packed = um_pack(um_span_of(text, 20000), every[i], false);
        struct um_body *body = new_body(20000, 0);
        assert_int_equal(decode(body, &every[i], 1, um_buf_span(&packed), 99, &out), UM_BODY_GOOD);
        assert_int_equal(out.len, 20000);
        um_body_free(body);
        body = new_body(19999, 0);
        assert_int_equal(decode(body, &every[i], 1, um_buf_span(&packed), 99, &out),
                         UM_BODY_LIMIT_BYTES);
        assert_int_equal(out.len, 19999);
        um_body_free(body);
        um_buf_done(&packed);
    }
    um_buf_done(&out);
}

static void
limit_ratio_stops_a_bomb_early(void **state)
{
    (void)state;
    char *zeros = calloc(1, 4 << 20);
    struct um_body *body = new_body(0, 100);
    struct um_buf out = {0};
    struct um_buf packed = um_pack(um_span_of(zeros, 4 << 20), UM_HTTP_CODING_GZIP, false);
    assert_int_equal(decode(body, every, 1, um_buf_span(&packed), 1024, &out), UM_BODY_LIMIT_RATIO);
    assert_true(out.len < 1 << 20);
    um_buf_done(&packed);
    um_buf_done(&out);
    um_body_free(body);
    free(zeros);
}

static void
unknown_coding_gives_nothing(void **state)
{
    (void)state;
    struct um_body *body = new_body(0, 0);
    struct um_buf out = {0};
    const enum um_http_coding codings[] = {UM_HTTP_CODING_OTHER};
    assert_int_equal(decode(body, codings, 1, S("bytes"), 5, &out), UM_BODY_UNKNOWN);
    assert_int_equal(out.len, 0);
    um_body_free(body);
}

static void
receiver_that_wants_no_more_stops_the_work(void **state)
{
    (void)state;
    struct um_body *body = new_body(0, 0);
    size_t seen = 0;
    struct um_buf packed = um_pack(um_span_of(text, TEXT_BYTES), UM_HTTP_CODING_GZIP, false);
    assert_int_equal(um_body_begin(body, every, 1, refuse_more, &seen), UM_OK);
    assert_int_equal(um_body_push(body, um_buf_span(&packed)), 0);
    assert_true(seen > 0 && seen < TEXT_BYTES / 2);
    assert_int_equal(um_body_push(body, um_buf_span(&packed)), 0);
    um_buf_done(&packed);
    um_body_free(body);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_coding_is_undone_whole_and_in_pieces),
        cmocka_unit_test(stacked_codings_are_undone_last_first),
        cmocka_unit_test(gzip_members_follow_each_other_and_garbage_ends_them),
        cmocka_unit_test(garbage_behind_a_member_is_the_same_however_it_is_cut),
        cmocka_unit_test(skippable_frames_of_zstd_are_skipped),
        cmocka_unit_test(every_prefix_is_short_and_gives_a_beginning),
        cmocka_unit_test(damage_is_told_and_what_came_before_is_kept),
        cmocka_unit_test(limit_inflate_lets_that_many_bytes_through),
        cmocka_unit_test(limit_ratio_stops_a_bomb_early),
        cmocka_unit_test(unknown_coding_gives_nothing),
        cmocka_unit_test(receiver_that_wants_no_more_stops_the_work),
    };
    return cmocka_run_group_tests(tests, make_text, NULL);
}
