/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Packets of an interface, as they come, by libpcap: at most some 20 ms after the kernel had them.
 * Needs rights only while it is opened.
 */
#ifndef UM_CAPTURE_LIVE_H
#define UM_CAPTURE_LIVE_H

#include <signal.h>

#include "core/base/err.h"
#include "offline/capture/packet.h"
#include "offline/capture/trouble.h"

struct um_live;

/* Packets that were not given, by whom they were lost. */
struct um_live_drops {
    uint64_t kernel;    /* no room in the buffer */
    uint64_t interface; /* by the network card or its driver */
};

/*
 * Opens an interface, or "any" for all of them. With `filter` (NULL: none) the kernel passes on
 * only what it lets through, where it can; it must be asked again of what comes. 0, UM_ERR_NOMEM,
 * or UM_ERR_IO and the trouble is said.
 */
int um_live_open(const char *interface, const char *filter, struct um_trouble *trouble,
                 struct um_live **out);
void um_live_free(struct um_live *live);

/*
 * Waits for the next packet: 1 and `out` set but for the frame, valid until the next call; 0 when
 * `*stop` has become non-zero; UM_ERR_IO and the trouble is said (the interface went down).
 */
int um_live_next(struct um_live *live, const volatile sig_atomic_t *stop,
                 struct um_trouble *trouble, struct um_packet *out);

struct um_live_drops um_live_drops(const struct um_live *live);

#endif
