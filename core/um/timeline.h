/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A call's timeline: observations in an order that breaks no sure one, and the spans of one state
 * they form, with bounds instead of instants (docs/timeline.md). Pure: from observations to spans.
 */
#ifndef UM_UM_TIMELINE_H
#define UM_UM_TIMELINE_H

#include "core/base/arena.h"

/* CallState by the schema. */
enum um_state {
    UM_STATE_IDLE,
    UM_STATE_CONNECTING,
    UM_STATE_ALERTED,
    UM_STATE_CONNECTED,
    UM_STATE_DISCONNECTED,
    UM_STATE_INCOMING,
    UM_STATE_TRANSFERRING,
    UM_STATE_FORWARDING,
    UM_STATE_UNKNOWN, /* text outside the schema, kept as it came */
};

/* EventCause by the schema. */
enum um_cause {
    UM_CAUSE_NONE,
    UM_CAUSE_USER_BUSY,
    UM_CAUSE_NO_ANSWER,
    UM_CAUSE_UNAVAILABLE,
    UM_CAUSE_OTHER,
    UM_CAUSE_UNKNOWN, /* text outside the schema */
    UM_CAUSE_ABSENT,  /* the reply told none */
};

enum um_state um_state_of(struct um_span text);
enum um_cause um_cause_of(struct um_span text);

/* A sentence of the specification's meaning of the state or cause, for trees and reports. Static.
 */
const char *um_state_meaning(enum um_state state);
const char *um_cause_meaning(enum um_cause cause);

struct um_observation {
    int64_t q_ns; /* the request's last captured byte */
    int64_t r_ns; /* the reply's first captured byte */
    uint64_t q_frame, r_frame;
    enum um_state state;
    enum um_cause cause;
    struct um_span state_text; /* as it came, trimmed */
    struct um_span cause_text; /* as it came, trimmed; empty when absent */
    bool implied;              /* by a successful PlayOnPhone: nobody asked for the state */
    size_t exchange;           /* index in the store */
};

struct um_span_of_state {
    enum um_state state;
    enum um_cause cause; /* the last one that is not None, else the last one told */
    struct um_span state_text, cause_text;
    bool implied;                     /* every observation of it is */
    size_t first, last;               /* indices of its observations in the timeline's order */
    uint64_t first_frame, last_frame; /* of the replies of these two */
    bool has_began_after;             /* false: nothing was known of the call before */
    bool has_ended_by;                /* false: open, nothing came after */
    int64_t began_after_ns, began_by_ns, ended_after_ns, ended_by_ns;
    int64_t min_ns; /* lasted at least */
    bool has_max;
    int64_t max_ns; /* lasted at most */
};

struct um_timeline {
    const struct um_observation *observations; /* in the chosen order */
    size_t observation_count;
    const struct um_span_of_state *spans;
    size_t span_count;
};

/*
 * Orders `count` observations (any order in) and forms the spans. `origin_q_ns` is the time of the
 * PlayOnPhone request when the capture holds it (NULL: it does not). Everything in `out` lives in
 * `arena`. 0 or UM_ERR_NOMEM.
 */
int um_timeline_build(const struct um_observation *observations, size_t count,
                      const int64_t *origin_q_ns, struct um_arena *arena, struct um_timeline *out);

#endif
