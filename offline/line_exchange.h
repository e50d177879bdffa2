/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A line `exchange` of the view messages, back to the record it was made of. */
#ifndef UM_OFFLINE_LINE_EXCHANGE_H
#define UM_OFFLINE_LINE_EXCHANGE_H

#include "core/base/symbols.h"
#include "core/um/call.h"
#include "offline/line.h"

/*
 * Fills in `out`; its texts live in `texts`. What is missing or odd is told by line->wrong, and
 * `out` is then of no use. 0 or UM_ERR_NOMEM.
 */
int um_line_exchange(struct um_line *line, struct um_symbols *texts,
                     struct um_exchange_record *out);

#endif
