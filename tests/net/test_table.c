/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/net/table.h"

#include "tests/support/support.h"

enum { MANY = 5000 };

static struct um_ends
make_ends(uint16_t port, bool is_reply)
{
    struct um_endpoint client = {.address = {10, 0, 0, 1}, .address_len = 4, .port = port};
    struct um_endpoint server = {.address = {10, 0, 0, 2}, .address_len = 4, .port = 80};
    struct um_ends ends = {.source = is_reply ? server : client,
                           .destination = is_reply ? client : server};
    um_ends_identify(&ends);
    return ends;
}

static struct um_flow *
add(struct um_table *table, uint16_t port)
{
    struct um_ends ends = make_ends(port, false);
    struct um_flow *flow = NULL;
    assert_int_equal(um_table_add(table, &ends, &flow), UM_OK);
    return flow;
}

static struct um_flow *
find(const struct um_table *table, uint16_t port, bool is_reply, int *side)
{
    struct um_ends ends = make_ends(port, is_reply);
    return um_table_find(table, &ends, side);
}

static void
both_directions_have_one_entry(void **state)
{
    (void)state;
    struct um_meter meter = {.max = UINT64_MAX};
    struct um_table table;
    int side = -1;
    assert_int_equal(um_table_init(&table, &meter), UM_OK);
    assert_null(find(&table, 1, false, &side));
    struct um_flow *flow = add(&table, 1);
    assert_ptr_equal(find(&table, 1, false, &side), flow);
    assert_int_equal(side, 0);
    assert_ptr_equal(find(&table, 1, true, &side), flow);
    assert_int_equal(side, 1);
    assert_null(find(&table, 2, false, &side));
    struct um_ends there = make_ends(1, false), back = make_ends(1, true);
    assert_int_equal(there.canonical + back.canonical, 1);
    um_table_done(&table);
    assert_int_equal(meter.used, 0);
}

/* The ends of a connection to oneself differ in their ports only. */
static void
connection_to_the_same_address_has_two_sides(void **state)
{
    (void)state;
    struct um_ends ends = make_ends(1, false), back;
    ends.destination.address[3] = 1;
    back = (struct um_ends){.source = ends.destination, .destination = ends.source};
    um_ends_identify(&ends);
    um_ends_identify(&back);
    assert_int_equal(ends.hash, back.hash);
    assert_int_equal(ends.canonical + back.canonical, 1);
}

static void
entries_are_found_however_many_there_are(void **state)
{
    (void)state;
    struct um_meter meter = {.max = UINT64_MAX};
    struct um_table table;
    int side;
    assert_int_equal(um_table_init(&table, &meter), UM_OK);
    for (uint16_t port = 0; port < MANY; port++)
        add(&table, port);
    assert_int_equal(table.count, MANY);
    for (uint16_t port = 0; port < MANY; port += 2)
        um_table_remove(&table, find(&table, port, false, &side));
    for (uint16_t port = 0; port < MANY; port++) {
        struct um_flow *flow = find(&table, port, false, &side);
        assert_true(port % 2 == 0 ? !flow : flow && flow->info.ends[0].port == port);
    }
    um_table_done(&table);
    assert_int_equal(meter.used, 0);
}

static void
oldest_is_the_one_whose_last_use_is_longest_ago(void **state)
{
    (void)state;
    struct um_meter meter = {.max = UINT64_MAX};
    struct um_table table;
    assert_int_equal(um_table_init(&table, &meter), UM_OK);
    assert_null(um_table_oldest(&table));
    struct um_flow *first = add(&table, 1), *second = add(&table, 2);
    assert_ptr_equal(um_table_oldest(&table), first);
    um_table_touch(&table, first);
    assert_ptr_equal(um_table_oldest(&table), second);
    um_table_remove(&table, second);
    assert_ptr_equal(um_table_oldest(&table), first);
    um_table_done(&table);
}

static void
table_without_room_says_so(void **state)
{
    (void)state;
    struct um_meter meter = {.max = sizeof(struct um_flow)};
    struct um_table table;
    struct um_ends ends = make_ends(1, false);
    struct um_flow *flow = NULL;
    assert_int_equal(um_table_init(&table, &meter), UM_OK);
    assert_int_equal(um_table_add(&table, &ends, &flow), UM_TABLE_FULL);
    assert_null(flow);
    um_table_done(&table);
}

static void
nth_allocation_failing_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    struct um_meter meter = {.max = UINT64_MAX};
    for (size_t n = 0;; n++) {
        struct um_table table;
        um_test_alloc_fail_at(n);
        int err = um_table_init(&table, &meter);
        for (uint16_t port = 0; port < 300 && !err; port++) { /* widens once */
            struct um_ends ends = make_ends(port, false);
            struct um_flow *flow;
            err = um_table_add(&table, &ends, &flow);
        }
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        um_table_done(&table);
        assert_int_equal(meter.used, 0);
        if (!has_failed)
            break;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(both_directions_have_one_entry),
        cmocka_unit_test(connection_to_the_same_address_has_two_sides),
        cmocka_unit_test(entries_are_found_however_many_there_are),
        cmocka_unit_test(oldest_is_the_one_whose_last_use_is_longest_ago),
        cmocka_unit_test(table_without_room_says_so),
        cmocka_unit_test(nth_allocation_failing_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
