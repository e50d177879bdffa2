/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Compresses with gzip (RFC 1952) without any library, so that the generator gives the same bytes
 * with every version of one: one block with the fixed code of RFC 1951 section 3.2.6, greedy.
 */
#ifndef UM_BENCH_DEFLATE_H
#define UM_BENCH_DEFLATE_H

#include "bench/gen/text.h"

void um_deflate_gzip(const uint8_t *data, size_t len, struct um_text *out);

#endif
