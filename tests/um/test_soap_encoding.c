/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which encoding a body is in, and its way to UTF-8 in pieces cut anywhere. */
#include "core/um/soap_encoding.h"

#include "tests/support/support.h"

#define UTF8 UM_SOAP_ENCODING_UTF8
#define LE UM_SOAP_ENCODING_UTF16LE
#define BE UM_SOAP_ENCODING_UTF16BE
#define LATIN1 UM_SOAP_ENCODING_LATIN1

/* A literal with NULs inside it. */
#define BYTES(literal) um_span_of("" literal, sizeof(literal) - 1)

static void
encoding_is_told_by_mark_then_zero_bytes_then_declaration_then_charset(void **state)
{
    (void)state;
    const struct {
        struct um_span head;
        enum um_soap_encoding charset;
        enum um_soap_encoding encoding;
        size_t mark_len;
    } cases[] = {
        {BYTES("<a/>"), UTF8, UTF8, 0},
        {BYTES("<a/>"), LATIN1, LATIN1, 0},
        {BYTES("\xEF\xBB\xBF<a/>"), LATIN1, UTF8, 3},
        {BYTES("\xFF\xFE<\0a\0"), UTF8, LE, 2},
        {BYTES("\xFE\xFF\0<\0a"), UTF8, BE, 2},
        {BYTES("<\0a\0/\0>\0"), LATIN1, LE, 0},
        {BYTES("\0<\0a\0/\0>"), LATIN1, BE, 0},
        {BYTES("<?xml version='1.0'?><a/>"), LATIN1, LATIN1, 0},
        {BYTES("<?xml version='1.0' encoding='utf-8'?><a/>"), LATIN1, UTF8, 0},
        {BYTES("<?xml version='1.0' encoding='ISO-8859-1'?><a/>"), UTF8, LATIN1, 0},
        {BYTES("<?xml version=\"1.0\" encoding = \"Windows-1252\"?><a/>"), UTF8, LATIN1, 0},
        {BYTES("<?xml version='1.0' encoding='utf-16'?><a/>"), UTF8, UTF8, 0}, /* contradicted */
        {BYTES("<?xml version='1.0' encoding='klingon'?><a/>"), LATIN1, UTF8, 0},
        {BYTES("<?xml version='1.0' encoding=?><a/>"), LATIN1, LATIN1, 0},
        {BYTES("<?xml version='1.0' encoding?><a/>"), LATIN1, LATIN1, 0},
        {BYTES("<a encoding='latin1'/>"), UTF8, UTF8, 0}, /* no declaration */
        {BYTES("<\0?\0x\0m\0l\0"), UTF8, LE, 0},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        enum um_soap_encoding encoding;
        size_t mark_len;
        uint8_t *heap = um_test_exact_copy(cases[i].head.data, cases[i].head.len);
        struct um_span head = um_span_of(heap, cases[i].head.len);
        assert_int_equal(um_soap_encoding_detect(head, cases[i].charset, &encoding, &mark_len),
                         UM_DONE);
        assert_int_equal(encoding, cases[i].encoding);
        assert_int_equal(mark_len, cases[i].mark_len);
        free(heap);
    }
}

static void
encoding_of_a_prefix_is_not_guessed(void **state)
{
    (void)state;
    struct um_span body = BYTES("<?xml version='1.0' encoding='iso-8859-1'?><a/>");
    size_t declaration = um_span_search(body, S("?>")) + 2;
    for (size_t n = 0; n <= body.len; n++) {
        enum um_soap_encoding encoding = BE;
        size_t mark_len = 9;
        uint8_t *heap = um_test_exact_copy(body.data, n);
        enum um_step step =
            um_soap_encoding_detect(um_span_of(heap, n), UTF8, &encoding, &mark_len);
        free(heap);
        assert_int_equal(step, n < declaration ? UM_MORE : UM_DONE);
        assert_int_equal(encoding, n < declaration ? BE : LATIN1);
        assert_int_equal(mark_len, n < declaration ? 9 : 0);
    }
}

