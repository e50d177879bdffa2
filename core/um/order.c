/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A search over runs of one state. The observations are sorted by q; what has been placed is then
 * "all before `base`, and of the 64 from there on those in `mask`":
 *
 *     0 1 2 3 | 4 5 6 7 8 ...          placed: 0-3, 5 and 6
 *             ^ base = 4, mask = 0b110
 *
 * One that hangs while more than 64 others come and go is left behind: `base` goes on without it.
 *
 * An observation may be placed when no unplaced one is surely before it. Placing everything of the
 * current state that may be placed never costs a change, so a step chooses only the next state;
 * steps are made breadth first, one level a change, and the first level that places everything has
 * the fewest changes.
 */
#include "core/um/order.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "core/base/room.h"

enum { WINDOW = 64, LEFT_MAX = 4, LEVEL_MAX = 256 };

static const uint32_t NONE = UINT32_MAX;

/* A half-made order: what is placed, and the step that came before. */
struct node {
    uint64_t mask;
    uint32_t base;
    uint32_t left[LEFT_MAX]; /* before `base` and not placed, in order; then NONE */
    uint32_t parent;         /* index of the node before; NONE: the start */
    uint32_t state;          /* of the run placed last */
    uint32_t revivals;       /* runs that followed a Disconnected one */
};

static const struct node start_node = {.left = {NONE, NONE, NONE, NONE}, .parent = NONE};

static_assert(LEFT_MAX == 4, "start_node has as many");

struct search {
    const struct um_observation *sorted; /* by q */
    uint32_t *states;                    /* of each: equal numbers, equal states */
    size_t count;
    struct node *nodes; /* all levels, one after the other */
    size_t node_count;
    size_t node_cap;
};

bool
um_order_surely_before(const struct um_observation *a, const struct um_observation *b)
{
    return a->r_ns < b->q_ns;
}

