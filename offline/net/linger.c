/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/net/linger.h"

#define LINGER_NS (10 * INT64_C(1000000000))

void
um_linger_init(struct um_linger *linger)
{
    um_list_init(&linger->flows);
    linger->due_ns = INT64_MAX;
}

static void
note_due(struct um_linger *linger, const struct um_flow *flow)
{
    int64_t due_ns = um_mark_later_ns(flow->lingers_since_ns, LINGER_NS);
    linger->due_ns = due_ns < linger->due_ns ? due_ns : linger->due_ns;
}

void
um_linger_add(struct um_linger *linger, struct um_flow *flow, int64_t now_ns)
{
    um_list_remove(&flow->lingering);
    um_list_append(&linger->flows, &flow->lingering);
    flow->lingers_since_ns = now_ns;
    note_due(linger, flow);
}

/* Of those that have lingered the silent ones go, the others linger once more. */
struct um_flow *
um_linger_next_silent(struct um_linger *linger, int64_t now_ns)
{
    linger->due_ns = INT64_MAX;
    while (!um_list_is_empty(&linger->flows)) {
        struct um_flow *flow = UM_LIST_ENTRY(linger->flows.next, struct um_flow, lingering);
        int64_t lingers_ns = um_mark_elapsed_ns(flow->lingers_since_ns, now_ns);
        int64_t silent_ns = um_mark_elapsed_ns(flow->pair.order.last.time_ns, now_ns);
        if (lingers_ns >= 0 && lingers_ns < LINGER_NS) {
            note_due(linger, flow);
            return NULL;
        }
        bool was_set_back = lingers_ns < 0; /* the clock */
        if (!um_pair_is_reset(&flow->pair))
            um_list_remove(&flow->lingering);
        else if (was_set_back || silent_ns < LINGER_NS)
            um_linger_add(linger, flow, now_ns);
        else
            return flow;
    }
    return NULL;
}
