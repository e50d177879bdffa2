/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/net/ipfrag.h"

#include <stdio.h>

#include "tests/support/support.h"

struct fixture {
    struct um_meter meter;
    struct um_ipfrag frags;
    struct um_ip ip; /* the fragment, then what came of it */
    uint64_t frame;
    int64_t time_ns;
};

static void
begin(struct fixture *f, uint64_t max)
{
    *f = (struct fixture){.meter = {.max = UINT64_MAX}};
    um_ipfrag_init(&f->frags, max, &f->meter);
}

static void
finish(struct fixture *f)
{
    um_ipfrag_done(&f->frags);
    assert_int_equal(f->meter.used, 0);
}

/* A fragment of the datagram `id` from 10.0.0.1 to 10.0.0.2, of which `cut` bytes are missing. */
static int
add_cut(struct fixture *f, uint32_t id, uint32_t offset, bool more, const char *bytes, uint32_t cut)
{
    f->ip = (struct um_ip){.source = um_span_of("\x0a\0\0\1", 4),
                           .destination = um_span_of("\x0a\0\0\2", 4),
                           .payload = S(bytes),
                           .cut = cut,
                           .id = id,
                           .fragment_offset = offset,
                           .more_fragments = more,
                           .protocol = UM_IP_TCP};
    return um_ipfrag_add(&f->frags, &f->ip,
                         (struct um_mark){.frame = ++f->frame, .time_ns = f->time_ns});
}

static int
add(struct fixture *f, uint32_t id, uint32_t offset, bool more, const char *bytes)
{
    return add_cut(f, id, offset, more, bytes, 0);
}

static void
assert_whole(const struct fixture *f, const char *bytes, uint32_t cut)
{
    assert_span_equal(f->ip.payload, S(bytes));
    assert_int_equal(f->ip.cut, cut);
    assert_false(um_ip_is_fragment(&f->ip));
    assert_span_equal(f->ip.source, um_span_of("\x0a\0\0\1", 4));
    assert_span_equal(f->ip.destination, um_span_of("\x0a\0\0\2", 4));
    assert_int_equal(f->ip.protocol, UM_IP_TCP);
}

static void
fragments_are_joined_in_every_order(void **state)
{
    (void)state;
    static const struct {
        uint32_t offset;
        const char *bytes;
    } parts[] = {{0, "abcdefgh"}, {8, "ijklmnop"}, {16, "qr"}};
    static const int orders[][3] = {{0, 1, 2}, {0, 2, 1}, {1, 0, 2},
                                    {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t i = 0; i < sizeof orders / sizeof *orders; i++) {
        struct fixture f;
        begin(&f, 1000);
        for (int n = 0; n < 3; n++) {
            int part = orders[i][n];
            int result = add(&f, 7, parts[part].offset, part != 2, parts[part].bytes);
            assert_int_equal(result, n == 2 ? UM_IPFRAG_WHOLE : UM_OK);
        }
        assert_whole(&f, "abcdefghijklmnopqr", 0);
        assert_int_equal(f.frags.dropped, 0);
        finish(&f);
    }
}

static void
where_fragments_overlap_the_first_bytes_stay(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 1000);
    assert_int_equal(add(&f, 7, 8, true, "ijklmnop"), UM_OK);
    assert_int_equal(add(&f, 7, 0, true, "abcdefghXXXXXXXX"), UM_OK);
    assert_int_equal(add(&f, 7, 8, false, "YYYYYYYYqr"), UM_IPFRAG_WHOLE);
    assert_whole(&f, "abcdefghijklmnopqr", 0);
    finish(&f);
}

static void
datagrams_are_told_apart(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 1000);
    assert_int_equal(add(&f, 7, 0, true, "abcdefgh"), UM_OK);
    assert_int_equal(add(&f, 8, 8, false, "IJ"), UM_OK);
    assert_int_equal(add(&f, 7, 8, false, "ij"), UM_IPFRAG_WHOLE);
    assert_whole(&f, "abcdefghij", 0);
    assert_int_equal(add(&f, 8, 0, true, "ABCDEFGH"), UM_IPFRAG_WHOLE);
    assert_whole(&f, "ABCDEFGHIJ", 0);
    finish(&f);
}

static void
datagram_cut_by_the_snap_length_comes_out_as_its_beginning(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 1000);
    assert_int_equal(add_cut(&f, 7, 0, true, "abcd", 4), UM_OK);
    assert_int_equal(add(&f, 7, 8, false, "ij"), UM_IPFRAG_WHOLE);
    assert_whole(&f, "abcd", 6);
    finish(&f);
}

