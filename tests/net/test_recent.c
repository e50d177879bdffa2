/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/net/recent.h"

#include "tests/support/support.h"

static struct um_recents recents;

enum { HASH = 7, REACH = 1000 };

static int
begin(void **state)
{
    (void)state;
    recents = (struct um_recents){0};
    return 0;
}

static struct um_recent *
find(void)
{
    return um_recents_find(&recents, HASH);
}

static void
note_syn(int own, uint32_t start, const uint32_t *ack)
{
    um_recents_note_syn(&recents, HASH, own, start, ack);
}

static void
nothing_is_remembered_at_first(void **state)
{
    (void)state;
    assert_null(find());
    assert_null(um_recent_start(NULL, 0, 100, REACH));
    assert_false(um_recent_is_old(NULL, 0, 100, 1));
    um_recent_pass(NULL, 0);
}

static void
handshake_tells_where_both_directions_start(void **state)
{
    (void)state;
    uint32_t ack = 101;
    note_syn(0, 101, NULL);
    assert_int_equal(*um_recent_start(find(), 0, 101, REACH), 101);
    assert_null(um_recent_start(find(), 1, 501, REACH));
    note_syn(1, 501, &ack);
    assert_int_equal(*um_recent_start(find(), 0, 101, REACH), 101);
    assert_int_equal(*um_recent_start(find(), 1, 501, REACH), 501);
    assert_true(find()->is_seen[0] && find()->is_seen[1]);
}

static void
answer_alone_tells_both_but_one_was_not_seen(void **state)
{
    (void)state;
    uint32_t ack = 101;
    note_syn(1, 501, &ack);
    assert_int_equal(*um_recent_start(find(), 0, 101, REACH), 101);
    assert_false(find()->is_seen[0]);
    assert_true(find()->is_seen[1]);
}

static void
acknowledgement_behind_a_syn_tells_what_its_answer_would_have(void **state)
{
    (void)state;
    note_syn(0, 101, NULL);
    um_recents_note_ack(&recents, HASH, 0, 102, 601); /* it has gone on */
    assert_null(um_recent_start(find(), 1, 601, REACH));
    um_recents_note_ack(&recents, HASH, 0, 101, 501);
    assert_int_equal(*um_recent_start(find(), 1, 501, REACH), 501);
    assert_false(find()->is_seen[1]);
    um_recents_note_ack(&recents, HASH, 0, 101, 601); /* known by now */
    assert_int_equal(*um_recent_start(find(), 1, 601, REACH), 501);
    um_recent_pass(find(), 1);
    um_recents_note_ack(&recents, HASH, 0, 101, 601); /* no start any more */
    assert_null(um_recent_start(find(), 1, 601, REACH));
}

static void
what_was_acknowledged_before_there_is_an_entry_is_remembered(void **state)
{
    (void)state;
    uint32_t ack = 101;
    note_syn(0, 101, NULL);
    note_syn(1, 501, &ack);
    assert_int_equal(find()->acked[0], 101);
    um_recents_note_ack(&recents, HASH, 1, 501, 151);
    um_recents_note_ack(&recents, HASH, 1, 501, 121); /* an old one */
    um_recents_note_ack(&recents, HASH, 1, 502, 161); /* it is no longer at its start */
    assert_int_equal(find()->acked[0], 151);
    assert_int_equal(find()->acked[1], 501);
    assert_int_equal(*um_recent_start(find(), 0, 151, REACH), 101);
}

static void
start_is_believed_only_near_the_number_at_hand(void **state)
{
    (void)state;
    note_syn(0, 0xfffffff0, NULL);
    assert_non_null(um_recent_start(find(), 0, 0xfffffff0, REACH));
    assert_non_null(um_recent_start(find(), 0, 0xfffffff0U + REACH, REACH)); /* over the wrap */
    assert_null(um_recent_start(find(), 0, 0xfffffff1U + REACH, REACH));
    assert_null(um_recent_start(find(), 0, 0xffffffef, REACH));
}

static void
another_syn_is_another_connection(void **state)
{
    (void)state;
    uint32_t ack = 101, other = 9101;
    note_syn(0, 101, NULL);
    note_syn(1, 501, &ack);
    note_syn(0, 101, NULL); /* sent again */
    assert_non_null(um_recent_start(find(), 1, 501, REACH));
    note_syn(0, 9101, NULL);
    assert_null(um_recent_start(find(), 1, 501, REACH));
    note_syn(1, 501, &ack); /* answers the one before */
    assert_null(um_recent_start(find(), 0, 9101, REACH));
    note_syn(1, 7501, &other);
    assert_non_null(um_recent_start(find(), 0, 9101, REACH));
    assert_null(um_recent_start(find(), 1, 501, REACH));
}

static void
first_bytes_that_have_passed_leave_no_start(void **state)
{
    (void)state;
    note_syn(0, 101, NULL);
    um_recent_pass(find(), 0);
    assert_null(um_recent_start(find(), 0, 101, REACH));
    assert_false(um_recent_is_old(find(), 0, 50, 1));
}

static void
bytes_before_the_next_are_old_when_all_of_them_are(void **state)
{
    (void)state;
    note_syn(0, 101, NULL);
    assert_true(um_recent_is_old(find(), 0, 91, 10));
    assert_false(um_recent_is_old(find(), 0, 91, 11));
    assert_false(um_recent_is_old(find(), 0, 101, 0));
    assert_false(um_recent_is_old(find(), 0, 101U - (1 << 16), 1));
    assert_false(um_recent_is_old(find(), 1, 91, 10));
}

static void
what_is_forgotten_is_not_found(void **state)
{
    (void)state;
    um_recents_forget(&recents, HASH);
    note_syn(0, 101, NULL);
    um_recents_forget(&recents, HASH);
    assert_null(find());
}

static void
connection_of_the_same_slot_takes_it(void **state)
{
    (void)state;
    uint64_t other = HASH + (UINT64_C(1) << 32) * UM_RECENT_SLOTS;
    note_syn(0, 101, NULL);
    assert_null(um_recents_find(&recents, other));
    um_recents_put(&recents, other, UM_RECENT_REFUSED);
    assert_null(find());
    assert_int_equal(um_recents_find(&recents, other)->kind, UM_RECENT_REFUSED);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(nothing_is_remembered_at_first, begin),
        cmocka_unit_test_setup(handshake_tells_where_both_directions_start, begin),
        cmocka_unit_test_setup(answer_alone_tells_both_but_one_was_not_seen, begin),
        cmocka_unit_test_setup(acknowledgement_behind_a_syn_tells_what_its_answer_would_have,
                               begin),
        cmocka_unit_test_setup(what_was_acknowledged_before_there_is_an_entry_is_remembered, begin),
        cmocka_unit_test_setup(start_is_believed_only_near_the_number_at_hand, begin),
        cmocka_unit_test_setup(another_syn_is_another_connection, begin),
        cmocka_unit_test_setup(first_bytes_that_have_passed_leave_no_start, begin),
        cmocka_unit_test_setup(bytes_before_the_next_are_old_when_all_of_them_are, begin),
        cmocka_unit_test_setup(what_is_forgotten_is_not_found, begin),
        cmocka_unit_test_setup(connection_of_the_same_slot_takes_it, begin),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
