/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The header blocks of one direction of an HTTP/2 connection, by nghttp2's HPACK decoder: this is
 * the only file that knows nghttp2. Where the dynamic table is not known (after a hole, or in a
 * connection captured from the middle) what refers to it reads "?"; what was added to it since is
 * known again. Source: RFC 7541.
 */
#ifndef UM_HTTP_H2_HEADERS_H
#define UM_HTTP_H2_HEADERS_H

#include "core/base/err.h"
#include "core/base/span.h"

struct um_h2_headers;

/* 0 or UM_ERR_NOMEM. `out` is the caller's, freed by um_h2_headers_free (which takes NULL). */
int um_h2_headers_new(struct um_h2_headers **out);
void um_h2_headers_free(struct um_h2_headers *headers);

/* Some block was not seen: what the dynamic table held is not known any more. 0 or UM_ERR_NOMEM. */
int um_h2_headers_lose(struct um_h2_headers *headers);

/* Takes one field; the spans live during the call. 0 or a negative enum um_err. */
typedef int (*um_h2_field_fn)(void *ctx, struct um_span name, struct um_span value);

/*
 * Decodes a block and tells its fields in order. A block that breaks off (`is_whole` false) or is
 * no HPACK tells the fields before that and loses the table. 0 or a negative enum um_err.
 */
int um_h2_headers_read(struct um_h2_headers *headers, struct um_span block, bool is_whole,
                       um_h2_field_fn field, void *ctx);

/* Bytes of the dynamic table: now, and at most. */
size_t um_h2_headers_table_bytes(const struct um_h2_headers *headers);
enum { UM_H2_TABLE_MAX = 64 * 1024 };

#endif
