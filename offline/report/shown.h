/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a report is shown, and how much of it there is. */
#ifndef UM_REPORT_SHOWN_H
#define UM_REPORT_SHOWN_H

#include "offline/report/report.h"

struct um_shown_counts {
    uint64_t calls;
    uint64_t by_outcome[UM_OUTCOME_COUNT];
};

/* True when the call with this index is shown. */
bool um_shown_call(const struct um_report *report, size_t index);

/* True when the exchange is shown: its call is, or it has none and nothing is left out. */
bool um_shown_exchange(const struct um_report *report, const struct um_exchange_record *record);

struct um_shown_counts um_shown_count(const struct um_report *report);

/* Findings about no call that are shown: first those about the capture, then the store's. */
struct um_shown_findings {
    const struct um_report *report;
    const struct um_findings *list;
    size_t next;
};
struct um_shown_findings um_shown_findings(const struct um_report *report);

/* The next one; NULL: there are no more. */
const struct um_finding *um_shown_findings_next(struct um_shown_findings *findings);

/* Where no call is shown: why that may be, and what to look at. Static. */
const char *um_shown_absence(const struct um_report *report);

#endif
