/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every ceiling of the program in one table, each with name, default and unit, and the meter that
 * counts memory against `memory`. Reaching a ceiling is a finding, never a failure.
 */
#ifndef UM_BASE_LIMITS_H
#define UM_BASE_LIMITS_H

#include "core/base/span.h"

enum um_limit {
    UM_LIMIT_FLOWS,         /* connections followed at once */
    UM_LIMIT_PENDING,       /* out-of-order bytes of one direction */
    UM_LIMIT_PENDING_TOTAL, /* out-of-order bytes of all directions */
    UM_LIMIT_FRAGMENTS,     /* bytes of IP fragments waiting */
    UM_LIMIT_HEAD,          /* bytes of an HTTP start line and its field lines */
    UM_LIMIT_BODY,          /* bytes of one body kept to be recognised */
    UM_LIMIT_REQUESTS,      /* unanswered requests of a connection */
    UM_LIMIT_MEMORY,        /* bytes of everything but the calls held */
    UM_LIMIT_INFLATE,       /* bytes out of one compressed body */
    UM_LIMIT_INFLATE_RATIO, /* bytes out for a byte in */
    UM_LIMIT_XML_DEPTH,     /* nested elements */
    UM_LIMIT_XML_TEXT,      /* bytes of text of one element */
    UM_LIMIT_H2_STREAMS,    /* open HTTP/2 streams of a connection */
    UM_LIMIT_TUNNELS,       /* encapsulations in a packet */
    UM_LIMIT_CALLS,         /* calls held for a report */
    UM_LIMIT_FINDINGS,      /* findings of one name kept for a call */
    UM_LIMIT_COUNT
};

struct um_limits {
    uint64_t max[UM_LIMIT_COUNT];
};

/* Fills in the defaults. */
void um_limits_init(struct um_limits *limits);

/* The name as written on the command line, e.g. "pending-total". Static. */
const char *um_limit_name(enum um_limit limit);

/*
 * Sets one limit from the text "NAME=VALUE"; VALUE is a decimal number with an optional K, M or G
 * (powers of 1024; case does not matter). 0, or UM_ERR_USAGE for an unknown name or a bad number
 * (0 included); `limits` is then unchanged.
 */
int um_limits_set(struct um_limits *limits, struct um_span assignment);

/* How often a ceiling was reached, and where first. */
struct um_limit_hits {
    uint64_t count;
    uint64_t first_frame; /* 0: nobody knows */
};

/* Counts one more, at `frame`; 0 when it is not known. */
void um_limit_hit(struct um_limit_hits *hits, uint64_t frame);

/* Memory in use against a ceiling, shared by all stages of one run. */
struct um_meter {
    uint64_t used; /* bytes */
    uint64_t max;  /* bytes */
    uint64_t peak; /* greatest `used` so far */
};

/* Counts `bytes` as used; false, and nothing counted, when that would pass the ceiling. */
bool um_meter_take(struct um_meter *meter, uint64_t bytes);

/* Gives back what was taken. */
void um_meter_give(struct um_meter *meter, uint64_t bytes);

#endif
