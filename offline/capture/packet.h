/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One packet as the capture file holds it. */
#ifndef UM_CAPTURE_PACKET_H
#define UM_CAPTURE_PACKET_H

#include "core/base/mark.h"
#include "core/base/span.h"

/* A record that claims more is damaged; the largest of real captures are below a sixteenth of it.
 */
enum { UM_PACKET_BYTES_MAX = 16 * 1024 * 1024 };

struct um_packet {
    struct um_span bytes; /* captured bytes; valid until the next packet is read */
    uint32_t wire_len;    /* bytes on the wire; never below bytes.len */
    uint32_t link_type;   /* LINKTYPE_ value of its interface */
    struct um_mark mark;
};

#endif
