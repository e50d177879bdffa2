/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One packet as the capture file holds it. */
#ifndef UM_CAPTURE_PACKET_H
#define UM_CAPTURE_PACKET_H

#include "core/base/mark.h"
#include "core/base/span.h"

/* A record that claims more is damaged; the largest of real captures are below a sixteenth of it.
 */
enum { UM_PACKET_BYTES_MAX = 16 * 1024 * 1024 };

/* What a file says of the interface of its packets. */
struct um_interface {
    uint64_t number; /* tells the interfaces of one file apart */
    uint32_t link_type;
    uint32_t snap_len;      /* 0: no limit */
    uint8_t resolution;     /* of `units`, as pcapng's if_tsresol has it: 6 is microseconds */
    struct um_span options; /* of pcapng, as they stand there */
    bool is_big_endian;     /* the options are */
};

struct um_packet {
    struct um_span bytes; /* captured bytes; valid until the next packet is read */
    uint32_t wire_len;    /* bytes on the wire; never below bytes.len */
    uint32_t link_type;   /* LINKTYPE_ value of its interface */
    struct um_mark mark;
    size_t file;                          /* its place among the files */
    uint64_t units;                       /* its time as the file has it */
    const struct um_interface *interface; /* valid as `bytes` */
};

#endif
