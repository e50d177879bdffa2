/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Header blocks by hand: what is told of them with the dynamic table known, lost, and new. */
#include "offline/http/h2_headers.h"

#include <stdio.h>

#include "core/base/buf.h"
#include "tests/support/support.h"

#define GET_LINE "\x82"           /* static entry 2: ":method: GET" */
#define ADD "\x40\1a\1b"          /* literal "a: b", added to the table */
#define NEWEST "\xbe"             /* entry 62: the newest added */
#define OLDER "\xbf"              /* entry 63 */
#define VALUE_OF_NEWEST "\x7e\1c" /* the name of entry 62, another value, added */
#define PLAIN "\0\1d\1e"          /* literal "d: e", not added */

static int
tell(void *ctx, struct um_span name, struct um_span value)
{
    struct um_buf *told = ctx;
    int err = um_buf_append(told, name);
    if (!err)
        err = um_buf_append(told, S("="));
    if (!err)
        err = um_buf_append(told, value);
    return err ? err : um_buf_append(told, S(" "));
}

static int
read_block(struct um_h2_headers *headers, const char *bytes, size_t len, bool is_whole,
           struct um_buf *told)
{
    uint8_t *exact = um_test_exact_copy(bytes, len);
    int err = um_h2_headers_read(headers, um_span_of(exact, len), is_whole, tell, told);
    free(exact);
    return err;
}

static void
assert_reads(struct um_h2_headers *headers, const char *bytes, size_t len, bool is_whole,
             const char *wanted)
{
    struct um_buf told = {0};
    assert_int_equal(read_block(headers, bytes, len, is_whole, &told), UM_OK);
    assert_span_equal(um_span_trim(um_buf_span(&told)), S(wanted));
    um_buf_done(&told);
}

#define READS(headers, block, wanted) assert_reads(headers, block, sizeof(block) - 1, true, wanted)

static struct um_h2_headers *
new_headers(void)
{
    struct um_h2_headers *headers;
    assert_int_equal(um_h2_headers_new(&headers), UM_OK);
    return headers;
}

static void
table_is_kept_from_block_to_block(void **state)
{
    (void)state;
    struct um_h2_headers *headers = new_headers();
    READS(headers, GET_LINE ADD, ":method=GET a=b");
    READS(headers, NEWEST PLAIN, "a=b d=e");
    READS(headers, VALUE_OF_NEWEST OLDER, "a=c a=b");
    assert_int_equal(um_h2_headers_table_bytes(headers), 2 * (32 + 2));
    READS(headers, "", "");
    um_h2_headers_free(headers);
}

static void
what_refers_to_a_lost_table_is_unknown_and_what_comes_new_is_not(void **state)
{
    (void)state;
    struct um_h2_headers *headers = new_headers();
    READS(headers, ADD, "a=b");
    assert_int_equal(um_h2_headers_lose(headers), UM_OK);
    assert_int_equal(um_h2_headers_table_bytes(headers), 0);
    READS(headers, NEWEST GET_LINE PLAIN, "?=? :method=GET d=e");
    READS(headers, VALUE_OF_NEWEST NEWEST OLDER, "?=c ?=c ?=?");
    READS(headers, ADD NEWEST OLDER, "a=b a=b ?=c");
    um_h2_headers_free(headers);
}

/* Of a block that is none the fields before the fault are told, and the table is lost. */
static void
broken_block_loses_the_table(void **state)
{
    (void)state;
    static const struct {
        const char *block;
        size_t len;
        const char *told;
    } cases[] = {
        {GET_LINE "\x80", 2, ":method=GET"}, /* entry 0 */
        {GET_LINE OLDER, 2, ":method=GET"},  /* there is one entry only */
        {GET_LINE "\0\x7f\xff\xff\xff\xff\xff\xff\xff", 10, ":method=GET"}, /* a name too long */
        {GET_LINE "\xff\xff\xff\xff\xff\xff\xff\xff\xff", 10, ":method=GET"},
        {GET_LINE "\x40\5a", 4, ":method=GET"}, /* ends inside a name */
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_h2_headers *headers = new_headers();
        READS(headers, ADD, "a=b");
        assert_reads(headers, cases[i].block, cases[i].len, true, cases[i].told);
        READS(headers, NEWEST, "?=?");
        um_h2_headers_free(headers);
    }
}

static void
every_prefix_of_a_block_tells_a_beginning_and_loses_the_table(void **state)
{
    (void)state;
    static const char block[] = GET_LINE ADD PLAIN NEWEST;
    struct um_span whole = S(":method=GET a=b d=e a=b ");
    for (size_t len = 0; len < sizeof block; len++) {
        struct um_h2_headers *headers = new_headers();
        struct um_buf told = {0};
        assert_int_equal(read_block(headers, block, len, false, &told), UM_OK);
        assert_true(um_span_starts(whole, um_buf_span(&told)));
        READS(headers, NEWEST, "?=?");
        um_buf_done(&told);
        um_h2_headers_free(headers);
    }
}

/* The encoder may use any size up to the greatest we allow, as it announces. */
static void
table_takes_the_size_the_encoder_announces(void **state)
{
    (void)state;
    struct um_h2_headers *headers = new_headers();
    READS(headers, "\x3f\xe1\xff\3" ADD, "a=b"); /* 65536 */
    READS(headers, NEWEST, "a=b");
    READS(headers, "\x20" GET_LINE, ":method=GET"); /* 0: nothing is kept */
    assert_int_equal(um_h2_headers_table_bytes(headers), 0);
    READS(headers, "\x3f\xe2\xff\3" GET_LINE, ""); /* one more than the greatest */
    um_h2_headers_free(headers);
}

static void
nth_allocation_failing_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    static const char block[] = VALUE_OF_NEWEST PLAIN;
    bool has_failed = true;
    for (size_t n = 0; has_failed; n++) {
        struct um_h2_headers *headers = NULL;
        struct um_buf told = {0};
        um_test_alloc_fail_at(n);
        int err = um_h2_headers_new(&headers);
        if (!err)
            err = um_h2_headers_lose(headers);
        if (!err)
            err = read_block(headers, block, sizeof block - 1, true, &told);
        has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        um_h2_headers_free(headers);
        um_buf_done(&told);
        assert_true(n < 100);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(table_is_kept_from_block_to_block),
        cmocka_unit_test(what_refers_to_a_lost_table_is_unknown_and_what_comes_new_is_not),
        cmocka_unit_test(broken_block_loses_the_table),
        cmocka_unit_test(every_prefix_of_a_block_tells_a_beginning_and_loses_the_table),
        cmocka_unit_test(table_takes_the_size_the_encoder_announces),
        cmocka_unit_test(nth_allocation_failing_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
