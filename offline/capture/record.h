/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What both capture formats give: one packet, and why there is no more of them. */
#ifndef UM_CAPTURE_RECORD_H
#define UM_CAPTURE_RECORD_H

#include "offline/capture/blocks.h"

struct um_record {
    struct um_span bytes; /* view into the blocks, valid until the next record is read */
    uint32_t wire_len;    /* never below bytes.len */
    uint32_t link_type;   /* LINKTYPE_ value */
    int64_t time_ns;
};

enum { UM_TROUBLE_MAX = 160 };

/* Why a file could not be read to its end. */
struct um_trouble {
    char text[UM_TROUBLE_MAX]; /* one phrase, without the file's name */
    bool truncated;            /* the file ends inside a record */
};

/*
 * Results of the readers' `next`: 1 a record, 0 the end, UM_ERR_NOMEM, UM_ERR_FORMAT with the
 * trouble set (also for what the system refused).
 */

/* The file ends, or its source failed, where more had to come: fills in `trouble`. UM_ERR_FORMAT,
 * or 0 when reading was stopped. */
int um_trouble_cut(const struct um_blocks *blocks, struct um_trouble *trouble);

/* Sets the trouble by a printf; UM_ERR_FORMAT. */
int um_trouble_set(struct um_trouble *trouble, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
