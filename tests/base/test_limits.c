/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The ceilings by name and default, setting them, and the memory meter at its ceiling. */
#include "core/base/limits.h"

#include "core/base/err.h"
#include "tests/support/support.h"

static void
limits_have_the_documented_names_and_defaults(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        uint64_t standard;
    } documented[] = {
        {"flows", 65536},        {"pending", 256 << 10}, {"pending-total", 24 << 20},
        {"fragments", 4 << 20},  {"head", 64 << 10},     {"body", 1 << 20},
        {"requests", 64},        {"memory", 64 << 20},   {"inflate", 8 << 20},
        {"inflate-ratio", 1000}, {"xml-depth", 64},      {"xml-text", 64 << 10},
        {"h2-streams", 256},     {"tunnels", 8},         {"calls", 1000000},
        {"findings", 64},
    };
    struct um_limits limits;
    um_limits_init(&limits);
    assert_int_equal(sizeof documented / sizeof *documented, UM_LIMIT_COUNT);
    for (size_t i = 0; i < UM_LIMIT_COUNT; i++) {
        assert_string_equal(um_limit_name((enum um_limit)i), documented[i].name);
        assert_int_equal(limits.max[i], documented[i].standard);
    }
}

static void
limits_are_set_with_or_without_a_unit(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum um_limit limit;
        uint64_t value;
    } cases[] = {
        {"flows=1", UM_LIMIT_FLOWS, 1},
        {"memory=2k", UM_LIMIT_MEMORY, 2048},
        {"memory=2K", UM_LIMIT_MEMORY, 2048},
        {"pending=3m", UM_LIMIT_PENDING, 3 << 20},
        {"pending-total=3M", UM_LIMIT_PENDING_TOTAL, 3 << 20},
        {"body=4g", UM_LIMIT_BODY, 4ULL << 30},
        {"body=4G", UM_LIMIT_BODY, 4ULL << 30},
        {"calls=18446744073709551615", UM_LIMIT_CALLS, UINT64_MAX},
        {"calls=17179869183G", UM_LIMIT_CALLS, 17179869183ULL << 30},
        {"findings=007", UM_LIMIT_FINDINGS, 7},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_limits limits, expected;
        um_limits_init(&limits);
        um_limits_init(&expected);
        expected.max[cases[i].limit] = cases[i].value;
        assert_int_equal(um_limits_set(&limits, S(cases[i].text)), UM_OK);
        assert_memory_equal(&limits, &expected, sizeof limits);
    }
}

static void
limits_refuse_what_is_no_limit_or_no_number_and_stay(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "=",
        "flows",
        "flows=",
        "flows=0",
        "flows=0K",
        "flows=-1",
        "flows=+1",
        "flows= 1",
        "flows=1 ",
        "flows=1KK",
        "flows=K",
        "flows=1T",
        "flows=1.5",
        "flows=0x10",
        "Flows=1",
        "flow=1",
        "flowss=1",
        "=1",
        "flows=1=2",
        "flows=18446744073709551616",
        "flows=17179869184G",
    };
    struct um_limits limits, expected;
    um_limits_init(&limits);
    um_limits_init(&expected);
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        assert_int_equal(um_limits_set(&limits, S(bad[i])), UM_ERR_USAGE);
        assert_memory_equal(&limits, &expected, sizeof limits);
    }
}

static void
meter_counts_up_to_its_ceiling_and_not_one_more(void **state)
{
    (void)state;
    struct um_meter meter = {.max = 10};
    assert_true(um_meter_take(&meter, 6));
    assert_false(um_meter_take(&meter, 5));
    assert_int_equal(meter.used, 6);
    assert_true(um_meter_take(&meter, 4));
    assert_false(um_meter_take(&meter, 1));
    assert_true(um_meter_take(&meter, 0));
    assert_false(um_meter_take(&meter, UINT64_MAX));
    um_meter_give(&meter, 10);
    assert_int_equal(meter.used, 0);
    assert_int_equal(meter.peak, 10);
    assert_true(um_meter_take(&meter, 3));
    assert_int_equal(meter.peak, 10);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(limits_have_the_documented_names_and_defaults),
        cmocka_unit_test(limits_are_set_with_or_without_a_unit),
        cmocka_unit_test(limits_refuse_what_is_no_limit_or_no_number_and_stay),
        cmocka_unit_test(meter_counts_up_to_its_ceiling_and_not_one_more),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
