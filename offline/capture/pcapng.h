/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The pcapng file format: sections, each in its own byte order, of blocks; packets name one of
 * their section's interfaces, which has a link type, a snap length and a time resolution. Blocks
 * that are not asked for are skipped, whatever their size. Source: draft-ietf-opsawg-pcapng.
 */
#ifndef UM_CAPTURE_PCAPNG_H
#define UM_CAPTURE_PCAPNG_H

#include "core/base/arena.h"
#include "offline/capture/capture.h"
#include "offline/capture/packet.h"
#include "offline/capture/reader.h"

struct um_pcapng_interface;

struct um_pcapng {
    bool is_big_endian; /* the current section's byte order */
    struct um_pcapng_interface *interfaces;
    size_t interface_count;
    size_t interface_cap;
    uint64_t interfaces_seen; /* of all sections */
    struct um_arena options;  /* of the interfaces */
    uint64_t last_units;      /* as last_time_ns */
    int64_t last_time_ns;     /* of the packet before; a Simple Packet Block has none of its own */
    um_capture_secrets_fn secrets; /* NULL: nobody asks for them */
    void *secrets_ctx;
};

/* A zeroed struct um_pcapng is ready to read; this frees what it holds. */
void um_pcapng_done(struct um_pcapng *ng);

/* True when a file that begins with these 4 bytes is pcapng. */
bool um_pcapng_begins(struct um_span head);

/*
 * The next packet: 1 and `out` set but for the frame; 0 at the end; UM_ERR_FORMAT and the trouble
 * is said; UM_ERR_NOMEM; what um_reader_need or `secrets` returned. `out` is valid until the next
 * call.
 */
int um_pcapng_next(struct um_pcapng *ng, struct um_reader *reader, struct um_packet *out);

#endif
