/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --follow: tells each change of a call's state the moment it is known, and lets calls go that are
 * over and have been quiet, so that memory does not grow with time.
 */
#ifndef UM_OFFLINE_FOLLOWING_H
#define UM_OFFLINE_FOLLOWING_H

#include "core/um/follow.h"
#include "offline/http/recognise.h"
#include "offline/options.h"

struct um_following {
    const struct um_options *options; /* what is shown, and --fail-on */
    struct um_calls *calls;           /* its store */
    struct um_recogniser *recogniser; /* which fills it */
    struct um_style style;
    FILE *out;
    int64_t now_ns; /* the latest time of the capture */
    int64_t due_ns; /* when calls are let go next; 0: not known yet */
    bool is_found;  /* a call was let go that --fail-on is about */
};

/* Follows an empty store; everything but the last three fields is to be set before. */
void um_following_begin(struct um_following *following);

/* An exchange was added to the store, its latest. 0, UM_ERR_NOMEM or UM_ERR_IO. */
int um_following_added(struct um_following *following);

/* The capture has come to this time. The same. */
int um_following_time(struct um_following *following, int64_t time_ns);

#endif
