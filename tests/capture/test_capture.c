/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Several files as one: order, numbers, statistics, problems. */
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/capture/files.h"

enum { MANY = 60 };

/* A set of files, each of which is there under a path. */
struct set {
    size_t count;
    char names[MANY][32];
    const char *paths[MANY];
    int fds[MANY];
};

static void
set_add(struct set *set, const struct file *file)
{
    set->fds[set->count] = put_in_file(um_buf_span(&file->bytes), set->names[set->count]);
    set->paths[set->count] = set->names[set->count];
    set->count++;
}

static void
set_done(struct set *set)
{
    for (size_t i = 0; i < set->count; i++)
        (void)close(set->fds[i]);
}

/* A pcap of packets at these seconds, each a letter; the list ends with 0. */
static void
set_add_times(struct set *set, const uint32_t *seconds, const char *letter)
{
    struct file file = {0};
    put_pcap_header(&file, 0xa1b2c3d4, 1);
    for (; *seconds > 0; seconds++)
        put_pcap_packet(&file, *seconds, 0, letter);
    set_add(set, &file);
    file_done(&file);
}

/* Only the letters of the packets, in order. */
static void
assert_letters(const struct set *set, const char *expected)
{
    char *text = tell_paths(set->paths, set->count);
    char letters[1000];
    size_t count = 0;
    for (char *at = text; (at = strstr(at, ": ")) && count < sizeof letters - 1; at += 2)
        letters[count++] = at[2];
    letters[count] = '\0';
    assert_string_equal(letters, expected);
    free(text);
}

static void
capture_merges_files_by_time_and_path(void **state)
{
    (void)state;
    struct set set = {0};
    set_add_times(&set, (const uint32_t[]){2, 4, 4, 9, 0}, "a");
    set_add_times(&set, (const uint32_t[]){1, 4, 5, 0}, "b");
    set_add_times(&set, (const uint32_t[]){0}, "c");
    set_add_times(&set, (const uint32_t[]){4, 8, 10, 0}, "d");
    assert_letters(&set, "baaabdbdad");
    set_done(&set);
}

static void
capture_keeps_the_order_of_each_file(void **state)
{
    (void)state;
    struct set set = {0};
    set_add_times(&set, (const uint32_t[]){5, 1, 6, 0}, "a");
    set_add_times(&set, (const uint32_t[]){4, 7, 2, 0}, "b");
    assert_letters(&set, "baaabb");
    set_done(&set);
}

/* Against a merge that is too simple to be wrong, with more files than are held open. */
static void
capture_merges_many_files_as_a_plain_merge_does(void **state)
{
    (void)state;
    for (uint64_t seed = 1; seed < 20; seed++) {
        uint64_t random = seed;
        uint32_t times[MANY][8] = {0};
        struct set set = {0};
        char letter[2] = "", expected[MANY * 8] = "";
        size_t next[MANY] = {0}, count = 0;
        for (size_t i = 0; i < MANY; i++) {
            size_t packets = um_test_random(&random) % 8;
            for (size_t n = 0; n < packets; n++)
                times[i][n] = (uint32_t)(1 + i / 2 + um_test_random(&random) % 20);
            letter[0] = (char)('A' + i);
            set_add_times(&set, times[i], letter);
        }
        for (;;) {
            size_t best = MANY;
            for (size_t i = 0; i < MANY; i++) {
                uint32_t time = times[i][next[i]];
                if (time > 0 && (best == MANY || time < times[best][next[best]]))
                    best = i;
            }
            if (best == MANY)
                break;
            next[best]++;
            expected[count++] = (char)('A' + best);
        }
        assert_letters(&set, expected);
        set_done(&set);
    }
}

/* Secrets that stand between the packets make windows larger while files are open. */
static void
capture_is_the_same_when_it_is_widened_in_between(void **state)
{
    (void)state;
    struct set set = {0};
    struct um_capture *capture;
    const struct um_packet *packet;
    set_add_times(&set, (const uint32_t[]){1, 4, 6, 0}, "a");
    set_add_times(&set, (const uint32_t[]){2, 3, 5, 0}, "b");
    assert_int_equal(um_capture_open(set.paths, set.count, &capture), UM_OK);
    for (uint64_t frame = 1; frame <= 6; frame++) {
        um_capture_widen(capture);
        assert_int_equal(um_capture_next(capture, &packet), 1);
        assert_int_equal(packet->mark.frame, frame);
        assert_int_equal(packet->mark.time_ns, (int64_t)frame * 1000000000);
    }
    assert_int_equal(um_capture_next(capture, &packet), 0);
    um_capture_free(capture);
    set_done(&set);
}

