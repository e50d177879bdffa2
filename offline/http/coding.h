/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One content coding, undone piece by piece by a library: body.c chains them. Each library's header
 * is included by one coding_*.c.
 */
#ifndef UM_HTTP_CODING_H
#define UM_HTTP_CODING_H

#include "core/base/err.h"
#include "core/base/span.h"

/* What a step did. */
struct um_coding_step {
    size_t made;   /* bytes written to `out` */
    bool is_ended; /* the coding's own end was reached */
};

struct um_coding {
    /*
     * Makes `*state` ready for a body that begins with the byte `first`; made new when NULL, else
     * used again. 0 or UM_ERR_NOMEM.
     */
    int (*begin)(void **state, uint8_t first);
    /*
     * Decodes from `input`, which is moved past what was used, into `out`. 0, UM_ERR_NOMEM, or
     * UM_ERR_FORMAT when the bytes are not valid in the coding; what was made before counts.
     */
    int (*step)(void *state, struct um_span *input, uint8_t *out, size_t room,
                struct um_coding_step *done);
    void (*free)(void *state); /* NULL is allowed */
};

extern const struct um_coding um_coding_gzip, um_coding_deflate; /* RFC 1952; 1950 and 1951 */
extern const struct um_coding um_coding_brotli;                  /* RFC 7932 */
extern const struct um_coding um_coding_zstd;                    /* RFC 8878 */

#endif
