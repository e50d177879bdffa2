/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Keeps no state: the array is its owner's. */
#include "core/base/room.h"

#include <stdint.h>
#include <stdlib.h>

enum { FIRST_ITEMS = 8 };

void *
um_room_for_one(void *items, size_t *capacity, size_t count, size_t size)
{
    if (count < *capacity)
        return items;
    size_t wider = *capacity ? *capacity * 2 : FIRST_ITEMS;
    if (wider > SIZE_MAX / size)
        return NULL;
    void *grown = realloc(items, wider * size);
    if (grown)
        *capacity = wider;
    return grown;
}
