/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The sections of the HTML page. html_page.c puts them together. */
#ifndef UM_REPORT_HTML_PARTS_H
#define UM_REPORT_HTML_PARTS_H

#include "offline/report/call_summary.h"
#include "offline/report/html.h"
#include "offline/report/report.h"

/* "1 poll", "2 polls": a count and its noun. */
void um_html_count(struct um_html *html, uint64_t count, const char *noun);

/* Text made by `append`. */
void um_html_summary(struct um_html *html, um_call_summary_fn *append,
                     const struct um_report *report, const struct um_call *call);

/* What went wrong: the calls that came to nothing, by outcome and reason. Nothing when none did. */
void um_html_trouble(struct um_html *html, const struct um_report *report);

/* The table of all calls shown. */
void um_html_calls_table(struct um_html *html, const struct um_report *report);

/* A call with all that is known of it. */
void um_html_call(struct um_html *html, const struct um_report *report, const struct um_call *call);

/* Exchanges that belong to no call, as far as they are shown; nothing when there are none. */
void um_html_exchanges_without_call(struct um_html *html, const struct um_report *report);

/* Of a long call the members at both ends are shown: the index of the one to show after `index`. */
size_t um_html_member_after(const struct um_call *call, size_t index);

/* The exchanges of a call as a table. */
void um_html_exchanges(struct um_html *html, const struct um_report *report,
                       const struct um_call *call);

/* A list of findings; of many of one name the first few are told and the rest counted. */
void um_html_findings(struct um_html *html, const struct um_findings *findings);

/* The findings about no call; nothing when there are none. */
void um_html_rest(struct um_html *html, const struct um_report *report);

/* What every finding told means, and which calls have it. */
void um_html_explanations(struct um_html *html, const struct um_report *report);

#endif
