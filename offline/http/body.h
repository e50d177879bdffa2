/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Undoes the content codings of a body, stacked ones too, piece by piece: only as far as the
 * receiver wants. A bomb is stopped by the limits `inflate` and `inflate-ratio`.
 * Source: RFC 9110 section 8.4.
 */
#ifndef UM_HTTP_BODY_H
#define UM_HTTP_BODY_H

#include "core/base/err.h"
#include "core/base/limits.h"
#include "core/http/message.h"

struct um_body;

/* How a decoded body ended. */
enum um_body_state {
    UM_BODY_GOOD,        /* every coding ended as it should */
    UM_BODY_SHORT,       /* the bytes ended before the coding did */
    UM_BODY_BAD,         /* not valid in its coding: everything before the fault was delivered */
    UM_BODY_LIMIT_BYTES, /* the limit `inflate` was reached: what came before was delivered */
    UM_BODY_LIMIT_RATIO, /* the limit `inflate-ratio` was reached */
    UM_BODY_UNKNOWN,     /* a coding that we cannot undo: nothing was delivered */
};

/* Takes decoded bytes; 0: stop, no more are wanted; 1: go on; negative enum um_err. */
typedef int (*um_body_out_fn)(void *ctx, struct um_span decoded);

/* A decoder that can be used for one body after the other. `limits` is copied. 0 or UM_ERR_NOMEM.
 */
int um_body_new(const struct um_limits *limits, struct um_body **out);
void um_body_free(struct um_body *body);

/* Begins a body with these codings, in the order in which they were applied. 0 or UM_ERR_NOMEM. */
int um_body_begin(struct um_body *body, const enum um_http_coding *codings, size_t count,
                  um_body_out_fn out, void *ctx);

/*
 * Decodes the next bytes. 1: go on; 0: the receiver wants no more, or no more can be decoded (see
 * um_body_end); negative enum um_err.
 */
int um_body_push(struct um_body *body, struct um_span encoded);

/* The body has ended: how it stood. */
enum um_body_state um_body_end(struct um_body *body);

#endif
