/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A pipe as a file without a name, for what must be read more than once. */
#ifndef UM_OFFLINE_SPOOL_H
#define UM_OFFLINE_SPOOL_H

#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "core/base/err.h"

enum { UM_SPOOL_PATH_MAX = 32 };

/* A zeroed one is none. */
struct um_spool {
    FILE *file;
    char path[UM_SPOOL_PATH_MAX]; /* opens it as often as wanted, while this process lives */
};

/* "-", which is standard input, or a name that is no file's: what is read of it is gone. */
bool um_spool_is_needed(const char *path);

/* Copies it to its end, or until `*stop`. 0, or UM_ERR_IO with errno set. */
int um_spool_fill(struct um_spool *spool, const char *path, const volatile sig_atomic_t *stop);
void um_spool_done(struct um_spool *spool);

#endif
