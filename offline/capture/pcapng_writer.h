/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes a pcapng file, little-endian, of packets as other files held them: each interface with its
 * own options, each time in its interface's own units. Source: draft-ietf-opsawg-pcapng.
 */
#ifndef UM_CAPTURE_PCAPNG_WRITER_H
#define UM_CAPTURE_PCAPNG_WRITER_H

#include <stdio.h>

#include "core/base/buf.h"
#include "core/base/symbols.h"
#include "offline/capture/packet.h"

/* What stream errors there are is told by the stream. */
struct um_pcapng_writer {
    FILE *out;
    struct um_buf block;       /* the one that is put together */
    struct um_symbols written; /* interfaces: "file number"; a symbol's number is its place */
    int err;                   /* 0 or UM_ERR_NOMEM: sticky */
};

/* The section header; `application` is who writes it. */
void um_pcapng_writer_begin(struct um_pcapng_writer *writer, FILE *out, const char *application);

/* TLS secrets, as a key log has them: before the packets that need them. */
void um_pcapng_writer_secrets(struct um_pcapng_writer *writer, struct um_span keylog);

/* A packet, behind its interface when that is its first; `comments` may be any number of texts. */
void um_pcapng_writer_packet(struct um_pcapng_writer *writer, const struct um_packet *packet,
                             const struct um_span *comments, size_t comment_count);

/* Frees everything but the stream. 0 or UM_ERR_NOMEM. */
int um_pcapng_writer_end(struct um_pcapng_writer *writer);

#endif
