/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/rest.h"

#include <stdlib.h>

bool
umws_rest_is_empty(const struct umws_rest *rest)
{
    return rest->bytes.len == 0 && rest->cut == 0;
}

void
umws_rest_skip(struct umws_rest *rest, uint64_t n)
{
    uint64_t of_bytes = n < rest->bytes.len ? n : rest->bytes.len;
    uint64_t of_cut = n - of_bytes < rest->cut ? n - of_bytes : rest->cut;
    rest->bytes = um_span_from(rest->bytes, (size_t)of_bytes);
    rest->cut -= (uint32_t)of_cut;
    rest->seq += (uint32_t)(of_bytes + of_cut);
}

uint32_t
umws_rest_skip_to(struct umws_rest *rest, uint32_t seq)
{
    int32_t ahead = (int32_t)(rest->seq - seq); /* modulo 2^32: the wrap is in it */
    if (ahead >= 0)
        return (uint32_t)ahead;
    umws_rest_skip(rest, (uint64_t) - (int64_t)ahead);
    return 0;
}

static bool
is_there(const struct umws_held *held, const struct umws_rest *rest)
{
    return held->rest.seq == rest->seq && held->rest.bytes.len >= rest->bytes.len;
}

int
umws_rest_hold(const struct umws_rest *rest, struct umws_waiting *waiting)
{
    struct umws_held **at = &waiting->first;
    for (; *at && (int32_t)((*at)->rest.seq - rest->seq) <= 0; at = &(*at)->next) {
        if (is_there(*at, rest))
            return UM_OK;
    }
    struct umws_held *held = calloc(1, sizeof *held);
    if (!held)
        return UM_ERR_NOMEM;
    if (um_buf_append(&held->bytes, rest->bytes) != UM_OK) {
        free(held);
        return UM_ERR_NOMEM;
    }
    held->rest = *rest;
    held->rest.bytes = um_buf_span(&held->bytes);
    held->rest.is_held = true;
    held->next = *at;
    *at = held;
    waiting->cost += sizeof *held + rest->bytes.len;
    return UM_OK;
}

void
umws_rest_drop_first(struct umws_waiting *waiting)
{
    struct umws_held *held = waiting->first;
    waiting->first = held->next;
    waiting->cost -= sizeof *held + held->bytes.len;
    um_buf_done(&held->bytes);
    free(held);
}