static size_t
count_open_files(void)
{
    size_t count = 0;
    DIR *dir = opendir("/proc/self/fd");
    assert_non_null(dir);
    while (readdir(dir))
        count++;
    (void)closedir(dir);
    return count;
}

/* A rotated set may have more files than a process may open. */
static void
capture_does_not_hold_many_files_open(void **state)
{
    (void)state;
    struct set set = {0};
    struct um_capture *capture;
    const struct um_packet *packet;
    for (uint32_t i = 0; i < MANY; i++)
        set_add_times(&set, (const uint32_t[]){10 * i + 1, 10 * i + 2, 10 * i + 3, 0}, "x");
    size_t before = count_open_files(), most = 0, packets = 0;
    assert_int_equal(um_capture_open(set.paths, set.count, &capture), UM_OK);
    while (um_capture_next(capture, &packet) > 0) {
        size_t held = count_open_files() - before;
        most = held > most ? held : most;
        packets++;
    }
    assert_int_equal(packets, 3 * MANY);
    assert_in_range(most, 1, 20);
    assert_int_equal(count_open_files(), before);
    um_capture_free(capture);
    set_done(&set);
}

/* A file that is gone when its time comes is a problem of its own. */
static void
capture_tells_of_a_file_that_vanished(void **state)
{
    (void)state;
    struct set set = {0};
    struct um_capture *capture;
    const struct um_packet *packet;
    for (uint32_t i = 0; i < MANY; i++)
        set_add_times(&set, (const uint32_t[]){10 * i + 1, 10 * i + 2, 0}, "x");
    assert_int_equal(um_capture_open(set.paths, set.count, &capture), UM_OK);
    assert_int_equal(um_capture_next(capture, &packet), 1);
    (void)close(set.fds[MANY - 2]);
    char *text = tell_capture(capture);
    assert_non_null(strstr(text, "\n#117 591.000000000 "));
    assert_null(strstr(text, " 581.000000000 "));
    assert_non_null(strstr(text, "\n! No such file or directory after #0\n"));
    free(text);
    um_capture_free(capture);
    set.fds[MANY - 2] = open("/dev/null", O_RDONLY | O_CLOEXEC);
    set_done(&set);
}

static void
capture_counts_what_it_was(void **state)
{
    (void)state;
    struct set set = {0};
    struct file file = {0};
    struct um_capture *capture;
    const struct um_packet *packet;
    put_pcap_header(&file, 0xa1b2c3d4, 1);
    put_pcap_packet(&file, 5, 0, "abc");
    put_pcap_packet(&file, 3, 0, "ab"); /* backwards, and cut */
    file.bytes.data[file.bytes.len - 6] = 90;
    put_pcap_packet(&file, 3, 0, "a");
    put_pcap_packet(&file, 9, 0, "abcd");
    put_pcap_packet(&file, 8, 0, "abcd"); /* backwards */
    set_add(&set, &file);
    set_add_times(&set, (const uint32_t[]){4, 0}, "x"); /* before the other's 5 */
    assert_int_equal(um_capture_open(set.paths, set.count, &capture), UM_OK);
    while (um_capture_next(capture, &packet) > 0)
        ;
    const struct um_capture_stats *stats = um_capture_stats(capture);
    assert_int_equal(stats->packets, 6);
    assert_int_equal(stats->bytes, 15);
    assert_int_equal(stats->wire_bytes, 15 + 88);
    assert_int_equal(stats->cut_packets, 1);
    assert_int_equal(stats->first_cut_frame, 3);
    assert_int_equal(stats->backwards, 2);
    assert_int_equal(stats->first_backwards_frame, 3);
    assert_int_equal(stats->first_time_ns, 3000000000);
    assert_int_equal(stats->last_time_ns, 9000000000);
    um_capture_free(capture);
    set_done(&set);
    file_done(&file);
}

static void
capture_of_nothing_is_at_its_end(void **state)
{
    (void)state;
    char *text = tell_paths(NULL, 0);
    assert_string_equal(text, "");
    free(text);
}

static void
capture_stays_at_its_end(void **state)
{
    (void)state;
    struct set set = {0};
    struct um_capture *capture;
    const struct um_packet *packet;
    set_add_times(&set, (const uint32_t[]){4, 0}, "x");
    assert_int_equal(um_capture_open(set.paths, set.count, &capture), UM_OK);
    assert_int_equal(um_capture_next(capture, &packet), 1);
    for (int i = 0; i < 3; i++)
        assert_int_equal(um_capture_next(capture, &packet), 0);
    um_capture_free(capture);
    set_done(&set);
}