static int
compare_ns(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

static int
by_request(const void *left, const void *right)
{
    const struct um_observation *a = left, *b = right;
    int order = compare_ns(a->q_ns, b->q_ns);
    if (order == 0)
        order = compare_ns(a->r_ns, b->r_ns);
    if (order == 0)
        order = (a->exchange > b->exchange) - (a->exchange < b->exchange);
    return order;
}

static int
by_reply(const void *left, const void *right)
{
    const struct um_observation *a = left, *b = right;
    int order = compare_ns(a->r_ns, b->r_ns);
    return order ? order : by_request(left, right);
}

static size_t
left_count(const struct node *node)
{
    size_t count = 0;
    while (count < LEFT_MAX && node->left[count] != NONE)
        count++;
    return count;
}

static bool
is_finished(const struct search *search, const struct node *node)
{
    return node->base == search->count && node->left[0] == NONE;
}

/* `base` is the first behind it that is not placed. */
static void
go_on(struct node *node)
{
    while (node->mask & 1) {
        node->mask >>= 1;
        node->base++;
    }
}

static void
place(struct node *node, size_t i)
{
    if (i >= node->base) {
        node->mask |= (uint64_t)1 << (i - node->base);
        go_on(node);
        return;
    }
    size_t at = 0;
    while (node->left[at] != i)
        at++;
    for (; at + 1 < LEFT_MAX; at++)
        node->left[at] = node->left[at + 1];
    node->left[LEFT_MAX - 1] = NONE;
}

/* The first of the window hangs, and there is more behind the window: it goes on without it. */
static void
leave_behind(struct node *node)
{
    node->left[left_count(node)] = node->base++;
    node->mask >>= 1;
    go_on(node);
}

/*
 * The observations that are not placed and may be: those of a node whose q is at or before
 * `latest`, the least r of all that are not placed.
 */
struct reach {
    uint32_t indices[LEFT_MAX + WINDOW];
    size_t count;
    int64_t latest_ns;
    bool is_whole; /* none is behind the window */
};

static void
reach_one(const struct search *search, uint32_t i, struct reach *reach)
{
    reach->indices[reach->count++] = i;
    if (search->sorted[i].r_ns < reach->latest_ns)
        reach->latest_ns = search->sorted[i].r_ns;
}

static void
see_reach(const struct search *search, const struct node *node, struct reach *reach)
{
    reach->count = 0;
    reach->latest_ns = INT64_MAX;
    for (size_t i = 0; i < LEFT_MAX && node->left[i] != NONE; i++)
        reach_one(search, node->left[i], reach);
    size_t i = 0;
    while (i < WINDOW && node->base + i < search->count &&
           search->sorted[node->base + i].q_ns <= reach->latest_ns) {
        if (!(node->mask >> i & 1))
            reach_one(search, node->base + (uint32_t)i, reach);
        i++;
    }
    reach->is_whole =
        node->base + i >= search->count || search->sorted[node->base + i].q_ns > reach->latest_ns;
}

/* The same; what hangs longer than the window reaches is left behind first. */
static void
find_reach(const struct search *search, struct node *node, struct reach *reach)
{
    see_reach(search, node, reach);
    while (!reach->is_whole && left_count(node) < LEFT_MAX) {
        leave_behind(node);
        see_reach(search, node, reach);
    }
}

static bool
may_be_placed(const struct search *search, const struct reach *reach, uint32_t i)
{
    return search->sorted[i].q_ns <= reach->latest_ns;
}

/* Places every observation of the node's state that may be; writes them to `run` unless NULL. */
static size_t
place_run(const struct search *search, struct node *node, struct um_observation *run)
{
    size_t placed = 0;
    for (bool again = true; again;) {
        again = false;
        struct reach reach;
        find_reach(search, node, &reach);
        for (size_t n = 0; n < reach.count; n++) {
            uint32_t i = reach.indices[n];
            if (search->states[i] != node->state || !may_be_placed(search, &reach, i))
                continue;
            if (run)
                run[placed] = search->sorted[i];
            placed++;
            place(node, i);
            again = true;
        }
    }
    return placed;
}

/* The states to choose from, the one with the earliest reply first; returns how many. */
static size_t
choices(const struct search *search, struct node *node, size_t first[LEFT_MAX + WINDOW])
{
    size_t count = 0;
    struct reach reach;
    find_reach(search, node, &reach);
    for (size_t n = 0; n < reach.count; n++) {
        uint32_t i = reach.indices[n];
        if (!may_be_placed(search, &reach, i))
            continue;
        size_t at = 0;
        while (at < count && search->states[first[at]] != search->states[i])
            at++;
        if (at == count)
            first[count++] = i;
        else if (search->sorted[i].r_ns < search->sorted[first[at]].r_ns)
            first[at] = i;
    }
    for (size_t i = 1; i < count; i++) {
        for (size_t k = i; k > 0; k--) {
            if (by_reply(&search->sorted[first[k - 1]], &search->sorted[first[k]]) <= 0)
                break;
            size_t swap = first[k];
            first[k] = first[k - 1];
            first[k - 1] = swap;
        }
    }
    return count;
}

static int
keep_node(struct search *search, size_t level, const struct node *node)
{
    for (size_t i = level; i < search->node_count; i++) {
        struct node *known = &search->nodes[i];
        if (known->base != node->base || known->mask != node->mask || known->state != node->state ||
            memcmp(known->left, node->left, sizeof known->left) != 0)
            continue;
        if (node->revivals < known->revivals)
            *known = *node;
        return UM_OK;
    }
    if (search->node_count - level >= LEVEL_MAX)
        return UM_OK;
    if (search->node_count >= NONE - 1)
        return UM_ERR_NOMEM;
    struct node *nodes =
        um_room_for_one(search->nodes, &search->node_cap, search->node_count, sizeof *nodes);
    if (!nodes)
        return UM_ERR_NOMEM;
    search->nodes = nodes;
    search->nodes[search->node_count++] = *node;
    return UM_OK;
}

/* Makes every step from `from` (NONE: the start) into the level that begins at `level`. */
static int
make_steps(struct search *search, size_t level, uint32_t from)
{
    struct node start = start_node;
    bool ended = false;
    if (from != NONE) {
        start = search->nodes[from];
        ended = start.state == UM_STATE_DISCONNECTED;
    }
    size_t first[LEFT_MAX + WINDOW];
    size_t count = choices(search, &start, first);
    for (size_t i = 0; i < count; i++) {
        struct node next = start;
        next.parent = from;
        next.state = search->states[first[i]];
        next.revivals += ended ? 1 : 0;
        (void)place_run(search, &next, NULL);
        int err = keep_node(search, level, &next);
        if (err)
            return err;
    }
    return UM_OK;
}

/* The finished node of a level with the fewest revivals, the first of equals; SIZE_MAX: none. */
static size_t
finished(const struct search *search, size_t level)
{
    size_t best = SIZE_MAX;
    for (size_t i = level; i < search->node_count; i++) {
        if (is_finished(search, &search->nodes[i]) &&
            (best == SIZE_MAX || search->nodes[i].revivals < search->nodes[best].revivals))
            best = i;
    }
    return best;
}

static int
find_best(struct search *search, size_t *best)
{
    int err = make_steps(search, 0, NONE);
    size_t level = 0;
    while (!err && (*best = finished(search, level)) == SIZE_MAX) {
        size_t end = search->node_count;
        for (size_t i = level; i < end && !err; i++)
            err = make_steps(search, end, (uint32_t)i);
        level = end;
    }
    return err;
}

/* Walks back from `last`, so that the steps can be repeated from the start. */
static uint32_t
reverse_path(struct search *search, uint32_t last)
{
    uint32_t after = NONE;
    while (last != NONE) {
        uint32_t before = search->nodes[last].parent;
        search->nodes[last].parent = after;
        after = last;
        last = before;
    }
    return after;
}

static void
write_order(struct search *search, uint32_t last, struct um_observation *out)
{
    struct node node = start_node;
    for (uint32_t at = reverse_path(search, last); at != NONE; at = search->nodes[at].parent) {
        node.state = search->nodes[at].state;
        size_t run = place_run(search, &node, out);
        qsort(out, run, sizeof *out, by_reply);
        out += run;
    }
}

/* Numbers the states: the schema's by themselves, each other text by its first appearance. */
static void
number_states(struct search *search, const struct um_observation *sorted)
{
    for (size_t i = 0; i < search->count; i++) {
        search->states[i] = (uint32_t)sorted[i].state;
        if (sorted[i].state != UM_STATE_UNKNOWN)
            continue;
        size_t k = i >= WINDOW ? i - WINDOW : 0;
        while (k < i && (sorted[k].state != UM_STATE_UNKNOWN ||
                         !um_span_equal(sorted[k].state_text, sorted[i].state_text)))
            k++;
        search->states[i] = k < i ? search->states[k] : (uint32_t)(UM_STATE_UNKNOWN + i);
    }
}

static bool
overlaps_anywhere(const struct um_observation *sorted, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        if (!um_order_surely_before(&sorted[i - 1], &sorted[i]))
            return true;
    }
    return false;
}

int
um_order_observations(struct um_observation *observations, size_t count)
{
    if (count == 0)
        return UM_OK;
    if (count >= NONE)
        return UM_ERR_NOMEM;
    qsort(observations, count, sizeof *observations, by_request);
    if (!overlaps_anywhere(observations, count))
        return UM_OK;

    struct search search = {.count = count};
    int err = UM_ERR_NOMEM;
    struct um_observation *sorted = calloc(count, sizeof *sorted);
    search.states = calloc(count, sizeof *search.states);
    if (sorted && search.states) {
        memcpy(sorted, observations, count * sizeof *sorted);
        search.sorted = sorted;
        number_states(&search, sorted);
        size_t best = SIZE_MAX;
        err = find_best(&search, &best);
        if (!err)
            write_order(&search, (uint32_t)best, observations);
    }
    free(search.nodes);
    free(search.states);
    free(sorted);
    return err;
}
