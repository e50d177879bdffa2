/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What is left to read of a segment's bytes, and a list of such that must wait. Pure. */
#ifndef UM_PLUGIN_REST_H
#define UM_PLUGIN_REST_H

#include "core/base/buf.h"
#include "core/base/err.h"
#include "core/base/mark.h"

struct umws_rest {
    uint32_t seq; /* of the first byte */
    struct um_span bytes;
    uint32_t cut; /* bytes behind them that were not captured */
    struct um_mark mark;
    bool is_held; /* the bytes do not live as long as the packet */
};

bool umws_rest_is_empty(const struct umws_rest *rest);

void umws_rest_skip(struct umws_rest *rest, uint64_t n);

/* Skips what is older than `seq`; tells how far behind it the rest begins. */
uint32_t umws_rest_skip_to(struct umws_rest *rest, uint32_t seq);

/* Copies of what came before the bytes in front of it, in order of their places. */
struct umws_waiting {
    struct umws_held {
        struct um_buf bytes;
        struct umws_rest rest; /* views into `bytes` */
        struct umws_held *next;
    } * first;
    size_t cost; /* bytes of memory */
};

/* Adds a copy; what is there already is left out. 0 or UM_ERR_NOMEM. */
int umws_rest_hold(const struct umws_rest *rest, struct umws_waiting *waiting);

/* Frees the first. */
void umws_rest_drop_first(struct umws_waiting *waiting);

#endif
