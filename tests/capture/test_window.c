/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files seen through a window, among them some that lose their end meanwhile. */
#include "offline/capture/window.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "tests/capture/files.h"

static size_t
page_bytes(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

/* The byte that stands at `offset` in the files of these tests. */
static uint8_t
byte_at(uint64_t offset)
{
    return (uint8_t)(offset * 7 + offset / 256 + 1);
}

/* A file of `len` bytes; its descriptor. */
static int
make_file(size_t len)
{
    struct file file = {0};
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = byte_at(i);
        put_bytes(&file, um_span_of(&byte, 1));
    }
    char path[32];
    int fd = put_in_file(um_buf_span(&file.bytes), path);
    file_done(&file);
    return fd;
}

static void
assert_sees(const struct um_window *window, uint64_t offset, size_t len)
{
    assert_true(window->offset <= offset);
    assert_true(window->offset + window->len >= offset + len);
    for (uint64_t at = offset; at < offset + len; at++)
        assert_int_equal(window->data[at - window->offset], byte_at(at));
}

static void
window_shows_the_bytes_of_the_file_wherever_it_moves(void **state)
{
    (void)state;
    size_t len = 3 * page_bytes() + 100;
    int fd = make_file(len);
    struct um_window window = {0};
    assert_true(um_window_open(&window, fd, 1));
    assert_sees(&window, 0, 1);
    for (size_t offset = 0; offset < len; offset += 1000) {
        size_t wanted = len - offset < 5000 ? len - offset : 5000;
        assert_int_equal(um_window_move(&window, offset, wanted), UM_OK);
        assert_sees(&window, offset, wanted);
    }
    um_window_close(&window);
    (void)close(fd);
}

static void
window_ends_where_the_file_does(void **state)
{
    (void)state;
    size_t len = page_bytes() + 10;
    int fd = make_file(len);
    struct um_window window = {0};
    assert_true(um_window_open(&window, fd, 10 * page_bytes()));
    assert_int_equal(window.len, len);
    assert_int_equal(um_window_move(&window, len - 1, 100), UM_OK);
    assert_int_equal(window.offset + window.len, len);
    assert_int_equal(um_window_move(&window, len, 1), UM_OK);
    assert_int_equal(window.len, 0);
    um_window_close(&window);
    (void)close(fd);
}

static void
window_sees_what_a_file_has_grown_by(void **state)
{
    (void)state;
    int fd = make_file(10);
    struct um_window window = {0};
    assert_true(um_window_open(&window, fd, 1));
    assert_int_equal(um_window_move(&window, 10, 1), UM_OK);
    assert_int_equal(window.len, 0);
    uint8_t next = byte_at(10);
    assert_int_equal(pwrite(fd, &next, 1, 10), 1);
    assert_int_equal(um_window_move(&window, 10, 1), UM_OK);
    assert_sees(&window, 10, 1);
    um_window_close(&window);
    (void)close(fd);
}

/* A descriptor of a file of zeros that takes no room on the disk. */
static int
make_empty_file(off_t len)
{
    int fd = make_file(1);
    assert_int_equal(ftruncate(fd, len), 0);
    return fd;
}

/* Of a set of files the one that is read has most of the memory, whichever it is. */
static void
windows_share_what_is_seen_at_once(void **state)
{
    (void)state;
    enum { COUNT = 16, KB = 1024, MB = 1024 * KB };
    struct um_window windows[COUNT] = {0};
    int fd = make_empty_file(64 * MB);
    for (int i = 0; i < COUNT; i++) {
        assert_true(um_window_open(&windows[i], fd, 3 * MB));
        assert_int_equal(windows[i].len, 256 * KB);
    }
    for (uint64_t turn = 0; turn < 40; turn++) {
        struct um_window *moved = &windows[turn / 2 % COUNT];
        assert_int_equal(um_window_move(moved, turn * MB, 1), UM_OK);
        assert_in_range(moved->len, 256 * KB, 3 * MB);
        size_t together = 0;
        for (int i = 0; i < COUNT; i++)
            together += windows[i].len;
        assert_in_range(together, 4 * MB, 5 * MB + 256 * KB);
    }
    for (int i = 1; i < COUNT; i++)
        um_window_close(&windows[i]);
    assert_int_equal(um_window_move(&windows[0], 0, 1), UM_OK);
    assert_int_equal(windows[0].len, 3 * MB);
    um_window_close(&windows[0]);
    (void)close(fd);
}

