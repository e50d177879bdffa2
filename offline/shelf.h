/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Where the store of calls puts what it does not use: a file without a name, made when first
 * needed. */
#ifndef UM_OFFLINE_SHELF_H
#define UM_OFFLINE_SHELF_H

#include <stdbool.h>
#include <stdio.h>

#include "core/um/pages.h"

/* A zeroed one is empty. Stays where it is while its um_shelf is used. */
struct um_shelf_file {
    FILE *file;    /* NULL: nothing was put there */
    bool has_lost; /* a page did not come back; errno says why */
};

/* The file as a shelf. Where it cannot be made or written nothing is put there, and what would have
 * been stays in memory. */
struct um_shelf um_shelf_file_shelf(struct um_shelf_file *shelf);
void um_shelf_file_done(struct um_shelf_file *shelf);

#endif
