/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What can be had without rights and without a network; tests/offline/live.py does the rest. */
#include "tests/support/support.h"

#include "offline/capture/capture.h"

static void
interface_that_is_none_is_trouble_and_tells_those_there_are(void **state)
{
    (void)state;
    struct um_trouble trouble = {0};
    struct um_live *live = NULL;
    assert_int_equal(um_live_open("nonesuch0", NULL, &trouble, &live), UM_ERR_IO);
    assert_null(live);
    assert_non_null(strstr(trouble.text, "there is no such interface"));
}

static void
capture_of_an_interface_that_is_none_has_a_problem_and_no_packets(void **state)
{
    (void)state;
    const char *interface = "nonesuch0";
    struct um_capture *capture = NULL;
    const struct um_packet *packet;
    assert_int_equal(um_capture_open_live(&interface, NULL, &capture), UM_OK);
    assert_false(um_capture_is_open(capture));
    assert_int_equal(um_capture_next(capture, &packet), 0);
    assert_int_equal(um_capture_problem_count(capture), 1);
    assert_string_equal(um_capture_problem(capture, 0)->path, "nonesuch0");
    assert_int_equal(um_capture_drops(capture).kernel, 0);
    um_capture_free(capture);
}

static void
interface_is_not_opened_without_memory(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        const char *interface = "nonesuch0";
        struct um_capture *capture = NULL;
        um_test_alloc_fail_at(n);
        int err = um_capture_open_live(&interface, NULL, &capture);
        bool failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        um_capture_free(capture);
        if (!failed)
            break;
        assert_true(n < 100);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(interface_that_is_none_is_trouble_and_tells_those_there_are),
        cmocka_unit_test(capture_of_an_interface_that_is_none_has_a_problem_and_no_packets),
        cmocka_unit_test(interface_is_not_opened_without_memory),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
