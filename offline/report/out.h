/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The stream a report goes to, with a sticky error that keeps the reason of the first failure.
 * Words are collected; whoever has made a um_out ends with um_out_result, which hands them on.
 */
#ifndef UM_REPORT_OUT_H
#define UM_REPORT_OUT_H

#include <stdio.h>

#include "core/base/span.h"

struct um_out {
    FILE *stream;
    int err;        /* 0, or UM_ERR_IO: what is written from then on is dropped */
    int reason;     /* errno of the failure */
    size_t waiting; /* bytes that were put and not handed on */
    uint8_t bytes[512];
};

void um_out_put(struct um_out *out, struct um_span bytes);
void um_out_text(struct um_out *out, const char *text);
void um_out_spaces(struct um_out *out, size_t count);

/* Hands everything to the system, the stream's own too; it stays open. */
void um_out_flush(struct um_out *out);

/*
 * Hands everything to the stream. The result of writing: UM_ERR_IO with errno set when the stream
 * failed, else `err`, what the writer itself ran into.
 */
int um_out_result(struct um_out *out, int err);

#endif
