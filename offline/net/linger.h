/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Connections that were reset, until they have been silent for a while: a reset may be another's
 * that nobody heeds, and its other side may not have heard of it (decision 9).
 */
#ifndef UM_NET_LINGER_H
#define UM_NET_LINGER_H

#include "offline/net/table.h"

struct um_linger {
    struct um_list flows; /* as they came */
    int64_t due_ns;       /* none is to go before; of the capture's clock */
};

void um_linger_init(struct um_linger *linger);

/* `flow` was reset at `now_ns`; perhaps once more. */
void um_linger_add(struct um_linger *linger, struct um_flow *flow, int64_t now_ns);

static inline bool
um_linger_is_due(const struct um_linger *linger, int64_t now_ns)
{
    return now_ns >= linger->due_ns;
}

/* One that has been silent for long enough, to be closed by the caller; NULL: there is none. */
struct um_flow *um_linger_next_silent(struct um_linger *linger, int64_t now_ns);

#endif
