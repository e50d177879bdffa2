/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "core/base/slots.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/err.h"

enum { FIRST_SLOTS = 64 };

int
um_slots_for_one(struct um_slots *slots, size_t used, um_slots_hash_fn hash_of, const void *ctx)
{
    if (used < slots->count / 2)
        return UM_OK;
    struct um_slots wider = {.count = slots->count ? slots->count * 2 : FIRST_SLOTS};
    wider.places = calloc(wider.count, sizeof *wider.places);
    if (!wider.places)
        return UM_ERR_NOMEM;
    for (size_t number = 0; number < used; number++) {
        uint32_t *slot = um_slots_first(&wider, hash_of(ctx, number));
        while (*slot > 0)
            slot = um_slots_next(&wider, slot);
        *slot = (uint32_t)number + 1;
    }
    free(slots->places);
    *slots = wider;
    return UM_OK;
}

void
um_slots_clear(struct um_slots *slots)
{
    if (slots->places)
        memset(slots->places, 0, slots->count * sizeof *slots->places);
}

void
um_slots_done(struct um_slots *slots)
{
    free(slots->places);
    *slots = (struct um_slots){0};
}
