/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Words are collected, and nothing of them is lost or passes another. */
#include "offline/report/out.h"

#include <errno.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "tests/support/support.h"

/* Words of all lengths around that of the room, in all orders of two. */
static void
words_come_out_in_order_whatever_their_length(void **state)
{
    (void)state;
    static const size_t lengths[] = {0, 1, 7, 300, 511, 512, 513, 2000};
    enum { LENGTHS = sizeof lengths / sizeof *lengths };
    char *text = NULL;
    size_t size = 0, wanted = 0;
    FILE *stream = open_memstream(&text, &size);
    struct um_out out = {.stream = stream};
    uint8_t word[2000];
    for (size_t i = 0; i < LENGTHS * LENGTHS; i++) {
        size_t pair[] = {lengths[i / LENGTHS], lengths[i % LENGTHS]};
        for (size_t k = 0; k < 2; k++) {
            memset(word, (int)('a' + (i + k) % 26), pair[k]);
            um_out_put(&out, um_span_of(word, pair[k]));
        }
    }
    assert_int_equal(um_out_result(&out, UM_OK), UM_OK);
    assert_int_equal(fclose(stream), 0);
    for (size_t i = 0; i < LENGTHS * LENGTHS; i++) {
        size_t pair[] = {lengths[i / LENGTHS], lengths[i % LENGTHS]};
        for (size_t k = 0; k < 2; k++) {
            for (size_t n = 0; n < pair[k]; n++)
                assert_int_equal(text[wanted++], 'a' + (i + k) % 26);
        }
    }
    assert_int_equal(size, wanted);
    free(text);
}

static void
flush_and_result_hand_on_what_waits(void **state)
{
    (void)state;
    char *text = NULL;
    size_t size = 0;
    FILE *stream = open_memstream(&text, &size);
    struct um_out out = {.stream = stream};
    um_out_text(&out, "ab");
    um_out_spaces(&out, 2);
    um_out_flush(&out);
    assert_int_equal(size, 4);
    um_out_text(&out, "c");
    assert_int_equal(um_out_result(&out, UM_ERR_NOMEM), UM_ERR_NOMEM);
    assert_int_equal(fclose(stream), 0);
    assert_string_equal(text, "ab  c");
    free(text);
}

/* A full disk is told by the first write that reaches it, and with its reason. */
static void
failure_sticks_with_its_reason(void **state)
{
    (void)state;
    FILE *stream = fopen("/dev/full", "w");
    assert_non_null(stream);
    assert_int_equal(setvbuf(stream, NULL, _IONBF, 0), 0);
    struct um_out out = {.stream = stream};
    um_out_text(&out, "a word");
    assert_int_equal(out.err, UM_OK); /* it waits */
    assert_int_equal(um_out_result(&out, UM_OK), UM_ERR_IO);
    um_out_text(&out, "another");
    errno = 0;
    assert_int_equal(um_out_result(&out, UM_OK), UM_ERR_IO);
    assert_int_equal(errno, ENOSPC);
    (void)fclose(stream);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(words_come_out_in_order_whatever_their_length),
        cmocka_unit_test(flush_and_result_hand_on_what_waits),
        cmocka_unit_test(failure_sticks_with_its_reason),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
