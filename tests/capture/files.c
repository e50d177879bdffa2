/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Files live in memory (memfd) and are opened by way of /proc, so nothing has to be removed. */
#include "tests/capture/files.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/mman.h>
#include <unistd.h>

/* ---- writing ---- */

void
file_done(struct file *file)
{
    um_buf_done(&file->bytes);
}

void
put_bytes(struct file *file, struct um_span bytes)
{
    if (um_buf_append(&file->bytes, bytes))
        abort();
}

void
put_zeros(struct file *file, size_t count)
{
    static const uint8_t zeros[4096];
    for (size_t step; count > 0; count -= step) {
        step = count < sizeof zeros ? count : sizeof zeros;
        put_bytes(file, um_span_of(zeros, step));
    }
}

static void
put_number(struct file *file, uint64_t value, size_t size)
{
    uint8_t bytes[8];
    for (size_t i = 0; i < size; i++)
        bytes[i] = (uint8_t)(value >> 8 * (file->is_big_endian ? size - 1 - i : i));
    put_bytes(file, um_span_of(bytes, size));
}

void
put_u16(struct file *file, uint16_t value)
{
    put_number(file, value, 2);
}

void
put_u32(struct file *file, uint32_t value)
{
    put_number(file, value, 4);
}

void
put_u64(struct file *file, uint64_t value)
{
    put_number(file, value, 8);
}

void
put_pcap_header(struct file *file, uint32_t magic, uint32_t link_type)
{
    put_u32(file, magic);
    put_u16(file, 2);
    put_u16(file, 4);
    put_u64(file, 0);
    put_u32(file, 65535);
    put_u32(file, link_type);
}

void
put_pcap_packet(struct file *file, uint32_t seconds, uint32_t fraction, const char *text)
{
    put_u32(file, seconds);
    put_u32(file, fraction);
    put_u32(file, (uint32_t)strlen(text));
    put_u32(file, (uint32_t)strlen(text));
    put_bytes(file, S(text));
}

void
put_block(struct file *file, uint32_t type, struct um_span body)
{
    size_t padding = (4 - body.len % 4) % 4;
    uint32_t len = (uint32_t)(12 + body.len + padding);
    put_u32(file, type);
    put_u32(file, len);
    put_bytes(file, body);
    put_zeros(file, padding);
    put_u32(file, len);
}

void
put_section(struct file *file)
{
    struct file body = {.is_big_endian = file->is_big_endian};
    put_u32(&body, 0x1a2b3c4d);
    put_u16(&body, 1);
    put_u16(&body, 0);
    put_u64(&body, UINT64_MAX); /* length of the section: not told */
    put_block(file, 0x0a0d0d0a, um_buf_span(&body.bytes));
    file_done(&body);
}

void
put_interface(struct file *file, uint16_t link_type, uint32_t snap_len, struct um_span options)
{
    struct file body = {.is_big_endian = file->is_big_endian};
    put_u16(&body, link_type);
    put_u16(&body, 0);
    put_u32(&body, snap_len);
    put_bytes(&body, options);
    put_block(file, 1, um_buf_span(&body.bytes));
    file_done(&body);
}

void
put_enhanced(struct file *file, uint32_t interface, uint64_t units, const char *text)
{
    struct file body = {.is_big_endian = file->is_big_endian};
    put_u32(&body, interface);
    put_u32(&body, (uint32_t)(units >> 32));
    put_u32(&body, (uint32_t)units);
    put_u32(&body, (uint32_t)strlen(text));
    put_u32(&body, (uint32_t)strlen(text));
    put_bytes(&body, S(text));
    put_block(file, 6, um_buf_span(&body.bytes));
    file_done(&body);
}

void
put_small_pcap(struct file *file)
{
    put_pcap_header(file, 0xa1b2c3d4, 1);
    put_pcap_packet(file, 1, 2, "first");
    put_pcap_packet(file, 3, 4, "second");
}

void
put_small_pcapng(struct file *file)
{
    put_section(file);
    put_interface(file, 1, 0, S(""));
    put_enhanced(file, 0, 1000002, "first");
    put_enhanced(file, 0, 3000004, "second");
}

