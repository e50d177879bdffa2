/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pages come back as they were; where the file takes no more they are not taken. */
#include "offline/shelf.h"

#include <signal.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/err.h"
#include "tests/support/support.h"

static void
fill(uint8_t *page, uint8_t byte)
{
    memset(page, byte, UM_PAGE_BYTES);
}

static void
pages_come_back_as_they_were_put_last(void **state)
{
    (void)state;
    struct um_shelf_file file = {0};
    struct um_shelf shelf = um_shelf_file_shelf(&file);
    static uint8_t page[UM_PAGE_BYTES], expected[UM_PAGE_BYTES];
    assert_null(file.file); /* a run of few calls makes none */
    static const uint32_t order[] = {3, 0, 2, 3, 1};
    for (size_t i = 0; i < sizeof order / sizeof *order; i++) {
        fill(page, (uint8_t)(0x10 * i + order[i]));
        assert_int_equal(shelf.put(shelf.ctx, order[i], page), UM_OK);
    }
    static const uint8_t bytes[] = {0x10, 0x41, 0x22, 0x33};
    for (uint32_t i = 0; i < sizeof bytes; i++) {
        assert_int_equal(shelf.fetch(shelf.ctx, i, page), UM_OK);
        fill(expected, bytes[i]);
        assert_memory_equal(page, expected, sizeof page);
    }
    um_shelf_file_done(&file);
    um_shelf_file_done(&file);
}

static void
page_past_the_end_of_the_file_is_lost(void **state)
{
    (void)state;
    struct um_shelf_file file = {0};
    struct um_shelf shelf = um_shelf_file_shelf(&file);
    static uint8_t page[UM_PAGE_BYTES];
    assert_int_equal(shelf.put(shelf.ctx, 1, page), UM_OK);
    assert_false(file.has_lost);
    assert_int_equal(ftruncate(fileno(file.file), UM_PAGE_BYTES + 100), 0);
    assert_int_equal(shelf.fetch(shelf.ctx, 1, page), UM_ERR_IO);
    assert_true(file.has_lost);
    um_shelf_file_done(&file);
}

static void
file_that_may_not_grow_takes_no_page(void **state)
{
    (void)state;
    struct um_shelf_file file = {0};
    struct um_shelf shelf = um_shelf_file_shelf(&file);
    static uint8_t page[UM_PAGE_BYTES];
    struct rlimit before;
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);
    struct rlimit narrow = {.rlim_cur = UM_PAGE_BYTES + 1000, .rlim_max = before.rlim_max};
    (void)signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &narrow), 0);
    int first = shelf.put(shelf.ctx, 0, page), second = shelf.put(shelf.ctx, 1, page);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);
    assert_int_equal(first, UM_OK);
    assert_int_equal(second, UM_ERR_IO);
    um_shelf_file_done(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pages_come_back_as_they_were_put_last),
        cmocka_unit_test(page_past_the_end_of_the_file_is_lost),
        cmocka_unit_test(file_that_may_not_grow_takes_no_page),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
