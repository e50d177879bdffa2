/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A shelf in memory that counts, that may be full, and that may lose what was put there. */
#ifndef UM_TEST_UM_SHELF_H
#define UM_TEST_UM_SHELF_H

#include "core/um/pages.h"

enum { TEST_SHELF_PAGES = 64 };

/* A zeroed one has room for all its pages. */
struct test_shelf {
    uint8_t *pages[TEST_SHELF_PAGES];
    size_t put, fetched; /* times */
    bool is_full;        /* takes no more */
    bool is_lost;        /* gives nothing back */
};

struct um_shelf test_shelf(struct test_shelf *shelf);
void test_shelf_done(struct test_shelf *shelf);

#endif
