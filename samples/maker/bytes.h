/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Bytes that grow at their end: messages, frames and files are written into these. */
#ifndef UM_MAKER_BYTES_H
#define UM_MAKER_BYTES_H

#include <stdint.h>

#include "samples/maker/pool.h"

/* A zeroed one with its pool set is empty. */
struct um_bytes {
    struct um_pool *pool;
    uint8_t *data;
    size_t len, cap;
};

void um_bytes_add(struct um_bytes *bytes, const void *data, size_t len);
void um_bytes_text(struct um_bytes *bytes, const char *text);
void um_bytes_format(struct um_bytes *bytes, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void um_bytes_u8(struct um_bytes *bytes, unsigned value);
void um_bytes_be16(struct um_bytes *bytes, unsigned value);
void um_bytes_be32(struct um_bytes *bytes, uint32_t value);
void um_bytes_le32(struct um_bytes *bytes, uint32_t value);

/* Adds `len` bytes in base64 (RFC 4648 section 4), padded. */
void um_bytes_base64(struct um_bytes *bytes, const void *data, size_t len);

#endif