int
put_in_file(struct um_span bytes, char path[32])
{
    int fd = memfd_create("capture", 0);
    if (fd < 0 || (bytes.len > 0 && write(fd, bytes.data, bytes.len) != (ssize_t)bytes.len))
        abort();
    (void)snprintf(path, 32, "/proc/self/fd/%d", fd);
    return fd;
}

/* ---- telling ---- */

static void
tell_packet(FILE *out, const struct um_packet *packet)
{
    int64_t time_ns = packet->mark.time_ns;
    (void)fprintf(out, "#%" PRIu64 " %s%lld.%09lld", packet->mark.frame, time_ns < 0 ? "-" : "",
                  llabs(time_ns / 1000000000), llabs(time_ns % 1000000000));
    (void)fprintf(out, " link %" PRIu32 " wire %" PRIu32 ": %.*s\n", packet->link_type,
                  packet->wire_len, (int)packet->bytes.len, (const char *)packet->bytes.data);
}

static void
tell_problem(FILE *out, const struct um_capture_problem *problem)
{
    (void)fprintf(out, "! %s%s after #%" PRIu64 "\n", problem->text,
                  problem->truncated ? " (cut)" : "", problem->last_frame);
}

char *
tell_capture(struct um_capture *capture)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    assert_non_null(out);
    const struct um_packet *packet;
    int got;
    while ((got = um_capture_next(capture, &packet)) > 0)
        tell_packet(out, packet);
    if (got < 0)
        (void)fprintf(out, "! %s\n", um_err_text(got));
    for (size_t i = 0; i < um_capture_problem_count(capture); i++)
        tell_problem(out, um_capture_problem(capture, i));
    assert_int_equal(fclose(out), 0);
    return text;
}

char *
tell_paths(const char *const *paths, size_t count)
{
    struct um_capture *capture;
    assert_int_equal(um_capture_open(paths, count, &capture), UM_OK);
    char *text = tell_capture(capture);
    um_capture_free(capture);
    return text;
}

char *
tell_bytes(struct um_span bytes)
{
    char path[32];
    const char *paths[] = {path};
    int fd = put_in_file(bytes, path);
    char *text = tell_paths(paths, 1);
    (void)close(fd);
    return text;
}

char *
tell_file(const struct file *file)
{
    return tell_bytes(um_buf_span(&file->bytes));
}

void
assert_told(const struct file *file, const char *expected)
{
    char *text = tell_file(file);
    assert_string_equal(text, expected);
    free(text);
}

/* ---- what holds for every file ---- */

static bool
is_clean(size_t cut, const size_t *clean)
{
    for (; *clean > 0; clean++) {
        if (*clean == cut)
            return true;
    }
    return false;
}

void
assert_cuts_keep_what_is_before(struct um_span bytes, const size_t *clean)
{
    char *whole = tell_bytes(bytes);
    size_t kept = 0;
    for (size_t cut = 1; cut < bytes.len; cut++) {
        char *text = tell_bytes(um_span_first(bytes, cut));
        char *problem = strchr(text, '!');
        assert_true(is_clean(cut, clean) == (problem == NULL));
        if (problem) {
            assert_non_null(strstr(problem, " (cut) "));
            *problem = '\0';
        }
        assert_true(strncmp(whole, text, strlen(text)) == 0);
        assert_true(strlen(text) >= kept);
        kept = strlen(text);
        free(text);
    }
    assert_true(kept > 0); /* the cuts behind the first packet keep it */
    free(whole);
}

/* Reads `path`; true when an allocation failed. */
static bool
read_with_failure(const char *path, size_t n)
{
    struct um_capture *capture = NULL;
    const struct um_packet *packet;
    um_test_alloc_fail_at(n);
    int got = um_capture_open(&path, 1, &capture);
    if (got == UM_OK) {
        while ((got = um_capture_next(capture, &packet)) > 0)
            ;
    }
    bool failed = um_test_alloc_reset();
    assert_int_equal(got, failed ? UM_ERR_NOMEM : 0);
    um_capture_free(capture);
    return failed;
}

void
assert_survives_failing_allocations(struct um_span bytes)
{
    char path[32];
    int fd = put_in_file(bytes, path);
    size_t n = 0;
    while (read_with_failure(path, n))
        n++;
    assert_true(n > 2);
    (void)close(fd);
}