/*
 * The joined datagram lies in the joiner's own buffer. With fragments of another one inside, its
 * addresses were views into that buffer, which the next join overwrote.
 */
static void
fragments_inside_a_joined_datagram_keep_their_addresses(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 1000);
    static const char outer[] = "SRCEDESTabcdefgh";
    assert_int_equal(add(&f, 1, 8, false, "ij"), UM_OK);
    f.ip.id = 2;
    assert_int_equal(add(&f, 2, 0, true, outer), UM_OK);
    assert_int_equal(add(&f, 2, 16, false, "!"), UM_IPFRAG_WHOLE);
    struct um_span whole = f.ip.payload;
    for (uint32_t offset = 0; offset <= 8; offset += 8) {
        struct um_ip inner = {
            .source = um_span_first(whole, 4),
            .destination = um_span_first(um_span_from(whole, 4), 4),
            .payload = um_span_first(um_span_from(whole, 8 + offset), 8 - 7 * (offset / 8)),
            .id = 3,
            .fragment_offset = offset,
            .more_fragments = offset == 0,
            .protocol = UM_IP_TCP};
        int result = um_ipfrag_add(&f.frags, &inner, (struct um_mark){.frame = 9});
        assert_int_equal(result, offset == 0 ? UM_OK : UM_IPFRAG_WHOLE);
        f.ip = inner;
    }
    assert_span_equal(f.ip.source, S("SRCE"));
    assert_span_equal(f.ip.destination, S("DEST"));
    assert_span_equal(f.ip.payload, S("abcdefgh!"));
    finish(&f);
}

/*
 * A mirror port sends both ways of a packet: the copy of a datagram's last fragment waited for 30 s
 * and became the end of the next datagram with that number; each was counted as never completed.
 */
static void
copies_of_a_joined_datagram_are_nothing(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 1000);
    for (int i = 0; i < 3; i++) { /* the same number all the time */
        static const char *const datagrams[][2] = {
            {"abcdefgh", "ij"}, {"ABCDEFGH", "ij"}, {"klmnopqr", "st"}};
        const char *const *parts = datagrams[i];
        char whole[11];
        (void)snprintf(whole, sizeof whole, "%s%s", parts[0], parts[1]);
        assert_int_equal(add(&f, 7, 0, true, parts[0]), UM_OK);
        assert_int_equal(add(&f, 7, 0, true, parts[0]), UM_OK);
        assert_int_equal(add(&f, 7, 8, false, parts[1]), UM_IPFRAG_WHOLE);
        assert_whole(&f, whole, 0);
        assert_int_equal(add(&f, 7, 8, false, parts[1]), UM_OK);
        assert_int_equal(add(&f, 7, 0, true, parts[0]), UM_OK);
        assert_int_equal(f.frags.count, 0);
        f.time_ns += 1000;
    }
    um_ipfrag_end(&f.frags);
    assert_int_equal(f.frags.dropped, 0);
    finish(&f);
}

static void
copy_is_one_for_a_second_after_the_last(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 1000);
    assert_int_equal(add(&f, 7, 8, false, "ij"), UM_OK);
    assert_int_equal(add(&f, 7, 0, true, "abcdefgh"), UM_IPFRAG_WHOLE);
    f.time_ns = INT64_C(1000000000);
    assert_int_equal(add(&f, 7, 0, true, "abcdefgh"), UM_OK);
    f.time_ns = INT64_C(2000000000);
    assert_int_equal(add(&f, 7, 8, false, "ij"), UM_OK);
    assert_int_equal(f.frags.count, 0);
    f.time_ns = INT64_C(3000000001);
    assert_int_equal(add(&f, 7, 8, false, "ij"), UM_OK);
    assert_int_equal(add(&f, 7, 0, true, "abcdefgh"), UM_IPFRAG_WHOLE);
    finish(&f);
}

