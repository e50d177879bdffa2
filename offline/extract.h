/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --extract: the packets of the calls that are shown, as a pcapng. The captures are read twice
 * more: to find the packets of the connections, then to write them.
 */
#ifndef UM_OFFLINE_EXTRACT_H
#define UM_OFFLINE_EXTRACT_H

#include "core/um/call.h"
#include "offline/capture/filter.h"
#include "offline/late.h"
#include "offline/tls/secrets.h"

struct um_extract {
    const char *path;         /* of the file to be written */
    const char *const *paths; /* of the captures; each can be read again */
    size_t path_count;
    uint64_t packets;         /* read for the report: those behind them are left alone */
    struct um_filter *filter; /* NULL: none */
    const struct um_limits *limits;
    const struct um_secrets *secrets;
    const struct um_late *late; /* of the report's connections */
    size_t late_count;
    const struct um_calls *calls; /* finished */
    const bool *shown;            /* by call; NULL: all, and exchanges of no call */
};

/* Writes it whole or not at all. 0, UM_ERR_NOMEM, or UM_ERR_IO with errno set. */
int um_extract_write(const struct um_extract *extract);

#endif
