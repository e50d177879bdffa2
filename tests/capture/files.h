/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Makes capture files by hand, and tells in words what um_capture reads of them. */
#ifndef UM_TEST_CAPTURE_FILES_H
#define UM_TEST_CAPTURE_FILES_H

#include "core/base/buf.h"
#include "offline/capture/capture.h"
#include "tests/support/support.h"

/* A file being written, in either byte order. Never fails: aborts when out of memory. */
struct file {
    struct um_buf bytes;
    bool is_big_endian;
};

void file_done(struct file *file);
void put_bytes(struct file *file, struct um_span bytes);
void put_zeros(struct file *file, size_t count);
void put_u16(struct file *file, uint16_t value);
void put_u32(struct file *file, uint32_t value);
void put_u64(struct file *file, uint64_t value);

/* pcap */
void put_pcap_header(struct file *file, uint32_t magic, uint32_t link_type);
void put_pcap_packet(struct file *file, uint32_t seconds, uint32_t fraction, const char *text);

/* pcapng; a block's body is padded to 4 bytes */
void put_block(struct file *file, uint32_t type, struct um_span body);
void put_section(struct file *file);
void put_interface(struct file *file, uint16_t link_type, uint32_t snap_len,
                   struct um_span options);
void put_enhanced(struct file *file, uint32_t interface, uint64_t units, const char *text);

/* Two files of two packets each, in the byte order the file has. */
void put_small_pcap(struct file *file);
void put_small_pcapng(struct file *file);
/* What um_capture makes of either. */
#define SMALL_TOLD                                                                                 \
    "#1 1.000002000 link 1 wire 5: first\n"                                                        \
    "#2 3.000004000 link 1 wire 6: second\n"

/* A file descriptor with these bytes, to be closed, and the path under which it can be opened. */
int put_in_file(struct um_span bytes, char path[32]);

/*
 * Reads the paths, in a text that the caller frees: a line "#frame seconds link type wire length:
 * bytes" a packet, and a line "! text (cut) after #frame" a problem.
 */
char *tell_paths(const char *const *paths, size_t count);
char *tell_capture(struct um_capture *capture);
char *tell_bytes(struct um_span bytes);
char *tell_file(const struct file *file);

/* Fails unless um_capture tells `expected` of the bytes. */
void assert_told(const struct file *file, const char *expected);

/*
 * Cuts the file at every byte: the packets before the cut are told, and a problem that is a cut,
 * unless the cut is one of the `clean` places (a list that ends in 0), where nothing is said.
 */
void assert_cuts_keep_what_is_before(struct um_span bytes, const size_t *clean);

/* Every allocation fails in turn: out of memory is what is told, and nothing is left behind. */
void assert_survives_failing_allocations(struct um_span bytes);

#endif
