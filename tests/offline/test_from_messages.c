/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A store told as lines and read back, and told under other names: whole, or not when memory ends.
 */
#include "offline/from_messages.h"

#include <stdio.h>
#include <unistd.h>

#include "offline/redact.h"
#include "offline/run_line.h"
#include "tests/support/support.h"
#include "tests/um/build.h"

static const char script[] =
    "play 0 0.1; on 2; play 0.01 0.09; on 3; id second; play 0.5 0.6;"
    "on 1; id pipe; poll 1 1.1 Connecting None; on 3; id second; poll 1.2 1.3 Connected None;"
    "orphan 1.4 Connected; on 4; id opaque; fault 1.5 1.6 GetCallInfo InvalidCallIdException;"
    "on 1; id pipe; poll 2 2.1 Disconnected UserBusy; poll 2.2 2.3 - -; no-id;"
    "fault 3 3.1 GetCallInfo InvalidCallIdException; on 5; dial 5550000;"
    "fault 4 4.1 PlayOnPhone DialingRulesException; flag reply malformed; cut reply; legs 2;"
    "limit body; action urn:x; none 5 PlayOnPhone end";

static size_t
no_times(void *ctx, int64_t *out, size_t max)
{
    (void)ctx;
    (void)out;
    (void)max;
    return 0;
}

/* The lines of the store, in a file of that name. */
static void
tell(const struct um_calls *calls, const char *path)
{
    struct um_encrypted encrypted = {0};
    struct um_arena arena = {0};
    struct um_findings findings = {.arena = &arena};
    struct um_alerts alerts = {0};
    struct um_totals totals = {.encrypted = &encrypted, .alerts = &alerts};
    struct um_run_line line;
    assert_int_equal(um_encrypted_add_server(&encrypted, S("a (10.0.0.1:443)"),
                                             &(struct um_encrypted_server){.connections = 2}),
                     UM_OK);
    assert_int_equal(um_run_line_make(&totals, &arena, &line), UM_OK);
    line.run.times = no_times;
    struct um_report report = {.calls = calls, .findings = &findings, .run = &line.run};
    struct um_style style = {0};
    FILE *file = fopen(path, "w");
    assert_non_null(file);
    assert_int_equal(um_report_write(&report, UM_VIEW_MESSAGES, UM_FORMAT_NDJSON, &style, file),
                     UM_OK);
    assert_int_equal(fclose(file), 0);
    um_encrypted_done(&encrypted);
    um_arena_done(&arena);
}

static int
read_back(struct um_build *b, const char *path, struct um_from_messages **from)
{
    const char *const paths[] = {path};
    int err = um_from_messages_read(paths, 1, NULL, from);
    if (!err)
        err = um_calls_new(&b->limits, &b->thresholds, &b->calls);
    if (!err)
        err = um_from_messages_fill(*from, b->calls);
    return err ? err : um_calls_finish(b->calls);
}

static void
lines_give_back_the_store_or_nothing(void **state)
{
    (void)state;
    char path[] = "/tmp/umtrace-lines-XXXXXX";
    int fd = mkstemp(path);
    assert_true(fd >= 0);
    (void)close(fd);
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, script);
    const char *told = um_build_told(&b);
    struct um_calls *first = b.calls;
    tell(first, path);
    for (size_t n = 0;; n++) {
        struct um_from_messages *from = NULL;
        b.calls = NULL;
        um_test_alloc_fail_at(n);
        int err = read_back(&b, path, &from);
        bool failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        if (!failed) {
            assert_string_equal(um_build_told(&b), told);
            assert_false(um_from_messages_is_troubled(from));
            assert_int_equal(um_from_messages_totals(from)->encrypted->servers[0].connections, 2);
        }
        um_calls_free(b.calls);
        um_from_messages_free(from);
        if (!failed)
            break;
    }
    b.calls = first;
    um_build_done(&b);
    (void)unlink(path);
}

static void
a_redacted_store_tells_the_same_story_or_nothing(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, script);
    const char *told = um_build_told(&b);
    struct um_calls *first = b.calls;
    for (size_t n = 0;; n++) {
        struct um_redact *redact = NULL;
        b.calls = NULL;
        um_test_alloc_fail_at(n);
        int err = um_redact_new(&redact);
        if (!err)
            err = um_redact_calls(redact, first, &b.calls);
        bool failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        if (!failed)
            assert_string_equal(um_build_told(&b), told);
        um_calls_free(b.calls);
        um_redact_free(redact);
        if (!failed)
            break;
    }
    b.calls = first;
    um_build_done(&b);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(lines_give_back_the_store_or_nothing),
        cmocka_unit_test(a_redacted_store_tells_the_same_story_or_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