static void
encoding_of_a_declaration_without_end_is_decided_at_the_limit(void **state)
{
    (void)state;
    uint8_t head[UM_SOAP_HEAD_MAX];
    memset(head, ' ', sizeof head);
    memcpy(head, "<?xml ", 6);
    enum um_soap_encoding encoding;
    size_t mark_len;
    assert_int_equal(
        um_soap_encoding_detect(um_span_of(head, sizeof head - 1), UTF8, &encoding, &mark_len),
        UM_MORE);
    assert_int_equal(
        um_soap_encoding_detect(um_span_of(head, sizeof head), UTF8, &encoding, &mark_len),
        UM_DONE);
    assert_int_equal(encoding, UTF8);
}

static void
label_is_known_in_any_case_and_utf16_is_never_told_by_one(void **state)
{
    (void)state;
    assert_int_equal(um_soap_encoding_of(S("ISO-8859-1")), LATIN1);
    assert_int_equal(um_soap_encoding_of(S("Latin1")), LATIN1);
    assert_int_equal(um_soap_encoding_of(S("CP1252")), LATIN1);
    assert_int_equal(um_soap_encoding_of(S("utf-16")), UTF8);
    assert_int_equal(um_soap_encoding_of(S("")), UTF8);
    assert_int_equal(um_soap_encoding_of(S("iso-8859-15")), UTF8);
}

static void
decode_piece(struct um_soap_decoder *decoder, struct um_span piece, struct um_buf *out)
{
    uint8_t *heap = um_test_exact_copy(piece.data, piece.len);
    assert_int_equal(um_soap_decode(decoder, um_span_of(heap, piece.len), out), UM_OK);
    free(heap);
}

/* Every cut into two pieces, and byte by byte, must give what the whole gives. */
static void
decode_in_pieces(enum um_soap_encoding encoding, struct um_span bytes, struct um_span expected)
{
    struct um_soap_decoder start = {.encoding = encoding}, decoder = start;
    struct um_buf out = {0};
    for (size_t cut = 0; cut <= bytes.len; cut++) {
        decoder = start;
        um_buf_clear(&out);
        decode_piece(&decoder, um_span_first(bytes, cut), &out);
        decode_piece(&decoder, um_span_from(bytes, cut), &out);
        assert_span_equal(um_buf_span(&out), expected);
    }
    decoder = start;
    um_buf_clear(&out);
    for (size_t at = 0; at < bytes.len; at++)
        decode_piece(&decoder, um_span_first(um_span_from(bytes, at), 1), &out);
    assert_span_equal(um_buf_span(&out), expected);
    um_buf_done(&out);
}

static void
utf16_becomes_utf8_in_pieces_as_whole(void **state)
{
    (void)state;
    /* U+0041, U+00E9, U+20AC, U+FFFD, U+1F600 (a pair), U+10FFFF (the last pair), U+0000 */
    struct um_span expected =
        BYTES("A\xC3\xA9\xE2\x82\xAC\xEF\xBF\xBD\xF0\x9F\x98\x80\xF4\x8F\xBF\xBF\0");
    decode_in_pieces(LE, BYTES("A\0\xE9\0\xAC\x20\xFD\xFF\x3D\xD8\x00\xDE\xFF\xDB\xFF\xDF\0\0"),
                     expected);
    decode_in_pieces(BE, BYTES("\0A\0\xE9\x20\xAC\xFF\xFD\xD8\x3D\xDE\x00\xDB\xFF\xDF\xFF\0\0"),
                     expected);
}

static void
utf16_surrogate_without_its_other_half_is_no_character(void **state)
{
    (void)state;
    decode_in_pieces(BE, BYTES("\xD8\x3D\0A"),
                     BYTES("\xED\xA0\xBD"
                           "A"));
    decode_in_pieces(BE, BYTES("\xDE\x00\0A"),
                     BYTES("\xED\xB8\x80"
                           "A"));
    decode_in_pieces(BE, BYTES("\xD8\x3D\xD8\x3D\xDE\x00"),
                     BYTES("\xED\xA0\xBD\xF0\x9F\x98\x80")); /* high, then a whole pair */
    decode_in_pieces(BE, BYTES("\0A\xD8\x3D"), BYTES("A"));  /* still waiting at the end */
    decode_in_pieces(LE, BYTES("A\0B"), BYTES("A"));         /* half a unit */
}

