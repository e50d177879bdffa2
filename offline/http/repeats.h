/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Bodies that were read, with what they said: who polls asks the same again and again, and is told
 * the same until something happens. Changes no answer. Holds a few hundred kilobytes at the most,
 * which are paid for at the meter.
 */
#ifndef UM_HTTP_REPEATS_H
#define UM_HTTP_REPEATS_H

#include "core/base/err.h"
#include "core/base/limits.h"
#include "core/http/message.h"
#include "core/um/message.h"

enum {
    UM_REPEATS = 64,             /* a power of two */
    UM_REPEATS_BYTES_MAX = 4096, /* of a body and its type as sent, and of what it said: longer ones
                                    are left out */
};

struct um_repeat;

/* Zeroed but for its meter it remembers nothing. */
struct um_repeats {
    struct um_meter *meter;
    struct um_repeat *places[UM_REPEATS]; /* by hash; NULL: free */
};

/* What the same body said, sent as the same type with the same codings; NULL: it is not remembered.
 * Valid until the next um_repeats_add. */
const struct um_message *um_repeats_find(const struct um_repeats *repeats,
                                         const struct um_http_message *message,
                                         struct um_span encoded);

/* Remembers a body, in the place of another one, if the meter has room. 0 or UM_ERR_NOMEM. */
int um_repeats_add(struct um_repeats *repeats, const struct um_http_message *message,
                   struct um_span encoded, const struct um_message *read);

void um_repeats_done(struct um_repeats *repeats);

#endif
