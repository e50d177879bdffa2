/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Where the report goes: standard output, or a file that is written whole or not at all (a
 * temporary file beside it, renamed when all is written).
 */
#ifndef UM_OFFLINE_OUTPUT_H
#define UM_OFFLINE_OUTPUT_H

#include <stdbool.h>
#include <stdio.h>

struct um_output {
    FILE *stream;
    const char *path; /* NULL: standard output */
    char *temporary;  /* path of the file until it is whole; NULL: written in place */
};

/*
 * Opens `path` (NULL: standard output). A path that is no regular file (a pipe, a device) is
 * written in place. 0, UM_ERR_NOMEM, or UM_ERR_IO with errno set.
 */
int um_output_open(const char *path, struct um_output *out);

/* Ends the output: the file appears under its name. 0, or UM_ERR_IO with errno set; then there is
 * no file. */
int um_output_finish(struct um_output *output);

/* Gives up: no file appears, one that was there before stays. After um_output_finish: nothing. */
void um_output_abandon(struct um_output *output);

/* True when the output is a terminal. */
bool um_output_is_terminal(const struct um_output *output);

#endif
