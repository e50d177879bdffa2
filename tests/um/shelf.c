/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "tests/um/shelf.h"

#include "core/base/err.h"
#include "tests/support/support.h"

static int
put(void *ctx, uint32_t page, const uint8_t *bytes)
{
    struct test_shelf *shelf = ctx;
    assert_true(page < TEST_SHELF_PAGES);
    if (shelf->is_full)
        return UM_ERR_IO;
    free(shelf->pages[page]);
    shelf->pages[page] = um_test_exact_copy(bytes, UM_PAGE_BYTES);
    shelf->put++;
    return UM_OK;
}

static int
fetch(void *ctx, uint32_t page, uint8_t *bytes)
{
    struct test_shelf *shelf = ctx;
    assert_true(page < TEST_SHELF_PAGES);
    assert_non_null(shelf->pages[page]);
    if (shelf->is_lost)
        return UM_ERR_IO;
    memcpy(bytes, shelf->pages[page], UM_PAGE_BYTES);
    shelf->fetched++;
    return UM_OK;
}

struct um_shelf
test_shelf(struct test_shelf *shelf)
{
    return (struct um_shelf){.ctx = shelf, .put = put, .fetch = fetch};
}

void
test_shelf_done(struct test_shelf *shelf)
{
    for (size_t i = 0; i < TEST_SHELF_PAGES; i++)
        free(shelf->pages[i]);
    *shelf = (struct test_shelf){0};
}