/* A record may be larger than what is seen as a rule. */
static void
window_sees_more_when_more_is_wanted(void **state)
{
    (void)state;
    size_t page = page_bytes();
    int fd = make_file(20 * page);
    struct um_window window = {0};
    assert_true(um_window_open(&window, fd, page));
    assert_int_equal(window.len, page);
    assert_int_equal(um_window_move(&window, page + 10, 15 * page), UM_OK);
    assert_sees(&window, page + 10, 15 * page);
    um_window_close(&window);
    (void)close(fd);
}

static void
window_does_not_open_on_what_has_no_size(void **state)
{
    (void)state;
    int ends[2], empty = make_file(0);
    struct um_window window = {0};
    assert_int_equal(pipe(ends), 0);
    assert_false(um_window_open(&window, ends[0], 1));
    assert_false(um_window_open(&window, empty, 1));
    um_window_close(&window);
    (void)close(ends[0]);
    (void)close(ends[1]);
    (void)close(empty);
}

static void
window_of_a_file_that_became_shorter_shows_zeros_and_says_so(void **state)
{
    (void)state;
    size_t page = page_bytes();
    int fd = make_file(3 * page), other_fd = make_file(3 * page);
    struct um_window window = {0}, other = {0};
    assert_true(um_window_open(&window, fd, 3 * page));
    assert_true(um_window_open(&other, other_fd, 3 * page));
    assert_int_equal(ftruncate(fd, (off_t)page), 0);
    assert_sees(&window, 0, page);
    assert_false(window.is_broken);
    assert_int_equal(window.data[2 * page], 0);
    assert_true(window.is_broken);
    assert_sees(&window, 0, page);
    assert_sees(&other, 0, 3 * page);
    assert_false(other.is_broken);
    um_window_close(&window);
    um_window_close(&other);
    (void)close(fd);
    (void)close(other_fd);
}

/* The file of a ring buffer may be begun anew while it is read. */
static void
capture_that_became_shorter_keeps_its_packets_and_tells_of_the_rest(void **state)
{
    (void)state;
    enum { PACKETS = 1000 };
    static const char text[] = "a packet of some thirty-two bytes";
    struct file file = {0};
    put_pcap_header(&file, 0xa1b2c3d4, 1);
    for (uint32_t i = 0; i < PACKETS; i++)
        put_pcap_packet(&file, 1 + i, 0, text);
    assert_true(file.bytes.len > 4 * page_bytes());
    char path[32];
    int fd = put_in_file(um_buf_span(&file.bytes), path);
    const char *const paths[] = {path};
    struct um_capture *capture;
    const struct um_packet *packet;
    assert_int_equal(um_capture_open(paths, 1, &capture), UM_OK);
    assert_int_equal(um_capture_next(capture, &packet), 1);
    assert_int_equal(ftruncate(fd, (off_t)(2 * page_bytes())), 0);
    uint64_t whole = (2 * page_bytes() - 24) / (16 + strlen(text)), last = 1;
    while (um_capture_next(capture, &packet) > 0) {
        last = packet->mark.frame;
        if (last <= whole)
            assert_span_equal(packet->bytes, um_span_text(text));
    }
    assert_in_range(last, whole, whole + 1); /* one may have been begun when its end was lost */
    assert_int_equal(um_capture_problem_count(capture), 1);
    const struct um_capture_problem *problem = um_capture_problem(capture, 0);
    assert_string_equal(problem->text, "became shorter, or its disk failed, while it was read");
    assert_int_equal(problem->last_frame, last);
    um_capture_free(capture);
    (void)close(fd);
    file_done(&file);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(window_shows_the_bytes_of_the_file_wherever_it_moves),
        cmocka_unit_test(window_ends_where_the_file_does),
        cmocka_unit_test(window_sees_what_a_file_has_grown_by),
        cmocka_unit_test(windows_share_what_is_seen_at_once),
        cmocka_unit_test(window_sees_more_when_more_is_wanted),
        cmocka_unit_test(window_does_not_open_on_what_has_no_size),
        cmocka_unit_test(window_of_a_file_that_became_shorter_shows_zeros_and_says_so),
        cmocka_unit_test(capture_that_became_shorter_keeps_its_packets_and_tells_of_the_rest),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
