/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A dialogue as a list of events: loops are run, variables and ids put in. The grammar stands at
 * the head of samples/README.md. What an event's words mean is known to those who carry it out.
 */
#ifndef UM_MAKER_DIALOGUE_H
#define UM_MAKER_DIALOGUE_H

#include "samples/maker/words.h"

enum um_verb {
    UM_VERB_OPEN,    /* a connection begins */
    UM_VERB_REQUEST, /* an HTTP request */
    UM_VERB_REPLY,   /* an HTTP reply */
    UM_VERB_FAULT,   /* an HTTP reply that holds a SOAP fault */
    UM_VERB_STATUS,  /* an HTTP reply without SOAP */
    UM_VERB_BYTES,   /* bytes as they stand in the dialogue */
    UM_VERB_LOST,    /* bytes that were sent and not captured */
    UM_VERB_CLOSE,   /* both sides close, this one first */
    UM_VERB_FIN,     /* this side closes */
    UM_VERB_RESET,   /* this side resets */
    UM_VERB_CLOCK,   /* the capturing clock is set */
};

struct um_event {
    struct um_place place;
    int64_t time_us; /* since the beginning of the dialogue */
    size_t order;    /* among events of the same time */
    enum um_verb verb;
    const char *connection;      /* its name; empty: the one without a name */
    const char *client, *server; /* endpoints as text; of UM_VERB_OPEN only */
    bool from_server;
    struct um_words words; /* what stands behind the verb */
    const char *text;      /* bytes, or the body written out; NULL: none */
    size_t text_len;
    int64_t shift_us; /* of UM_VERB_CLOCK */
};

struct um_dialogue {
    struct um_event *events; /* by time, and as written where times are equal */
    size_t count;
    int64_t from_us, until_us; /* what was captured of it */
    uint32_t snaplen;
    uint32_t dropped; /* bytes that the file lacks at its end */
};

/* Reads `path`. All of `out` lives in the pool. */
void um_dialogue_read(struct um_pool *pool, const char *path, struct um_dialogue *out);

#endif