static void
capture_stops_between_packets(void **state)
{
    (void)state;
    struct set set = {0};
    struct um_capture *capture;
    const struct um_packet *packet;
    volatile sig_atomic_t stop = 0;
    set_add_times(&set, (const uint32_t[]){4, 5, 6, 0}, "x");
    assert_int_equal(um_capture_open(set.paths, set.count, &capture), UM_OK);
    um_capture_stop_on(capture, &stop);
    assert_int_equal(um_capture_next(capture, &packet), 1);
    stop = 1;
    assert_int_equal(um_capture_next(capture, &packet), 0);
    assert_int_equal(um_capture_stats(capture)->packets, 1);
    assert_int_equal(um_capture_problem_count(capture), 0);
    um_capture_free(capture);
    set_done(&set);
}

/* ---- problems ---- */

static void
capture_tells_why_a_path_cannot_be_read(void **state)
{
    static const char *const paths[] = {"/nonexistent", "/", "/dev/null"};
    (void)state;
    char *text = tell_paths(paths, 3);
    assert_string_equal(text, "! No such file or directory after #0\n"
                              "! Is a directory after #0\n"
                              "! is empty after #0\n");
    free(text);
}

static void
capture_reads_the_others_when_one_cannot_be_read(void **state)
{
    (void)state;
    struct set set = {0};
    struct file file = {0};
    put_small_pcap(&file);
    file.bytes.len -= 3;
    set_add(&set, &file);
    set.paths[set.count++] = "/nonexistent";
    set.fds[1] = -1;
    set_add_times(&set, (const uint32_t[]){9, 0}, "x");
    char *text = tell_paths(set.paths, set.count);
    assert_string_equal(text, "#1 1.000002000 link 1 wire 5: first\n"
                              "#2 9.000000000 link 1 wire 1: x\n"
                              "! No such file or directory after #0\n"
                              "! ends inside the packet at byte 45: cut short (cut) after #1\n");
    free(text);
    set_done(&set);
    file_done(&file);
}

#define READABLE ": editcap -F pcapng IN OUT makes it readable after #0\n"
#define WINDOWS "! is a trace of Windows: etl2pcapng IN OUT makes it readable after #0\n"

