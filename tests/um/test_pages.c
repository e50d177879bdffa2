/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What was added is read again, wherever its page has been in between. */
#include "core/um/pages.h"

#include "core/base/err.h"
#include "tests/support/support.h"
#include "tests/um/shelf.h"

enum { COUNT = 2000, LONGEST = 600, PAGES = COUNT * LONGEST / 2 / UM_PAGE_BYTES };

/* The bytes of a piece: each is as that of no neighbour. */
static uint8_t
byte_of(size_t piece, size_t at)
{
    return (uint8_t)(piece * 31 + at * 7);
}

static size_t
length_of(size_t piece)
{
    return 1 + piece * 37 % LONGEST;
}

static int
add(struct um_pages *pages, size_t piece, uint32_t *place)
{
    uint8_t *bytes;
    int err = um_pages_add(pages, length_of(piece), place, &bytes);
    for (size_t i = 0; i < length_of(piece) && !err; i++)
        bytes[i] = byte_of(piece, i);
    return err;
}

static void
assert_piece(struct um_pages *pages, size_t piece, uint32_t place)
{
    const uint8_t *bytes;
    assert_int_equal(um_pages_at(pages, place, &bytes), UM_OK);
    for (size_t i = 0; i < length_of(piece); i++)
        assert_int_equal(bytes[i], byte_of(piece, i));
}

static size_t
pages_in_memory(const struct um_pages *pages)
{
    size_t count = 0;
    for (size_t i = 0; i < pages->count; i++)
        count += pages->items[i].bytes != NULL;
    return count;
}

/* Adds all, reads some in between, and all at the end, in an order of its own. */
static void
add_and_read_all(struct um_pages *pages, size_t in_memory_max)
{
    static uint32_t places[COUNT];
    uint64_t seed = 5;
    for (size_t i = 0; i < COUNT; i++) {
        assert_int_equal(add(pages, i, &places[i]), UM_OK);
        assert_int_not_equal(places[i], 0);
        size_t before = um_test_random(&seed) % (i + 1);
        assert_piece(pages, before, places[before]);
        assert_in_range(pages_in_memory(pages), 1, in_memory_max);
    }
    assert_in_range(pages->count, PAGES, 2 * PAGES);
    for (size_t i = 0; i < COUNT; i++)
        assert_piece(pages, i * 7 % COUNT, places[i * 7 % COUNT]);
}

static void
without_a_shelf_all_pages_stay(void **state)
{
    (void)state;
    struct um_pages pages = {0};
    add_and_read_all(&pages, SIZE_MAX);
    assert_int_equal(pages_in_memory(&pages), pages.count);
    um_pages_done(&pages);
    assert_int_equal(pages.count, 0);
}

static void
with_a_shelf_memory_holds_a_few_pages(void **state)
{
    (void)state;
    struct test_shelf shelf = {0};
    struct um_pages pages = {.shelf = test_shelf(&shelf)};
    add_and_read_all(&pages, UM_PAGES_AT_HAND);
    assert_true(shelf.fetched > 0);
    um_pages_done(&pages);
    test_shelf_done(&shelf);
}

/* A page that has not changed need not be put there again. */
static void
page_is_put_away_once(void **state)
{
    (void)state;
    struct test_shelf shelf = {0};
    struct um_pages pages = {.shelf = test_shelf(&shelf)};
    static uint32_t places[COUNT];
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(add(&pages, i, &places[i]), UM_OK);
    assert_int_equal(shelf.put, pages.count - UM_PAGES_AT_HAND);
    for (size_t round = 0; round < 3; round++)
        for (size_t i = 0; i < COUNT; i++)
            assert_piece(&pages, i, places[i]);
    assert_int_equal(shelf.put, pages.count);
    um_pages_done(&pages);
    test_shelf_done(&shelf);
}

static void
full_shelf_leaves_the_rest_in_memory(void **state)
{
    (void)state;
    struct test_shelf shelf = {0};
    struct um_pages pages = {.shelf = test_shelf(&shelf)};
    static uint32_t places[COUNT];
    for (size_t i = 0; i < COUNT; i++) {
        shelf.is_full = i >= COUNT / 2;
        assert_int_equal(add(&pages, i, &places[i]), UM_OK);
    }
    size_t put = shelf.put;
    shelf.is_full = false; /* it is not asked again */
    for (size_t i = 0; i < COUNT; i++)
        assert_piece(&pages, i, places[i]);
    assert_int_equal(shelf.put, put);
    assert_in_range(put, 1, pages.count - UM_PAGES_AT_HAND - 1);
    assert_in_range(pages_in_memory(&pages), pages.count - put, pages.count - 1);
    um_pages_done(&pages);
    test_shelf_done(&shelf);
}

static void
page_that_does_not_come_back_is_an_error(void **state)
{
    (void)state;
    struct test_shelf shelf = {0};
    struct um_pages pages = {.shelf = test_shelf(&shelf)};
    static uint32_t places[COUNT];
    const uint8_t *bytes;
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(add(&pages, i, &places[i]), UM_OK);
    shelf.is_lost = true;
    assert_int_equal(um_pages_at(&pages, places[0], &bytes), UM_ERR_IO);
    assert_piece(&pages, COUNT - 1, places[COUNT - 1]); /* which is at hand */
    shelf.is_lost = false;
    assert_piece(&pages, 0, places[0]);
    um_pages_done(&pages);
    test_shelf_done(&shelf);
}

/* The promise that a view is good for: other pages may be read and added meanwhile. */
static void
bytes_outlive_the_use_of_seven_other_pages(void **state)
{
    (void)state;
    struct test_shelf shelf = {0};
    struct um_pages pages = {.shelf = test_shelf(&shelf)};
    static uint32_t places[COUNT];
    const uint8_t *first, *other;
    for (size_t i = 0; i < COUNT; i++)
        assert_int_equal(add(&pages, i, &places[i]), UM_OK);
    assert_int_equal(um_pages_at(&pages, places[0], &first), UM_OK);
    for (uint32_t page = 1; page < UM_PAGES_AT_HAND; page++)
        assert_int_equal(um_pages_at(&pages, page << UM_PAGE_BITS, &other), UM_OK);
    for (size_t i = 0; i < length_of(0); i++)
        assert_int_equal(first[i], byte_of(0, i));
    um_pages_done(&pages);
    test_shelf_done(&shelf);
}

static void
pages_survive_each_failing_allocation(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct test_shelf shelf = {.is_full = n % 2 == 0};
        struct um_pages pages = {.shelf = test_shelf(&shelf)};
        uint32_t place;
        int err = UM_OK;
        um_test_alloc_fail_at(n);
        for (size_t i = 0; i < 400 && !err; i++)
            err = add(&pages, i, &place);
        bool failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        um_pages_done(&pages);
        test_shelf_done(&shelf);
        if (!failed)
            break;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_shelf_all_pages_stay),
        cmocka_unit_test(with_a_shelf_memory_holds_a_few_pages),
        cmocka_unit_test(page_is_put_away_once),
        cmocka_unit_test(full_shelf_leaves_the_rest_in_memory),
        cmocka_unit_test(page_that_does_not_come_back_is_an_error),
        cmocka_unit_test(bytes_outlive_the_use_of_seven_other_pages),
        cmocka_unit_test(pages_survive_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
