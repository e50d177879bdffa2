/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What an extract says of its packets: which message each carries, and of which call. */
#ifndef UM_OFFLINE_EXTRACT_COMMENTS_H
#define UM_OFFLINE_EXTRACT_COMMENTS_H

#include "core/um/call.h"

struct um_extract_comment {
    uint64_t frame;
    struct um_span text; /* UTF-8, harmless */
};

/* A zeroed one is empty. */
struct um_extract_comments {
    struct um_arena arena;
    struct um_extract_comment *items; /* by frame once sorted */
    size_t count, cap;
};

/* Adds what is to be said of one exchange: at the first and last packet of each of its messages. */
int um_extract_comments_add(struct um_extract_comments *comments, const struct um_calls *calls,
                            const struct um_exchange_record *record);

void um_extract_comments_sort(struct um_extract_comments *comments);

/* Those of one packet: the first of them and, in `count`, how many. */
const struct um_extract_comment *um_extract_comments_of(const struct um_extract_comments *comments,
                                                        uint64_t frame, size_t *count);

void um_extract_comments_done(struct um_extract_comments *comments);

#endif
