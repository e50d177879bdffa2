/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Arrays on the heap that grow by doubling. */
#ifndef UM_BASE_ROOM_H
#define UM_BASE_ROOM_H

#include <stddef.h>

/*
 * Makes room for one more item of `size` bytes behind the `count` that are there: `items` as it is
 * when `*capacity` allows it, else grown, with `*capacity` set anew. What is new is not zeroed.
 * NULL when out of memory, or when the size in bytes overflows; then `items` and `*capacity` are as
 * they were. An empty array is NULL with capacity 0; freed with free().
 */
void *um_room_for_one(void *items, size_t *capacity, size_t count, size_t size);

#endif
