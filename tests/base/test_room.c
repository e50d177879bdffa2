/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/support/support.h"

#include "core/base/room.h"

static void
room_grows_and_keeps_what_is_there(void **state)
{
    (void)state;
    size_t *items = NULL, capacity = 0;
    for (size_t count = 0; count < 1000; count++) {
        size_t *grown = um_room_for_one(items, &capacity, count, sizeof *items);
        assert_non_null(grown);
        assert_true(capacity > count);
        items = grown;
        items[count] = count;
    }
    for (size_t i = 0; i < 1000; i++)
        assert_int_equal(items[i], i);
    free(items);
}

static void
room_that_is_there_is_not_made_again(void **state)
{
    (void)state;
    size_t capacity = 0;
    char *items = um_room_for_one(NULL, &capacity, 0, 1);
    assert_non_null(items);
    size_t before = um_test_alloc_count();
    for (size_t count = 1; count < capacity; count++)
        assert_ptr_equal(um_room_for_one(items, &capacity, count, 1), items);
    assert_int_equal(um_test_alloc_count(), before);
    free(items);
}

static void
room_leaves_the_array_when_memory_is_short_or_sizes_overflow(void **state)
{
    (void)state;
    size_t capacity = 0;
    char *items = um_room_for_one(NULL, &capacity, 0, 1);
    assert_non_null(items);
    size_t full = capacity;
    um_test_alloc_fail_at(0);
    assert_null(um_room_for_one(items, &capacity, full, 1));
    assert_true(um_test_alloc_reset());
    assert_int_equal(capacity, full);
    assert_null(um_room_for_one(items, &capacity, full, SIZE_MAX / 2));
    assert_int_equal(capacity, full);
    items[0] = 'x';
    free(items);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(room_grows_and_keeps_what_is_there),
        cmocka_unit_test(room_that_is_there_is_not_made_again),
        cmocka_unit_test(room_leaves_the_array_when_memory_is_short_or_sizes_overflow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