static void
capture_tells_what_a_stranger_is(void **state)
{
    static const struct {
        struct um_span bytes;
        const char *told;
    } strangers[] = {
#define BYTES(text) {(const uint8_t *)(text), sizeof(text) - 1}
        {BYTES("GET / HTTP/1.1"), "! is not a capture: begins with 47 45 54 20 after #0\n"},
        {BYTES("\x1b[2J"), "! is not a capture: begins with 1b 5b 32 4a after #0\n"},
        {BYTES("GMBU...."), "! is a Network Monitor capture" READABLE},
        {BYTES("RTSS...."), "! is a Network Monitor capture" READABLE},
        {BYTES("snoop\0\0\0"), "! is a snoop capture" READABLE},
        {BYTES("iptrace 1.0"), "! is an iptrace capture of AIX" READABLE},
        {BYTES("iptrace 2.0"), "! is an iptrace capture of AIX" READABLE},
        {BYTES("TRSNIFF data    \x1a"), "! is a Sniffer capture" READABLE},
        {BYTES("XCP\000002.001"), "! is a Sniffer capture" READABLE},
        {BYTES("TR\0d\0\0\0"), "! is a nettl capture of HP-UX" READABLE},
        {BYTES("\x7fver\0"), "! is an OmniPeek capture" READABLE},
        {BYTES("ObserverPktBufferVersion=15.00"), "! is an Observer capture" READABLE},
        {BYTES("\5VNF\x12"), "! is a Visual Networks capture" READABLE},
        {BYTES("\xaa\xaa\xaa\xaa "), "! is a 5View capture" READABLE},
        {BYTES("\1\x10L\0\1\5Trace Display"), "! is a LANalyzer capture" READABLE},
        {BYTES("BZh91AY&"), "! is compressed with bzip2; decompress it first after #0\n"},
        {BYTES("\3757zXZ"), "! is compressed with xz; decompress it first after #0\n"},
        {BYTES("\x04\x22\x4d\x18"), "! is compressed with lz4; decompress it first after #0\n"},
        {BYTES("PK\x03\x04."), "! is a zip archive; unpack it first after #0\n"},
        {BYTES("\xd4\xc3\xb2"),
         "! ends inside the file header at byte 0: cut short (cut) after #0\n"},
        {BYTES(""), "! is empty after #0\n"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof strangers / sizeof *strangers; i++) {
        char *text = tell_bytes(strangers[i].bytes);
        assert_string_equal(text, strangers[i].told);
        free(text);
    }
}

/* What netsh makes: its buffers begin with their size, and say nothing of themselves. */
static void
capture_tells_a_trace_of_windows(void **state)
{
    (void)state;
    for (uint8_t kind = 1; kind < 3; kind++) {
        uint8_t trace[76] = {0, 0, 1, 0, [72] = 2, 0, kind, 0xc0};
        char *text = tell_bytes(um_span_of(trace, sizeof trace));
        assert_string_equal(text, WINDOWS);
        free(text);
        text = tell_bytes(um_span_of(trace, sizeof trace - 1));
        assert_string_equal(text, "! is not a capture: begins with 00 00 01 00 after #0\n");
        free(text);
    }
}

static void
capture_reads_standard_input_once(void **state)
{
    static const char *const paths[] = {"-", "-"};
    (void)state;
    struct file file = {0};
    char path[32];
    put_small_pcap(&file);
    int fd = put_in_file(um_buf_span(&file.bytes), path);
    int before = dup(STDIN_FILENO);
    assert_int_equal(lseek(fd, 0, SEEK_SET), 0);
    assert_int_equal(dup2(fd, STDIN_FILENO), STDIN_FILENO);
    char *text = tell_paths(paths, 2);
    assert_int_not_equal(fcntl(STDIN_FILENO, F_GETFD), -1); /* not ours to close */
    (void)dup2(before, STDIN_FILENO);
    (void)close(before);
    (void)close(fd);
    assert_string_equal(text, SMALL_TOLD "! is named twice after #0\n");
    free(text);
    file_done(&file);
}

static void
progress_ends_with_all_bytes_of_the_files(void **state)
{
    (void)state;
    struct set set = {0};
    const struct um_packet *packet;
    struct um_capture *capture;
    set_add_times(&set, (const uint32_t[]){1, 3, 0}, "a");
    set_add_times(&set, (const uint32_t[]){2, 4, 0}, "b");
    assert_int_equal(um_capture_open(set.paths, set.count, &capture), UM_OK);
    assert_int_equal(um_capture_progress(capture).done, 0);
    uint64_t before = 0;
    while (um_capture_next(capture, &packet) > 0) {
        assert_true(um_capture_progress(capture).done >= before);
        before = um_capture_progress(capture).done;
    }
    struct um_capture_progress end = um_capture_progress(capture);
    assert_int_equal(end.total, 2 * (24 + 2 * (16 + 1)));
    assert_int_equal(end.done, end.total);
    um_capture_free(capture);
    set_done(&set);
}

static void
progress_has_no_total_where_one_is_no_file(void **state)
{
    (void)state;
    const char *const paths[] = {"/dev/null"};
    const struct um_packet *packet;
    struct um_capture *capture;
    assert_int_equal(um_capture_open(paths, 1, &capture), UM_OK);
    assert_int_equal(um_capture_next(capture, &packet), 0);
    assert_int_equal(um_capture_progress(capture).total, 0);
    um_capture_free(capture);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(capture_merges_files_by_time_and_path),
        cmocka_unit_test(capture_keeps_the_order_of_each_file),
        cmocka_unit_test(capture_merges_many_files_as_a_plain_merge_does),
        cmocka_unit_test(capture_is_the_same_when_it_is_widened_in_between),
        cmocka_unit_test(capture_does_not_hold_many_files_open),
        cmocka_unit_test(capture_tells_of_a_file_that_vanished),
        cmocka_unit_test(capture_counts_what_it_was),
        cmocka_unit_test(capture_of_nothing_is_at_its_end),
        cmocka_unit_test(capture_stays_at_its_end),
        cmocka_unit_test(capture_stops_between_packets),
        cmocka_unit_test(capture_tells_why_a_path_cannot_be_read),
        cmocka_unit_test(capture_reads_the_others_when_one_cannot_be_read),
        cmocka_unit_test(capture_tells_what_a_stranger_is),
        cmocka_unit_test(capture_tells_a_trace_of_windows),
        cmocka_unit_test(capture_reads_standard_input_once),
        cmocka_unit_test(progress_ends_with_all_bytes_of_the_files),
        cmocka_unit_test(progress_has_no_total_where_one_is_no_file),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