static void
fragment_that_does_not_fit_begins_a_datagram_anew(void **state)
{
    (void)state;
    static const struct {
        const char *name;
        const char *first, *second; /* what came before; no second: the datagram still waits */
        uint32_t offset;            /* of what does not fit */
        bool more;
        const char *bytes;
    } cases[] = {
        {"joined, other bytes", "abcdefgh", "ij", 0, true, "ABCDEFGH"},
        {"joined, other bytes at the end", "abcdefgh", "ij", 8, false, "IJ"},
        {"joined, a longer end", "abcdefgh", "ij", 8, false, "ijk"},
        {"joined, a shorter end", "abcdefgh", "ij", 8, false, "i"},
        {"joined, more behind the end", "abcdefgh", "ijklmnop", 16, true, "qrstuvwx"},
        {"waiting, other bytes", "abcdefgh", NULL, 0, true, "ABCDEFGH"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        begin(&f, 1000);
        assert_int_equal(add(&f, 7, 0, true, cases[i].first), UM_OK);
        if (cases[i].second)
            assert_int_equal(add(&f, 7, 8, false, cases[i].second), UM_IPFRAG_WHOLE);
        assert_int_equal(add(&f, 7, cases[i].offset, cases[i].more, cases[i].bytes), UM_OK);
        uint64_t is_lost = cases[i].second ? 0 : 1;
        if (f.frags.count != 1 || f.frags.dropped != is_lost)
            fail_msg("%s: %zu wait, %d dropped", cases[i].name, f.frags.count,
                     (int)f.frags.dropped);
        finish(&f);
    }
}

/* Its end waits in vain; a last fragment that says another end is of another datagram. */
static void
fragment_of_another_length_begins_a_datagram_anew(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 1000);
    assert_int_equal(add(&f, 7, 16, false, "qr"), UM_OK);
    assert_int_equal(add(&f, 7, 8, false, "IJ"), UM_OK);
    assert_int_equal(add(&f, 7, 0, true, "ABCDEFGH"), UM_IPFRAG_WHOLE);
    assert_whole(&f, "ABCDEFGHIJ", 0);
    assert_int_equal(f.frags.dropped, 1);
    finish(&f);
}

/* Who keeps something of each datagram, as its packets, needs to know which one a fragment is of.
 */
static void
number_is_that_of_the_datagram_a_fragment_is_kept_for(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 1000);
    static const struct {
        uint32_t id, offset;
        bool more;
        const char *bytes;
        uint64_t number;
    } parts[] = {
        {7, 0, true, "abcdefgh", 1},     {8, 0, true, "abcdefgh", 2},
        {7, 0, true, "abcdefgh", 1},     {7, 8, false, "ij", 1},
        {7, 8, false, "ij", 0},      /* a copy */
        {7, 0, true, "ABCDEFGH", 3}, /* the number in use again */
        {8, 65528, false, "too far", 2}, {8, 65528, true, "too far..", 0},
    };
    for (size_t i = 0; i < sizeof parts / sizeof *parts; i++) {
        (void)add(&f, parts[i].id, parts[i].offset, parts[i].more, parts[i].bytes);
        assert_int_equal(f.frags.number, parts[i].number);
    }
    finish(&f);
}

static void
joined_datagrams_give_way(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 20);
    assert_int_equal(add(&f, 1, 0, true, "abcdefgh"), UM_OK);
    assert_int_equal(add(&f, 1, 8, false, "ij"), UM_IPFRAG_WHOLE);
    assert_int_equal(f.frags.joined_count, 1);
    assert_int_equal(add(&f, 2, 0, true, "abcdefghijklmnop"), UM_OK);
    assert_int_equal(f.frags.joined_count, 0);
    assert_int_equal(add(&f, 2, 16, false, "qr"), UM_IPFRAG_WHOLE);
    f.meter.max = f.meter.used;
    assert_int_equal(add(&f, 3, 0, true, "a"), UM_OK);
    assert_int_equal(f.frags.joined_count, 0);
    assert_int_equal(f.frags.count, 1);
    assert_int_equal(f.frags.dropped + f.frags.at_limit.count + f.frags.at_memory.count, 0);
    finish(&f);
}

static void
joined_datagrams_remembered_are_bounded(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, UINT64_MAX);
    for (uint32_t id = 0; id < 1000; id++) {
        assert_int_equal(add(&f, id, 8, false, "ij"), UM_OK);
        assert_int_equal(add(&f, id, 0, true, "abcdefgh"), UM_IPFRAG_WHOLE);
    }
    assert_in_range(f.frags.joined_count, 1, 64);
    finish(&f);
}

static void
fragment_beyond_the_largest_datagram_is_nothing(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 1000);
    assert_int_equal(add(&f, 7, 65528, false, "abcdefgh"), UM_OK);
    assert_int_equal(f.frags.count, 0);
    assert_int_equal(add(&f, 7, 65528, false, "abcdefg"), UM_OK);
    assert_int_equal(f.frags.count, 1);
    finish(&f);
}

