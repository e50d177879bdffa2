/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/net/closed.h"

#include "tests/support/support.h"

static struct um_closed_table table;

enum { HASH = 7 };

static int
begin(void **state)
{
    (void)state;
    table = (struct um_closed_table){0};
    return 0;
}

/* The hash of another connection of the same set. */
static uint64_t
neighbour(uint64_t n)
{
    return HASH + (n << 32) * UM_CLOSED_SETS;
}

static struct um_closed *
put(uint32_t first, uint32_t end, int64_t closed_ns)
{
    struct um_closed *closed = um_closed_put(&table, HASH, closed_ns);
    closed->is_known[0] = true;
    closed->first[0] = first;
    closed->end[0] = end;
    return closed;
}

static void
nothing_is_remembered_at_first(void **state)
{
    (void)state;
    assert_null(um_closed_find(&table, HASH));
    assert_null(um_closed_find(&table, 0));
    assert_false(um_closed_note_start(NULL, 0, 101, 0));
    assert_false(um_closed_has(NULL, 0, 101, 0));
}

static void
bytes_near_the_end_are_of_it(void **state)
{
    (void)state;
    const struct um_closed *closed = put(0xffffff00, 5, 0);
    assert_ptr_equal(um_closed_find(&table, HASH), closed);
    assert_true(um_closed_has(closed, 0, 0xffffff00, 0));
    assert_true(um_closed_has(closed, 0, 1000, 0));
    assert_true(um_closed_has(closed, 0, 4 + (1 << 16), 0));
    assert_false(um_closed_has(closed, 0, 5 + (1 << 16), 0));
    assert_true(um_closed_has(closed, 0, 5U - (1 << 24), 0));
    assert_false(um_closed_has(closed, 0, 4U - (1 << 24), 0));
    assert_false(um_closed_has(closed, 1, 5, 0)); /* of that nothing is known */
}

static void
bytes_long_after_it_are_of_another(void **state)
{
    (void)state;
    const struct um_closed *closed = put(101, 201, 1000);
    assert_true(um_closed_has(closed, 0, 201, 0)); /* a clock that was set back */
    assert_true(um_closed_has(closed, 0, 201, 1000 + UM_CLOSED_REPEAT_NS));
    assert_false(um_closed_has(closed, 0, 201, 1001 + UM_CLOSED_REPEAT_NS));
}

/* All of it may come once more, but only soon: who begins all connections with the same number is
 * heard. */
static void
syn_that_began_it_tells_that_all_of_it_may_come(void **state)
{
    (void)state;
    struct um_closed *closed = put(101, 101 + (1U << 30), 1000);
    assert_false(um_closed_has(closed, 0, 101, 1000));
    assert_false(um_closed_note_start(closed, 0, 102, 1000));
    assert_false(um_closed_note_start(closed, 1, 101, 1000));
    assert_false(um_closed_note_start(closed, 0, 101, 1001 + UM_CLOSED_REPEAT_NS));
    assert_false(um_closed_has(closed, 0, 101, 1000));
    assert_true(um_closed_note_start(closed, 0, 101, 1000 + UM_CLOSED_REPEAT_NS));
    assert_true(um_closed_has(closed, 0, 101, 1000));
    assert_false(um_closed_has(closed, 0, 100, 1000));
}

static void
the_one_closed_first_makes_room(void **state)
{
    (void)state;
    static const int64_t closed_ns[UM_CLOSED_WAYS] = {30, 10, 40, 20};
    for (uint64_t n = 0; n < UM_CLOSED_WAYS; n++)
        um_closed_put(&table, neighbour(n), closed_ns[n]);
    for (uint64_t n = 0; n < UM_CLOSED_WAYS; n++)
        assert_int_equal(um_closed_find(&table, neighbour(n))->closed_ns, closed_ns[n]);
    um_closed_put(&table, neighbour(9), 50);
    assert_non_null(um_closed_find(&table, neighbour(9)));
    assert_null(um_closed_find(&table, neighbour(1)));
    assert_non_null(um_closed_find(&table, neighbour(3)));
}

static void
connection_that_closes_again_takes_its_own_place(void **state)
{
    (void)state;
    put(101, 201, 10);
    for (uint64_t n = 1; n < UM_CLOSED_WAYS; n++)
        um_closed_put(&table, neighbour(n), 5);
    um_closed_put(&table, HASH, 20);
    assert_false(um_closed_find(&table, HASH)->is_known[0]);
    for (uint64_t n = 1; n < UM_CLOSED_WAYS; n++)
        assert_non_null(um_closed_find(&table, neighbour(n)));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_is_remembered_at_first, begin),
        cmocka_unit_test_setup(bytes_near_the_end_are_of_it, begin),
        cmocka_unit_test_setup(bytes_long_after_it_are_of_another, begin),
        cmocka_unit_test_setup(syn_that_began_it_tells_that_all_of_it_may_come, begin),
        cmocka_unit_test_setup(the_one_closed_first_makes_room, begin),
        cmocka_unit_test_setup(connection_that_closes_again_takes_its_own_place, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
