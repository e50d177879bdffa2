/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Frames as a classic pcap file: microseconds, Ethernet, little-endian on every machine. */
#ifndef UM_MAKER_PCAP_H
#define UM_MAKER_PCAP_H

#include "samples/maker/tcp.h"

/*
 * Adds the file's bytes: the frames inside the dialogue's window, cut at its snap length, at the
 * times that its clock showed.
 * Source: draft-ietf-opsawg-pcap.
 */
void um_pcap_make(const struct um_dialogue *dialogue, const struct um_frames *frames,
                  struct um_bytes *out);

#endif
