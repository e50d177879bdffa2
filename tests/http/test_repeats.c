/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is remembered of bodies: only ever what the very same body said. */
#include "offline/http/repeats.h"

#include <stdio.h>

#include "tests/support/support.h"

#define XML S("text/xml; charset=utf-8")

static struct um_message
said(const char *call_id)
{
    struct um_message message = {.kind = UM_MESSAGE_REQUEST, .flags = UM_MESSAGE_CUT};
    for (size_t i = 0; i < UM_FIELD_COUNT; i++)
        message.fields[i].text = S("");
    message.fields[UM_FIELD_CALL_ID] =
        (struct um_field){.text = S(call_id), .offset = 7, .state = UM_FIELD_WHOLE};
    return message;
}

static void
add(struct um_repeats *repeats, const struct um_http_message *message, const char *body,
    const char *call_id)
{
    uint8_t *exact = um_test_exact_copy(body, strlen(body)); /* a copy is what must be kept */
    struct um_message read = said(call_id);
    assert_int_equal(um_repeats_add(repeats, message, um_span_of(exact, strlen(body)), &read),
                     UM_OK);
    free(exact);
}

static void
same_body_says_the_same(void **state)
{
    (void)state;
    struct um_meter meter = {.max = UINT64_MAX};
    struct um_repeats repeats = {.meter = &meter};
    const struct um_http_message message = {.content_type = XML};
    assert_null(um_repeats_find(&repeats, &message, S("<a/>")));
    add(&repeats, &message, "<a/>", "id1");
    const struct um_message *found = um_repeats_find(&repeats, &message, S("<a/>"));
    assert_non_null(found);
    assert_int_equal(found->kind, UM_MESSAGE_REQUEST);
    assert_int_equal(found->flags, UM_MESSAGE_CUT);
    assert_int_equal(found->fields[UM_FIELD_CALL_ID].offset, 7);
    assert_span_equal(um_message_text(found, UM_FIELD_CALL_ID), S("id1"));
    um_repeats_done(&repeats);
    assert_int_equal(meter.used, 0);
    assert_null(um_repeats_find(&repeats, &message, S("<a/>")));
}

/* The same bytes may be other letters, or compressed ones. */
static void
same_bytes_of_another_type_or_coding_are_another_body(void **state)
{
    (void)state;
    struct um_meter meter = {.max = UINT64_MAX};
    struct um_repeats repeats = {.meter = &meter};
    const struct um_http_message plain = {.content_type = XML};
    const struct um_http_message latin = {.content_type = S("text/xml; charset=latin1")};
    struct um_http_message coded = {.content_type = XML, .coding_count = 1};
    coded.codings[0] = UM_HTTP_CODING_GZIP;
    add(&repeats, &plain, "<a/>", "id1");
    assert_null(um_repeats_find(&repeats, &latin, S("<a/>")));
    assert_null(um_repeats_find(&repeats, &coded, S("<a/>")));
    assert_null(um_repeats_find(&repeats, &plain, S("<b/>")));
    assert_null(um_repeats_find(&repeats, &plain, S("<a/> ")));
    add(&repeats, &coded, "<a/>", "id2");
    assert_non_null(um_repeats_find(&repeats, &coded, S("<a/>")));
    coded.codings[0] = UM_HTTP_CODING_DEFLATE;
    assert_null(um_repeats_find(&repeats, &coded, S("<a/>")));
    um_repeats_done(&repeats);
    assert_int_equal(meter.used, 0);
}

/* Of very many bodies as many stay as there are places, each with what it said itself. */
static void
later_bodies_take_the_places_of_earlier_ones(void **state)
{
    (void)state;
    struct um_meter meter = {.max = UINT64_MAX};
    struct um_repeats repeats = {.meter = &meter};
    const struct um_http_message message = {.content_type = XML};
    char body[32], id[32];
    size_t found_count = 0;
    for (int i = 0; i < 10 * UM_REPEATS; i++) {
        (void)snprintf(body, sizeof body, "<a>%d</a>", i);
        (void)snprintf(id, sizeof id, "id%d", i);
        add(&repeats, &message, body, id);
        assert_non_null(um_repeats_find(&repeats, &message, S(body)));
    }
    for (int i = 0; i < 10 * UM_REPEATS; i++) {
        (void)snprintf(body, sizeof body, "<a>%d</a>", i);
        (void)snprintf(id, sizeof id, "id%d", i);
        const struct um_message *found = um_repeats_find(&repeats, &message, S(body));
        found_count += found != NULL;
        if (found)
            assert_span_equal(um_message_text(found, UM_FIELD_CALL_ID), S(id));
    }
    assert_true(found_count > UM_REPEATS / 2 && found_count <= UM_REPEATS);
    um_repeats_done(&repeats);
    assert_int_equal(meter.used, 0);
}

static void
what_is_long_is_not_remembered_nor_without_memory(void **state)
{
    (void)state;
    struct um_meter meter = {.max = UINT64_MAX};
    struct um_repeats repeats = {.meter = &meter};
    const struct um_http_message message = {.content_type = XML};
    char body[UM_REPEATS_BYTES_MAX + 2] = {0};
    memset(body, 'a', UM_REPEATS_BYTES_MAX + 1);
    add(&repeats, &message, body, "id1");
    assert_null(um_repeats_find(&repeats, &message, S(body)));
    add(&repeats, &message, "<a/>", body); /* compressed, it said very much */
    assert_null(um_repeats_find(&repeats, &message, S("<a/>")));
    const struct um_http_message wordy = {.content_type = S(body)}; /* up to a head's length */
    add(&repeats, &wordy, "<a/>", "id1");
    assert_null(um_repeats_find(&repeats, &wordy, S("<a/>")));
    assert_int_equal(meter.used, 0);
    body[UM_REPEATS_BYTES_MAX - XML.len] = '\0';
    add(&repeats, &message, body, "id1");
    assert_non_null(um_repeats_find(&repeats, &message, S(body)));
    struct um_message read = said("id2");
    for (unsigned n = 0; n < 2; n++) {
        um_test_alloc_fail_at(n);
        assert_int_equal(um_repeats_add(&repeats, &message, S("<b/>"), &read), UM_ERR_NOMEM);
        assert_true(um_test_alloc_reset());
        assert_null(um_repeats_find(&repeats, &message, S("<b/>")));
    }
    um_repeats_done(&repeats);
    assert_int_equal(meter.used, 0);
}

/* Nothing is given up for it, and what was in the place may have been another's memory. */
static void
without_room_at_the_meter_nothing_more_is_remembered(void **state)
{
    (void)state;
    struct um_meter meter = {.max = UINT64_MAX};
    struct um_repeats repeats = {.meter = &meter};
    const struct um_http_message message = {.content_type = XML};
    add(&repeats, &message, "<a/>", "id1");
    uint64_t of_one = meter.used;
    assert_true(of_one > 0);
    meter.max = of_one;
    add(&repeats, &message, "<bc/>", "id2");
    assert_null(um_repeats_find(&repeats, &message, S("<bc/>")));
    assert_int_equal(meter.used, of_one);
    um_repeats_done(&repeats);
    assert_int_equal(meter.used, 0);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(same_body_says_the_same),
        cmocka_unit_test(same_bytes_of_another_type_or_coding_are_another_body),
        cmocka_unit_test(later_bodies_take_the_places_of_earlier_ones),
        cmocka_unit_test(without_room_at_the_meter_nothing_more_is_remembered),
        cmocka_unit_test(what_is_long_is_not_remembered_nor_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
