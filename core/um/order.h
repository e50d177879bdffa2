/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The order of a call's observations. Where two do not overlap in time their order is sure; where
 * they do, any order that breaks no sure one is possible, and the one with the fewest changes of
 * state is taken (docs/timeline.md).
 */
#ifndef UM_UM_ORDER_H
#define UM_UM_ORDER_H

#include "core/um/timeline.h"

/* True when `a` was certainly sampled before `b`: its reply came before the other's request. */
bool um_order_surely_before(const struct um_observation *a, const struct um_observation *b);

/*
 * Puts `count` observations in order, in place. Among orders with equally few changes the one that
 * leaves Disconnected least often is taken (only a Disconnected sample ends a call), then the one
 * whose runs of one state begin with the earlier reply; within a run, replies are in order. At most
 * 64 observations in a row are weighed against each other, besides four that hang while more than
 * these come and go, and at most 256 half-made orders; beyond that the order still breaks no sure
 * one, but may have more changes than the fewest. 0 or UM_ERR_NOMEM (then they are in order of
 * their requests).
 */
int um_order_observations(struct um_observation *observations, size_t count);

#endif
