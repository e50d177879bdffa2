/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is known of a call while it goes on: each observation, as it becomes known, is news or is
 * not. Looks at the last two states alone, so that an observation costs the same however long the
 * call lasts; the timeline, made of all of them, is what holds in the end.
 */
#ifndef UM_UM_CHANGE_H
#define UM_UM_CHANGE_H

#include "core/um/timeline.h"

/* Where a call stands. A zeroed one: nothing is known. */
struct um_standing {
    bool is_known;
    struct um_observation last; /* of the state it is in, the latest */
    bool has_before;
    enum um_state before; /* the state it was in before that */
    struct um_span before_text;
};

/* A change of state, or a real cause told later for the state that it is in. */
struct um_change {
    struct um_span from_text; /* data NULL: nothing was known */
    struct um_observation to;
};

/*
 * True when `observation` changes where the call stands; `out` then says how. One that overlaps in
 * time with the last changes nothing where it may be older news: when it tells the state from
 * before, or a live state beside Disconnected.
 */
bool um_standing_note(struct um_standing *standing, const struct um_observation *observation,
                      struct um_change *out);

#endif
