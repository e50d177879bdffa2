/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a capture file. The first byte is no part of it: it chooses the size of the reader's
 * block, so that small files too cross blocks; the same file is seen through a window of one page.
 * Whatever the size, the packets must be the same.
 */
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "offline/capture/input.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
look_at_secrets(void *ctx, uint32_t type, struct um_span secrets)
{
    uint64_t *sum = ctx;
    *sum += type;
    for (size_t i = 0; i < secrets.len; i++)
        *sum = *sum * 31 + secrets.data[i];
    return UM_OK;
}

/* A sum over everything that is told of the packets. */
static uint64_t
look_at_packets(const char *path, struct um_reader_sizes sizes, struct um_trouble *trouble)
{
    uint64_t sum = 0;
    struct um_input_options options = {
        .sizes = sizes, .secrets = look_at_secrets, .secrets_ctx = &sum};
    struct um_input input = {0};
    struct um_packet packet;
    int got = um_input_open(&input, path, &options);
    while (got > 0 && (got = um_input_next(&input, &packet)) > 0) {
        assert(packet.wire_len >= packet.bytes.len);
        sum = sum * 31 + (uint64_t)packet.mark.time_ns;
        sum = sum * 31 + packet.wire_len + packet.link_type;
        for (size_t i = 0; i < packet.bytes.len; i++)
            sum = sum * 31 + packet.bytes.data[i];
    }
    um_input_close(&input);
    *trouble = input.trouble;
    return sum;
}

/* How much of a damaged frame zstd gives before it says so depends on the room it has. */
static bool
is_decoded(const struct um_trouble *trouble)
{
    return !strstr(trouble->text, " data is damaged");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    int fd = memfd_create("capture", MFD_CLOEXEC);
    if (fd < 0 || write(fd, data + 1, size - 1) != (ssize_t)(size - 1))
        abort();
    char path[32];
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    struct um_trouble usual_trouble;
    uint64_t usual =
        look_at_packets(path, (struct um_reader_sizes){.block = UM_READER_BLOCK}, &usual_trouble);
    const struct um_reader_sizes others[] = {{.block = 1U + data[0]}, {.block = 1, .window = 1}};
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        struct um_trouble trouble;
        uint64_t sum = look_at_packets(path, others[i], &trouble);
        if (is_decoded(&trouble) && is_decoded(&usual_trouble)) {
            assert(sum == usual);
            assert(strcmp(trouble.text, usual_trouble.text) == 0);
        }
    }
    (void)close(fd);
    return 0;
}
