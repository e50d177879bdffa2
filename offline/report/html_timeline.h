/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Calls as pictures: SVG that is there without any script. A lane a call; a state is drawn at its
 * full height where it was surely held, and at half the height, paler, where it possibly was: its
 * end above, the beginning of the next one below.
 */
#ifndef UM_REPORT_HTML_TIMELINE_H
#define UM_REPORT_HTML_TIMELINE_H

#include "offline/report/html.h"
#include "offline/report/report.h"

/* All calls shown, of which there must be one, over one axis of time. */
void um_html_timeline(struct um_html *html, const struct um_report *report);

/* One call that has spans, with marks for its exchanges. */
void um_html_timeline_call(struct um_html *html, const struct um_report *report,
                           const struct um_call *call);

/* How to read both. */
void um_html_timeline_key(struct um_html *html);

/* A sign for an outcome, so that colour is not all that tells it. UTF-8, static. */
const char *um_html_outcome_sign(enum um_outcome outcome);

#endif
