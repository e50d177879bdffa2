/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces in order: a set is written as its pieces, position:bytes, cut ones as position:#number,
 * needless ones as position:-number. */
#include <stdio.h>

#include "core/base/buf.h"
#include "offline/net/segments.h"
#include "tests/support/support.h"

struct fixture {
    struct um_meter meter;
    struct um_segments_room room;
    struct um_segments set;
    uint64_t max, needed_from;
};

static void
begin(struct fixture *f)
{
    *f = (struct fixture){.meter = {.max = UINT64_MAX}, .max = UINT64_MAX};
    f->room = (struct um_segments_room){.meter = &f->meter, .max = UINT64_MAX};
}

static void
finish(struct fixture *f)
{
    um_segments_clear(&f->set, &f->room);
    assert_int_equal(f->room.used, 0);
    assert_int_equal(f->meter.used, 0);
    assert_int_equal(f->set.count, 0);
    assert_int_equal(f->set.held_bytes, 0);
    assert_int_equal(f->set.covered_bytes, 0);
}

static int
add_cut(struct fixture *f, uint64_t position, const char *bytes, uint32_t cut)
{
    uint8_t *exact = um_test_exact_copy(bytes, strlen(bytes));
    struct um_arrival arrival = {
        .position = position, .bytes = um_span_of(exact, strlen(bytes)), .cut = cut};
    int result = um_segments_add(&f->set, &arrival, f->needed_from, f->max, &f->room);
    free(exact);
    return result;
}

static void
add(struct fixture *f, uint64_t position, const char *bytes)
{
    assert_int_equal(add_cut(f, position, bytes, 0), UM_OK);
}

static bool
differs(const struct fixture *f, uint64_t position, const char *bytes)
{
    struct um_arrival arrival = {.position = position, .bytes = S(bytes)};
    return um_segments_differ(&f->set, &arrival);
}

static void
assert_pieces(const struct fixture *f, const char *wanted)
{
    struct um_buf text = {0};
    uint64_t held = 0, covered = 0;
    const struct um_segment *last = NULL;
    for (const struct um_segment *s = f->set.head; s; last = s, s = s->next) {
        char number[48];
        int len = snprintf(number, sizeof number, "%s%llu:", last ? " " : "",
                           (unsigned long long)s->position);
        assert_int_equal(um_buf_append(&text, um_span_of(number, (size_t)len)), UM_OK);
        len = snprintf(number, sizeof number, "%c%llu", s->is_cut ? '#' : '-',
                       (unsigned long long)s->len);
        bool is_copied = !s->is_cut && !s->is_needless;
        assert_int_equal(um_buf_append(&text, is_copied ? um_span_of(s->bytes, (size_t)s->len)
                                                        : um_span_of(number, (size_t)len)),
                         UM_OK);
        held += is_copied ? s->len : 0;
        covered += s->len;
        assert_ptr_equal(s->prev, last);
        assert_true(!last || um_segment_end(last) <= s->position);
    }
    assert_ptr_equal(f->set.tail, last);
    assert_int_equal(f->set.held_bytes, held);
    assert_int_equal(f->set.covered_bytes, covered);
    assert_int_equal(f->room.used, held);
    struct um_span got = um_buf_span(&text);
    if (!um_span_equal(got, S(wanted)))
        fail_msg("'%.*s', not '%s'", (int)got.len, (const char *)got.data, wanted);
    um_buf_done(&text);
}

static void
pieces_are_kept_in_order(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    add(&f, 10, "kl");
    add(&f, 2, "cd");
    add(&f, 6, "gh");
    add(&f, 4, "ef");
    assert_pieces(&f, "2:cd 4:ef 6:gh 10:kl");
    um_segments_pop(&f.set, &f.room);
    assert_pieces(&f, "4:ef 6:gh 10:kl");
    finish(&f);
}

static void
where_arrivals_overlap_the_first_bytes_stay(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    add(&f, 4, "ef");
    add(&f, 8, "ij");
    add(&f, 2, "CDEFGHIJKL");
    assert_pieces(&f, "2:CD 4:ef 6:GH 8:ij 10:KL");
    add(&f, 2, "xxxxxxxxxx");
    add(&f, 3, "yyyy");
    assert_pieces(&f, "2:CD 4:ef 6:GH 8:ij 10:KL");
    finish(&f);
}

static void
empty_arrival_adds_nothing(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    add(&f, 4, "");
    assert_pieces(&f, "");
    finish(&f);
}

static void
cut_bytes_cover_their_place_without_memory(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(add_cut(&f, 0, "ab", 1000000), UM_OK);
    assert_pieces(&f, "0:ab 2:#1000000");
    add(&f, 1, "xyz");
    assert_pieces(&f, "0:ab 2:#1000000");
    assert_true(f.meter.used < 1000);
    finish(&f);
}

static void
only_other_bytes_for_held_places_differ(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_false(differs(&f, 0, "ab"));
    add(&f, 2, "cd");
    assert_int_equal(add_cut(&f, 6, "gh", 2), UM_OK);
    assert_false(differs(&f, 0, "xx"));
    assert_false(differs(&f, 0, "xxcdxxgh"));
    assert_false(differs(&f, 8, "xx")); /* nobody knows what was cut off */
    assert_false(differs(&f, 10, "xx"));
    assert_true(differs(&f, 0, "xxx"));
    assert_true(differs(&f, 3, "x"));
    assert_true(differs(&f, 3, "dxxxh"));
    assert_true(differs(&f, 7, "xx"));
    finish(&f);
}

