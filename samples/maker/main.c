/* SPDX-License-Identifier: GPL-2.0-or-later */
/* um_sample_maker DIALOGUE OUT.pcap: writes the capture that the dialogue tells of. */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "samples/maker/pcap.h"

static void
write_file(const char *path, const struct um_bytes *bytes)
{
    struct um_place place = {.file = path};
    FILE *file = fopen(path, "wb");
    if (!file)
        um_place_die(&place, "%s", strerror(errno));
    bool good = fwrite(bytes->data, 1, bytes->len, file) == bytes->len;
    good = fclose(file) == 0 && good;
    if (good)
        return;
    remove(path);
    um_place_die(&place, "cannot be written");
}

int
main(int argc, char **argv)
{
    struct um_pool pool = {0};
    struct um_dialogue dialogue;
    struct um_frames frames;
    struct um_bytes file = {.pool = &pool};
    if (argc != 3) {
        fputs("usage: um_sample_maker DIALOGUE OUT.pcap\n", stderr);
        return 2;
    }
    um_dialogue_read(&pool, argv[1], &dialogue);
    um_tcp_run(&pool, &dialogue, &frames);
    um_pcap_make(&dialogue, &frames, &file);
    write_file(argv[2], &file);
    um_pool_done(&pool);
    return 0;
}
