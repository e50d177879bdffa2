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

int
umws_rest_hold(const struct umws_rest *rest, struct umws_held **list)
{
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
    while (*list)
        list = &(*list)->next;
    *list = held;
    return UM_OK;
}

void
umws_rest_drop_held(struct umws_held **at)
{
    struct umws_held *held = *at;
    *at = held->next;
    um_buf_done(&held->bytes);
    free(held);
}
