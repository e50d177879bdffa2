/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that grow at their end, for messages and bodies. Memory that runs out ends the program. */
#ifndef UM_BENCH_TEXT_H
#define UM_BENCH_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "bench/gen/dice.h"

/* A zeroed one is empty. */
struct um_text {
    uint8_t *data;
    size_t len, cap;
};

/* Room for `len` more bytes; where they go. */
uint8_t *um_text_room(struct um_text *text, size_t len);

void um_text_free(struct um_text *text);

void um_text_add(struct um_text *text, const void *data, size_t len);
void um_text_format(struct um_text *text, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Adds `len` characters of base64, of nothing in particular. */
void um_text_base64(struct um_text *text, struct um_dice *dice, size_t len);

/* malloc, or the end of the program. */
void *um_text_alloc(size_t len);

#endif
