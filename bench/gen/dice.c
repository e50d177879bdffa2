/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/gen/dice.h"

#include <assert.h>

void
um_dice_seed(struct um_dice *dice, uint64_t seed)
{
    dice->state = seed * UINT64_C(0x9e3779b97f4a7c15) + 1;
    (void)um_dice_roll(dice);
}

uint32_t
um_dice_roll(struct um_dice *dice)
{
    uint64_t old = dice->state;
    dice->state = old * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    uint32_t mixed = (uint32_t)(((old >> 18) ^ old) >> 27);
    uint32_t turn = (uint32_t)(old >> 59);
    return mixed >> turn | mixed << (-turn & 31);
}

uint32_t
um_dice_between(struct um_dice *dice, uint32_t low, uint32_t high)
{
    assert(low <= high);
    uint64_t width = (uint64_t)high - low + 1;
    return low + (uint32_t)(um_dice_roll(dice) * width >> 32);
}

bool
um_dice_permille(struct um_dice *dice, uint32_t permille)
{
    return um_dice_between(dice, 0, 999) < permille;
}
