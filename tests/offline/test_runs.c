/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The number of a packet over several runs, against a merge that is done packet by packet: random
 * times with many equal ones and clocks that go backwards.
 */
#include "offline/runs.h"

#include "tests/support/support.h"

enum { RUNS = 4, PACKETS_MAX = 60, BLOCK = 7 };

struct capture {
    int64_t times_ns[PACKETS_MAX];
    size_t count, at;
};

static void
make_capture(struct capture *capture, uint64_t *seed, int64_t begin_ns)
{
    *capture = (struct capture){.count = 1 + um_test_random(seed) % PACKETS_MAX};
    int64_t time_ns = begin_ns;
    for (size_t i = 0; i < capture->count; i++) {
        time_ns += (int64_t)(um_test_random(seed) % 5);
        capture->times_ns[i] = time_ns - (um_test_random(seed) % 8 == 0 ? 3 : 0);
    }
}

/* As lines tell it: blocks of the greatest times so far. */
static struct um_run *
tell(struct um_runs *runs, const struct capture *capture, const char *id, struct um_arena *arena)
{
    struct um_run *run = um_runs_find(runs, um_span_text(id));
    struct um_capture_stats *stats = &run->totals.capture;
    stats->first_time_ns = stats->last_time_ns = capture->times_ns[0];
    stats->packets = capture->count;
    int64_t latest_ns = capture->times_ns[0];
    for (size_t i = 0; i < capture->count; i += BLOCK) {
        struct um_buf steps = {0};
        struct um_run_block block = {.first_frame = i + 1};
        for (size_t k = i; k < i + BLOCK && k < capture->count; k++, block.count++) {
            int64_t before_ns = latest_ns;
            if (capture->times_ns[k] > latest_ns)
                latest_ns = capture->times_ns[k];
            if (capture->times_ns[k] < stats->first_time_ns)
                stats->first_time_ns = capture->times_ns[k];
            if (k == i)
                block.first_ns = latest_ns;
            else
                assert_int_equal(um_runs_step(&steps, (uint64_t)(latest_ns - before_ns)), UM_OK);
        }
        assert_int_equal(um_arena_copy(arena, um_buf_span(&steps), &block.steps), UM_OK);
        assert_int_equal(um_runs_add_block(run, &block), UM_OK);
        um_buf_done(&steps);
    }
    stats->last_time_ns = latest_ns;
    return run;
}

/* The capture whose packet comes next: the earliest head, the first run of those. */
static size_t
next_of(struct um_run **told, struct capture *captures)
{
    size_t best = RUNS;
    for (size_t i = 0; i < RUNS; i++) {
        if (captures[i].at == captures[i].count)
            continue;
        int64_t time_ns = captures[i].times_ns[captures[i].at];
        int64_t best_ns = best < RUNS ? captures[best].times_ns[captures[best].at] : 0;
        if (best == RUNS || time_ns < best_ns ||
            (time_ns == best_ns && told[i]->place < told[best]->place))
            best = i;
    }
    return best;
}

static void
frames_are_those_of_one_run(void **state)
{
    (void)state;
    static const char *const ids[RUNS] = {"a", "b", "c", "d"};
    uint64_t seed = 11;
    for (unsigned round = 0; round < 500; round++) {
        struct um_arena arena = {0};
        struct um_runs runs = {0};
        struct capture captures[RUNS];
        struct um_run *told[RUNS];
        for (size_t i = 0; i < RUNS; i++) {
            make_capture(&captures[i], &seed, (int64_t)(um_test_random(&seed) % 200));
            told[i] = tell(&runs, &captures[i], ids[i], &arena);
        }
        um_runs_order(&runs);
        size_t i;
        for (uint64_t frame = 1; (i = next_of(told, captures)) < RUNS; frame++) {
            int64_t time_ns = captures[i].times_ns[captures[i].at++];
            assert_true(told[i]->is_timed);
            assert_int_equal(um_runs_frame(&runs, told[i], captures[i].at, time_ns), frame);
        }
        um_runs_done(&runs);
        um_arena_done(&arena);
    }
}

static void
frames_without_times_are_estimated_in_order(void **state)
{
    (void)state;
    struct um_runs runs = {0};
    struct um_run *a = um_runs_find(&runs, um_span_text("a"));
    struct um_run *b = um_runs_find(&runs, um_span_text("b"));
    a->totals.capture = (struct um_capture_stats){.packets = 100, .last_time_ns = 1000};
    b->totals.capture =
        (struct um_capture_stats){.packets = 10, .first_time_ns = 100, .last_time_ns = 200};
    um_runs_order(&runs);
    assert_false(a->is_timed);
    assert_int_equal(um_runs_frame(&runs, a, 5, 50), 5);
    assert_int_equal(um_runs_frame(&runs, b, 1, 100), 1 + 10);
    assert_int_equal(um_runs_frame(&runs, a, 90, 900), 90 + 10);
    assert_int_equal(um_runs_frame(&runs, a, 0, 900), 0);
    um_runs_done(&runs);
}

static void
steps_of_every_size_come_back(void **state)
{
    (void)state;
    static const uint64_t sizes[] = {0, 1, 127, 128, 16383, 16384, INT64_MAX};
    struct um_runs runs = {0};
    struct um_run *run = um_runs_find(&runs, um_span_text("a"));
    struct um_buf steps = {0};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        um_buf_clear(&steps);
        assert_int_equal(um_runs_step(&steps, sizes[i]), UM_OK);
        assert_int_equal(um_runs_step(&steps, 0), UM_OK);
        struct um_run_block block = {.first_frame = 1, .count = 3, .steps = um_buf_span(&steps)};
        run->block_count = 0;
        run->totals.capture.packets = 3;
        assert_int_equal(um_runs_add_block(run, &block), UM_OK);
        um_runs_order(&runs);
        struct um_run_times at;
        assert_true(um_run_times_begin(run, &at));
        assert_true(um_run_times_next(&at));
        assert_int_equal(at.time_ns, (int64_t)sizes[i]);
        assert_true(um_run_times_next(&at));
        assert_int_equal(at.time_ns, (int64_t)sizes[i]);
        assert_false(um_run_times_next(&at));
    }
    um_buf_done(&steps);
    um_runs_done(&runs);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(frames_are_those_of_one_run),
        cmocka_unit_test(frames_without_times_are_estimated_in_order),
        cmocka_unit_test(steps_of_every_size_come_back),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