static void
what_is_not_complete_in_time_is_dropped(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 1000);
    assert_int_equal(add(&f, 7, 0, true, "abcdefgh"), UM_OK);
    f.time_ns = 30 * INT64_C(1000000000);
    assert_int_equal(add(&f, 8, 0, true, "abcdefgh"), UM_OK);
    assert_int_equal(f.frags.dropped, 0);
    f.time_ns++;
    assert_int_equal(add(&f, 7, 8, false, "ij"), UM_OK);
    assert_int_equal(f.frags.dropped, 1);
    um_ipfrag_end(&f.frags);
    assert_int_equal(f.frags.dropped, 3);
    finish(&f);
}

static void
at_the_limit_the_datagram_that_waits_longest_is_dropped(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 16);
    assert_int_equal(add(&f, 1, 0, true, "abcdefgh"), UM_OK);
    assert_int_equal(add(&f, 2, 0, true, "ABCDEFGH"), UM_OK);
    assert_int_equal(f.frags.dropped, 0);
    assert_int_equal(add(&f, 2, 8, false, "I"), UM_IPFRAG_WHOLE);
    assert_whole(&f, "ABCDEFGHI", 0);
    assert_int_equal(f.frags.dropped, 1);
    assert_int_equal(f.frags.count, 0);
    finish(&f);
}

static void
fragment_larger_than_the_limit_is_dropped_itself(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, 7);
    assert_int_equal(add(&f, 1, 0, true, "abcdefgh"), UM_OK);
    assert_int_equal(f.frags.dropped, 1);
    assert_int_equal(f.frags.count, 0);
    finish(&f);
}

static void
flood_of_first_fragments_is_bounded(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f, UINT64_MAX);
    for (uint32_t id = 0; id < 20000; id++)
        assert_int_equal(add(&f, id, 0, true, "a"), UM_OK);
    assert_in_range(f.frags.count, 1, 4096);
    assert_int_equal(f.frags.dropped + f.frags.count, 20000);
    f.meter.max = f.meter.used;
    assert_int_equal(add(&f, 30000, 0, true, "a"), UM_OK);
    um_ipfrag_end(&f.frags);
    f.meter.max = 10; /* no room for one: nothing is kept */
    assert_int_equal(add(&f, 30000, 0, true, "a"), UM_OK);
    assert_int_equal(f.frags.count, 0);
    finish(&f);
}

static void
nth_allocation_failing_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct fixture f;
        begin(&f, 1000);
        um_test_alloc_fail_at(n);
        int result = add(&f, 7, 0, true, "abcdefgh");
        if (result == UM_OK)
            result = add(&f, 7, 8, false, "ij");
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(result, has_failed ? UM_ERR_NOMEM : UM_IPFRAG_WHOLE);
        finish(&f);
        if (!has_failed)
            break;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(fragments_are_joined_in_every_order),
        cmocka_unit_test(where_fragments_overlap_the_first_bytes_stay),
        cmocka_unit_test(datagrams_are_told_apart),
        cmocka_unit_test(datagram_cut_by_the_snap_length_comes_out_as_its_beginning),
        cmocka_unit_test(fragments_inside_a_joined_datagram_keep_their_addresses),
        cmocka_unit_test(copies_of_a_joined_datagram_are_nothing),
        cmocka_unit_test(copy_is_one_for_a_second_after_the_last),
        cmocka_unit_test(fragment_that_does_not_fit_begins_a_datagram_anew),
        cmocka_unit_test(fragment_of_another_length_begins_a_datagram_anew),
        cmocka_unit_test(number_is_that_of_the_datagram_a_fragment_is_kept_for),
        cmocka_unit_test(joined_datagrams_give_way),
        cmocka_unit_test(joined_datagrams_remembered_are_bounded),
        cmocka_unit_test(fragment_beyond_the_largest_datagram_is_nothing),
        cmocka_unit_test(what_is_not_complete_in_time_is_dropped),
        cmocka_unit_test(at_the_limit_the_datagram_that_waits_longest_is_dropped),
        cmocka_unit_test(fragment_larger_than_the_limit_is_dropped_itself),
        cmocka_unit_test(flood_of_first_fragments_is_bounded),
        cmocka_unit_test(nth_allocation_failing_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