static void
set_is_full_at_its_limit(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    f.max = 4;
    add(&f, 0, "ab");
    add(&f, 4, "ef");
    assert_int_equal(add_cut(&f, 8, "i", 0), UM_SEGMENTS_FULL);
    assert_int_equal(add_cut(&f, 8, "", 5), UM_OK); /* takes no bytes */
    add(&f, 4, "ef");
    assert_pieces(&f, "0:ab 4:ef 8:#5");
    finish(&f);
}

static void
set_is_full_at_its_number_of_pieces(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    for (uint64_t i = 0; i < UM_SEGMENTS_MAX; i++)
        add(&f, 2 * i, "x");
    assert_int_equal(add_cut(&f, 1, "y", 0), UM_SEGMENTS_FULL);
    um_segments_pop(&f.set, &f.room);
    add(&f, 1, "y");
    finish(&f);
}

static void
room_and_meter_are_shared_by_all_sets(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    struct um_segments other = {0};
    struct um_arrival arrival = {.position = 0, .bytes = S("abc")};
    f.room.max = 5;
    assert_int_equal(um_segments_add(&other, &arrival, 0, UINT64_MAX, &f.room), UM_OK);
    assert_int_equal(add_cut(&f, 0, "xyz", 0), UM_SEGMENTS_NO_ROOM);
    um_segments_clear(&other, &f.room);
    assert_pieces(&f, "");
    add(&f, 0, "xyz");
    f.meter.max = f.meter.used;
    assert_int_equal(add_cut(&f, 5, "p", 0), UM_SEGMENTS_NO_MEMORY);
    assert_pieces(&f, "0:xyz");
    finish(&f);
}

static void
truncated_set_holds_nothing_from_there_on(void **state)
{
    (void)state;
    static const char *const wanted[] = {
        "", "0:a", "0:ab", "0:ab", "0:ab 3:d", "0:ab 3:d 4:#1", "0:ab 3:d 4:#2", "0:ab 3:d 4:#2"};
    for (uint64_t at = 0; at < sizeof wanted / sizeof *wanted; at++) {
        struct fixture f;
        begin(&f);
        add(&f, 0, "ab");
        assert_int_equal(add_cut(&f, 3, "d", 2), UM_OK);
        um_segments_truncate(&f.set, at, &f.room);
        assert_pieces(&f, wanted[at]);
        finish(&f);
    }
}

static void
arrival_is_split_anywhere(void **state)
{
    (void)state;
    const struct um_arrival whole = {.position = 10, .bytes = S("abcd"), .cut = 3};
    for (uint64_t at = 8; at < 20; at++) {
        struct um_arrival left = um_arrival_before(&whole, at), right = um_arrival_from(&whole, at);
        uint64_t inside = at < 10 ? 10 : at > 17 ? 17 : at;
        assert_int_equal(left.position, 10);
        assert_int_equal(um_arrival_end(&left), inside);
        assert_int_equal(right.bytes.len + right.cut, 17 - inside);
        assert_int_equal(left.bytes.len + right.bytes.len, 4);
        assert_int_equal(left.cut + right.cut, 3);
        if (right.bytes.len > 0)
            assert_int_equal(right.bytes.data[0], 'a' + (int)(inside - 10));
    }
}

static void
failing_allocation_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    add(&f, 2, "c");
    um_test_alloc_fail_at(1); /* that of the second piece */
    assert_int_equal(add_cut(&f, 0, "abcde", 0), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
    assert_pieces(&f, "0:ab 2:c");
    add(&f, 0, "abcde");
    assert_pieces(&f, "0:ab 2:c 3:de");
    finish(&f);
}

/* Of bytes that nobody wants only the number is held; a piece that goes on behind them is two. */
static void
needless_bytes_are_counted_and_not_copied(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    f.needed_from = 6;
    f.max = 4;
    add(&f, 2, "cd");
    assert_int_equal(add_cut(&f, 3, "defgh", 2), UM_OK);
    assert_pieces(&f, "2:-2 4:-2 6:gh 8:#2");
    assert_false(differs(&f, 2, "XXXXgh"));
    assert_true(differs(&f, 2, "XXXXXh"));
    add(&f, 12, "mn");
    assert_int_equal(add_cut(&f, 14, "o", 0), UM_SEGMENTS_FULL);
    f.needed_from = 15;
    add(&f, 14, "o");
    assert_pieces(&f, "2:-2 4:-2 6:gh 8:#2 12:mn 14:-1");
    um_segments_truncate(&f.set, 5, &f.room);
    assert_pieces(&f, "2:-2 4:-1");
    finish(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(needless_bytes_are_counted_and_not_copied),
        cmocka_unit_test(pieces_are_kept_in_order),
        cmocka_unit_test(where_arrivals_overlap_the_first_bytes_stay),
        cmocka_unit_test(empty_arrival_adds_nothing),
        cmocka_unit_test(cut_bytes_cover_their_place_without_memory),
        cmocka_unit_test(only_other_bytes_for_held_places_differ),
        cmocka_unit_test(set_is_full_at_its_limit),
        cmocka_unit_test(set_is_full_at_its_number_of_pieces),
        cmocka_unit_test(room_and_meter_are_shared_by_all_sets),
        cmocka_unit_test(truncated_set_holds_nothing_from_there_on),
        cmocka_unit_test(arrival_is_split_anywhere),
        cmocka_unit_test(failing_allocation_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
