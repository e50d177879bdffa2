/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stores of calls told in a few lines, for the tests of reports. */
#ifndef UM_TEST_REPORT_STORY_H
#define UM_TEST_REPORT_STORY_H

#include "offline/report/report.h"

struct um_story {
    struct um_calls *calls;
    struct um_arena arena;
    struct um_findings findings;
    struct um_report report;
    struct um_endpoint client, server;
    const char *call_id; /* of the exchanges to come */
    uint64_t frame;      /* last one used */
    int err;             /* sticky */
    bool shown[64];
};

/* Tells the story of that name; false: there is none. Freed with um_story_done in any case. */
bool um_story_tell(struct um_story *story, const char *name);

/* A story whose times, outcomes and texts (any bytes) follow from `seed`. */
void um_story_tell_noise(struct um_story *story, uint64_t seed);

void um_story_done(struct um_story *story);

/* All names, ended by NULL. */
extern const char *const um_story_names[];

/* Lines for the view http; their number. */
size_t um_story_http(const struct um_report_http **lines);

#endif
