/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Numbers are found by the hashes that their keeper has, however many of them are alike. */
#include "core/base/slots.h"

#include "core/base/err.h"
#include "tests/support/support.h"

enum { COUNT = 3000 };

struct keeper {
    uint32_t hashes[COUNT];
    size_t count;
};

static uint32_t
hash_at(const void *ctx, size_t number)
{
    return ((const struct keeper *)ctx)->hashes[number];
}

static void
add(struct um_slots *slots, struct keeper *keeper, uint32_t hash)
{
    assert_int_equal(um_slots_for_one(slots, keeper->count, hash_at, keeper), UM_OK);
    uint32_t *slot = um_slots_first(slots, hash);
    while (*slot > 0)
        slot = um_slots_next(slots, slot);
    keeper->hashes[keeper->count++] = hash;
    *slot = (uint32_t)keeper->count;
}

static bool
has(const struct um_slots *slots, const struct keeper *keeper, size_t number)
{
    uint32_t *slot = um_slots_first(slots, keeper->hashes[number]);
    for (; *slot > 0; slot = um_slots_next(slots, slot))
        if (*slot == number + 1)
            return true;
    return false;
}

static void
every_number_is_found_by_its_hash_while_the_table_grows(void **state)
{
    (void)state;
    static struct keeper keeper;
    struct um_slots slots = {0};
    uint64_t seed = 3;
    for (size_t i = 0; i < COUNT; i++) {
        uint64_t dice = um_test_random(&seed);
        add(&slots, &keeper, dice % 2 ? (uint32_t)dice : UINT32_MAX - (uint32_t)(dice % 8));
        assert_true(slots.count >= 2 * keeper.count);
        if (i % 97 == 0 || i == COUNT - 1)
            for (size_t k = 0; k <= i; k++)
                assert_true(has(&slots, &keeper, k));
    }
    um_slots_clear(&slots);
    for (size_t i = 0; i < COUNT; i++)
        assert_false(has(&slots, &keeper, i));
    um_slots_done(&slots);
    assert_int_equal(slots.count, 0);
}

static void
table_is_as_it_was_when_it_cannot_grow(void **state)
{
    (void)state;
    struct keeper keeper = {.count = 0};
    struct um_slots slots = {0};
    um_test_alloc_fail_at(0);
    assert_int_equal(um_slots_for_one(&slots, 0, hash_at, &keeper), UM_ERR_NOMEM);
    (void)um_test_alloc_reset();
    add(&slots, &keeper, 7);
    size_t before = slots.count;
    while (keeper.count < before / 2)
        add(&slots, &keeper, (uint32_t)keeper.count);
    um_test_alloc_fail_at(0);
    assert_int_equal(um_slots_for_one(&slots, keeper.count, hash_at, &keeper), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
    assert_int_equal(slots.count, before);
    for (size_t i = 0; i < keeper.count; i++)
        assert_true(has(&slots, &keeper, i));
    um_slots_done(&slots);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_number_is_found_by_its_hash_while_the_table_grows),
        cmocka_unit_test(table_is_as_it_was_when_it_cannot_grow),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
