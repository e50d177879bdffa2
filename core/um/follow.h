/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A store of calls that is told from while it grows, and that may grow for days: what each exchange
 * changes, and calls that are over leaving it again.
 */
#ifndef UM_UM_FOLLOW_H
#define UM_UM_FOLLOW_H

#include "core/um/call.h"

/*
 * From here on a call's number is that of its first appearance in the store, so that it is the same
 * in news, when the call is released and after um_calls_finish. For a store that is still empty.
 */
void um_follow_begin(struct um_calls *calls);

/* What an exchange told of its call. */
struct um_news {
    uint32_t number;
    const struct um_exchange_record *record;
    bool is_refusal;         /* it was to place the call, and was refused: nothing changed */
    struct um_change change; /* else */
};

/*
 * What the exchange with this index tells: 1 and `out`, which lives until um_calls_finish or
 * um_follow_release; 0 when it is no news; UM_ERR_NOMEM. To be asked once of each exchange, in the
 * order in which they were added.
 */
int um_follow_note(struct um_calls *calls, size_t index, struct um_news *out);

/*
 * Somebody waits for what is to be told of the call that goes by this CallId (as sent; one that is
 * not here, or an empty one, is let be): the next um_follow_release lets it stay, so that the
 * exchange, when it is over, does not begin a new one. 0 or UM_ERR_NOMEM.
 */
int um_follow_hold(struct um_calls *calls, struct um_span call_id);

/* When a call leaves the store, by the time of its latest packet. */
struct um_release_rule {
    int64_t over_before_ns;   /* a call that is over (Disconnected was seen last, or it was refused)
                                 and exchanges of no call */
    int64_t silent_before_ns; /* any call */
};

/* Gets a call that leaves, as it stands; valid during the call. 0, or what um_follow_release is to
 * return. */
typedef int (*um_release_fn)(void *ctx, const struct um_calls *calls, const struct um_call *call);

/*
 * Lets calls go that nobody holds: each is given to `tell`, then they and their memory are gone,
 * and so is what um_calls_finish gave out. A later exchange of such a call begins a new one. 0,
 * UM_ERR_NOMEM (told calls then may be told again), or what `tell` returned.
 */
int um_follow_release(struct um_calls *calls, const struct um_release_rule *rule,
                      um_release_fn tell, void *ctx);

/* How many calls were let go so far. */
uint64_t um_follow_released(const struct um_calls *calls);

#endif
