/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Pieces of text that several views have in common. */
#ifndef UM_REPORT_TEXT_PARTS_H
#define UM_REPORT_TEXT_PARTS_H

#include "offline/report/page.h"

/* The colour an outcome is told in. */
enum um_page_color um_text_outcome_color(enum um_outcome outcome);

/* "1 poll", "2 polls": a count and its noun. */
void um_text_count(struct um_page *page, uint64_t count, const char *noun);

/* "frame 7" or "frames 7-12". */
void um_text_frames(struct um_page *page, uint64_t first, uint64_t last);

/*
 * The findings about one call. What to look at next is told once for each name, and of many
 * findings of one name the first few are told and the rest counted.
 */
void um_text_findings(struct um_page *page, const struct um_findings *findings);

/* The findings about no call, under a heading of their own; nothing when there are none. */
void um_text_rest(struct um_page *page, const struct um_report *report);

/* Counts of what was read and what is shown. */
void um_text_summary(struct um_page *page, const struct um_report *report);

#endif