static void
latin1_is_read_as_windows_1252(void **state)
{
    (void)state;
    decode_in_pieces(LATIN1, BYTES("a\x80\x92\xA0\xE9\xFF\x81"),
                     BYTES("a\xE2\x82\xAC\xE2\x80\x99\xC2\xA0\xC3\xA9\xC3\xBF\xC2\x81"));
}

static void
utf8_passes_as_it_is(void **state)
{
    (void)state;
    decode_in_pieces(UTF8, BYTES("a\xC3\xA9\xFF\0z"), BYTES("a\xC3\xA9\xFF\0z"));
}

/* Each code point there is, both orders, against the plain rule. */
static void
every_code_point_survives_both_orders(void **state)
{
    (void)state;
    for (uint32_t c = 0; c <= 0x10FFFF; c += c < 0x900 ? 1 : 61) {
        if (c >= 0xD800 && c <= 0xDFFF)
            continue;
        uint16_t units[2] = {(uint16_t)c, 0};
        size_t count = 1;
        if (c >= 0x10000) {
            units[0] = (uint16_t)(0xD800 | (c - 0x10000) >> 10);
            units[1] = (uint16_t)(0xDC00 | ((c - 0x10000) & 0x3FF));
            count = 2;
        }
        struct um_buf le = {0}, be = {0};
        struct um_soap_decoder decode_le = {.encoding = LE}, decode_be = {.encoding = BE};
        for (size_t i = 0; i < count; i++) {
            uint8_t low = (uint8_t)units[i], high = (uint8_t)(units[i] >> 8);
            uint8_t little[] = {low, high}, big[] = {high, low};
            assert_int_equal(um_soap_decode(&decode_le, um_span_of(little, 2), &le), UM_OK);
            assert_int_equal(um_soap_decode(&decode_be, um_span_of(big, 2), &be), UM_OK);
        }
        assert_span_equal(um_buf_span(&le), um_buf_span(&be));
        size_t len = c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4;
        assert_int_equal(le.len, len);
        uint32_t back = len == 1 ? le.data[0] : le.data[0] & (0x7FU >> len);
        for (size_t i = 1; i < len; i++)
            back = back << 6 | (le.data[i] & 0x3FU);
        assert_int_equal(back, c);
        um_buf_done(&le);
        um_buf_done(&be);
    }
}

static void
decode_that_fails_says_so(void **state)
{
    (void)state;
    static const enum um_soap_encoding all[] = {UTF8, LE, BE, LATIN1};
    for (size_t i = 0; i < sizeof all / sizeof *all; i++) {
        struct um_soap_decoder decoder = {.encoding = all[i]};
        struct um_buf out = {0};
        um_test_alloc_fail_at(0);
        assert_int_equal(um_soap_decode(&decoder, BYTES("abcd"), &out), UM_ERR_NOMEM);
        assert_true(um_test_alloc_reset());
        um_buf_done(&out);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(encoding_is_told_by_mark_then_zero_bytes_then_declaration_then_charset),
        cmocka_unit_test(encoding_of_a_prefix_is_not_guessed),
        cmocka_unit_test(encoding_of_a_declaration_without_end_is_decided_at_the_limit),
        cmocka_unit_test(label_is_known_in_any_case_and_utf16_is_never_told_by_one),
        cmocka_unit_test(utf16_becomes_utf8_in_pieces_as_whole),
        cmocka_unit_test(utf16_surrogate_without_its_other_half_is_no_character),
        cmocka_unit_test(latin1_is_read_as_windows_1252),
        cmocka_unit_test(utf8_passes_as_it_is),
        cmocka_unit_test(every_code_point_survives_both_orders),
        cmocka_unit_test(decode_that_fails_says_so),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
