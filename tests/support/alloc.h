/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Allocations that fail, for tests and fuzz harnesses. */
#ifndef UM_TEST_ALLOC_H
#define UM_TEST_ALLOC_H

#include <stdbool.h>
#include <stddef.h>

/*
 * From now on the n-th allocation of our own code fails (0: the next one), once. Libraries' own
 * allocations are not touched. um_test_alloc_reset lets all succeed again and tells whether the
 * failure took place.
 */
void um_test_alloc_fail_at(size_t n);
bool um_test_alloc_reset(void);

/* Allocations of our own code so far. */
size_t um_test_alloc_count(void);

#endif
