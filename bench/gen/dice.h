/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Random numbers that are the same on every machine: PCG-XSH-RR, M. E. O'Neill, 2014. */
#ifndef UM_BENCH_DICE_H
#define UM_BENCH_DICE_H

#include <stdbool.h>
#include <stdint.h>

struct um_dice {
    uint64_t state;
};

void um_dice_seed(struct um_dice *dice, uint64_t seed);

uint32_t um_dice_roll(struct um_dice *dice);

/* From `low` to `high`, both included. */
uint32_t um_dice_between(struct um_dice *dice, uint32_t low, uint32_t high);

/* True so many times in a thousand. */
bool um_dice_permille(struct um_dice *dice, uint32_t permille);

#endif
