/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Who writes a file is told by the system, so each test has a real one. */
#include "offline/capture/growing.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "tests/support/support.h"

struct fixture {
    char path[64];
    int writer, reader;
    struct um_trouble trouble;
    struct um_growing growing;
};

static void
begin(struct fixture *f)
{
    *f = (struct fixture){.path = "/tmp/um_test_growing_XXXXXX", .growing = {.is_on = true}};
    f->writer = mkstemp(f->path);
    f->reader = open(f->path, O_RDONLY);
    assert_true(f->writer >= 0 && f->reader >= 0);
    assert_int_equal(write(f->writer, "four", 4), 4);
}

static void
end(const struct fixture *f)
{
    (void)close(f->reader);
    (void)unlink(f->path);
}

static void
a_file_grows_until_its_writer_closes_it(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    for (int i = 0; i < 3; i++) {
        assert_int_equal(um_growing_wait(&f.growing, f.reader, 4, &f.trouble), UM_OK);
        assert_true(f.growing.is_on && !f.growing.is_guessed);
    }
    (void)close(f.writer);
    assert_int_equal(um_growing_wait(&f.growing, f.reader, 4, &f.trouble), UM_OK);
    assert_false(f.growing.is_on);
    end(&f);
}

static void
who_opens_it_to_write_is_not_kept_waiting(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    (void)close(f.writer);
    assert_int_equal(um_growing_wait(&f.growing, f.reader, 4, &f.trouble), UM_OK);
    f.writer = open(f.path, O_WRONLY | O_NONBLOCK); /* fails where a lease is held */
    assert_true(f.writer >= 0);
    (void)close(f.writer);
    end(&f);
}

static void
a_file_that_is_shorter_than_what_was_read_is_another(void **state)
{
    (void)state;
    struct fixture f;
    begin(&f);
    assert_int_equal(um_growing_wait(&f.growing, f.reader, 5, &f.trouble), UM_ERR_IO);
    assert_string_equal(f.trouble.text, "was written anew while it was read");
    (void)close(f.writer);
    end(&f);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_file_grows_until_its_writer_closes_it),
        cmocka_unit_test(who_opens_it_to_write_is_not_kept_waiting),
        cmocka_unit_test(a_file_that_is_shorter_than_what_was_read_is_another),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
