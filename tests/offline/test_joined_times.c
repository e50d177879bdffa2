/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/joined_times.h"

#include "tests/support/support.h"

enum { TIMES_MAX = 8 };

/* A run of packets at these times, which a 0 ends. */
static void
add_run(struct um_runs *runs, const char *id, const int64_t *times, struct um_buf *steps)
{
    struct um_run *run = um_runs_find(runs, um_span_text(id));
    struct um_run_block block = {.first_frame = 1, .first_ns = times[0], .count = 1};
    assert_non_null(run);
    for (; times[block.count] > 0; block.count++)
        assert_int_equal(
            um_runs_step(steps, (uint64_t)(times[block.count] - times[block.count - 1])), 0);
    block.steps = um_buf_span(steps);
    run->totals.capture.first_time_ns = times[0];
    run->totals.capture.last_time_ns = times[block.count - 1];
    run->totals.capture.packets = block.count;
    assert_int_equal(um_runs_add_block(run, &block), 0);
}

static void
times_of_runs_that_overlap_are_merged_however_many_are_asked_for(void **state)
{
    (void)state;
    static const int64_t first[] = {10, 20, 20, 50, 0}, second[] = {15, 20, 60, 0},
                         third[] = {70, 0};
    static const int64_t merged[TIMES_MAX] = {10, 15, 20, 20, 20, 50, 60, 70};
    for (size_t most = 1; most <= TIMES_MAX + 1; most++) {
        struct um_runs runs = {0};
        struct um_buf steps[3] = {0};
        add_run(&runs, "c", third, &steps[0]);
        add_run(&runs, "a", first, &steps[1]);
        add_run(&runs, "b", second, &steps[2]);
        um_runs_order(&runs);
        struct um_joined_times joined = {.runs = &runs};
        int64_t out[TIMES_MAX + 1];
        size_t at = 0, got;
        while ((got = um_joined_times_read(&joined, out, most)) > 0) {
            for (size_t i = 0; i < got; i++)
                assert_int_equal(out[i], merged[at++]);
        }
        assert_int_equal(at, TIMES_MAX);
        um_joined_times_done(&joined);
        um_runs_done(&runs);
        for (size_t i = 0; i < 3; i++)
            um_buf_done(&steps[i]);
    }
}

static void
no_runs_have_no_times(void **state)
{
    (void)state;
    struct um_runs runs = {0};
    struct um_joined_times joined = {.runs = &runs};
    int64_t out[1];
    assert_int_equal(um_joined_times_read(&joined, out, 1), 0);
    um_joined_times_done(&joined);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(times_of_runs_that_overlap_are_merged_however_many_are_asked_for),
        cmocka_unit_test(no_runs_have_no_times),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
