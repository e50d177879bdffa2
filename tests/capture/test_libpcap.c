/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A second opinion: of every capture in the folders of UMTRACE_TEST_CAPTURES (separated by ':')
 * our packets are libpcap's, as far as libpcap can read the file. A folder that is not there is
 * told and passed over.
 */
#include <dirent.h>
#include <pcap/pcap.h>
#include <stdio.h>
#include <unistd.h>

#include "tests/capture/files.h"

static size_t files, packets_compared, refused;

/* libpcap's numbers for the link types of the files, where they differ from those of the files. */
static uint32_t
link_type_of(pcap_t *pcap)
{
    int dlt = pcap_datalink(pcap);
    return dlt == DLT_RAW ? 101 : (uint32_t)dlt;
}

static void
assert_same_packet(const struct um_packet *ours, pcap_t *pcap, const struct pcap_pkthdr *header,
                   const u_char *bytes)
{
    int64_t time_ns = (int64_t)header->ts.tv_sec * 1000000000 + header->ts.tv_usec;
    assert_span_equal(ours->bytes, um_span_of(bytes, header->caplen));
    assert_int_equal(ours->wire_len, header->len);
    assert_int_equal(ours->link_type, link_type_of(pcap));
    if (time_ns != 0) /* a simple packet of a pcapng */
        assert_int_equal(ours->mark.time_ns, time_ns);
}

/* Every packet libpcap gives; when it ends without an error so do we, with nothing left. */
static void
compare(struct um_capture *capture, pcap_t *pcap)
{
    struct pcap_pkthdr *header;
    const u_char *bytes;
    const struct um_packet *ours;
    int theirs;
    while ((theirs = pcap_next_ex(pcap, &header, &bytes)) == 1) {
        assert_int_equal(um_capture_next(capture, &ours), 1);
        assert_same_packet(ours, pcap, header, bytes);
        packets_compared++;
    }
    if (theirs == PCAP_ERROR_BREAK) {
        assert_int_equal(um_capture_next(capture, &ours), 0);
        assert_int_equal(um_capture_problem_count(capture), 0);
    }
}

static void
compare_file(const char *path)
{
    char why[PCAP_ERRBUF_SIZE];
    pcap_t *pcap = pcap_open_offline_with_tstamp_precision(path, PCAP_TSTAMP_PRECISION_NANO, why);
    if (!pcap) {
        (void)printf("libpcap refuses %s: %s\n", path, why);
        refused++;
        return;
    }
    struct um_capture *capture;
    assert_int_equal(um_capture_open(&path, 1, &capture), UM_OK);
    compare(capture, pcap);
    um_capture_free(capture);
    pcap_close(pcap);
    files++;
}

static bool
is_capture(const char *name)
{
    const char *suffix = strrchr(name, '.');
    return suffix && (strcmp(suffix, ".pcap") == 0 || strcmp(suffix, ".pcapng") == 0);
}

static void
compare_folder(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) {
        (void)printf("no folder %s: not compared\n", folder);
        return;
    }
    for (struct dirent *entry; (entry = readdir(dir));) {
        char path[4096];
        if (!is_capture(entry->d_name))
            continue;
        assert_in_range(snprintf(path, sizeof path, "%s/%s", folder, entry->d_name), 1,
                        sizeof path - 1);
        compare_file(path);
    }
    (void)closedir(dir);
}

static void
packets_are_those_of_libpcap(void **state)
{
    (void)state;
    const char *folders = getenv("UMTRACE_TEST_CAPTURES");
    struct um_span left = um_span_text(folders);
    while (left.len > 0) {
        struct um_span folder = um_span_split(&left, ':');
        char path[4096];
        assert_in_range(folder.len, 1, sizeof path - 1);
        memcpy(path, folder.data, folder.len);
        path[folder.len] = '\0';
        compare_folder(path);
    }
    (void)printf("%zu packets of %zu files are libpcap's; it refused %zu files\n", packets_compared,
                 files, refused);
}

/* So that the comparison takes place even where there is no folder. */
static void
packets_of_our_own_files_are_those_of_libpcap(void **state)
{
    (void)state;
    for (int i = 0; i < 4; i++) {
        struct file file = {.is_big_endian = i % 2};
        (i / 2 ? put_small_pcapng : put_small_pcap)(&file);
        char path[32];
        int fd = put_in_file(um_buf_span(&file.bytes), path);
        size_t before = packets_compared;
        compare_file(path);
        assert_int_equal(packets_compared - before, 2);
        (void)close(fd);
        file_done(&file);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(packets_of_our_own_files_are_those_of_libpcap),
        cmocka_unit_test(packets_are_those_of_libpcap),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
