/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call's timeline as a table of bounds and as bars. */
#ifndef UM_REPORT_TEXT_SPANS_H
#define UM_REPORT_TEXT_SPANS_H

#include "offline/report/page.h"

/*
 * Writes the spans of `timeline`, of which there must be some. `origin_q_ns` is the time of the
 * request that placed the call, NULL when it was not captured: times are told from there, else from
 * the first poll. Of very many spans those in the middle are left out, and that is said.
 */
void um_text_spans(struct um_page *page, const struct um_timeline *timeline,
                   const int64_t *origin_q_ns);

#endif
