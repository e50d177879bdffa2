/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Selection is one list, by index of the call; everything else follows from it. */
#include "offline/report/shown.h"

bool
um_shown_call(const struct um_report *report, size_t index)
{
    return !report->shown || report->shown[index];
}

bool
um_shown_exchange(const struct um_report *report, const struct um_exchange_record *record)
{
    if (record->call == SIZE_MAX)
        return !report->shown;
    return um_shown_call(report, record->call);
}

static bool
is_shown_finding(const struct um_report *report, const struct um_finding *finding)
{
    return finding->exchange == SIZE_MAX || !report->shown;
}

struct um_shown_counts
um_shown_count(const struct um_report *report)
{
    struct um_shown_counts counts = {0};
    for (size_t i = 0; i < um_calls_count(report->calls); i++) {
        if (!um_shown_call(report, i))
            continue;
        counts.calls++;
        counts.by_outcome[um_calls_at(report->calls, i)->outcome]++;
    }
    return counts;
}

struct um_shown_findings
um_shown_findings(const struct um_report *report)
{
    return (struct um_shown_findings){.report = report, .list = report->findings};
}

const struct um_finding *
um_shown_findings_next(struct um_shown_findings *findings)
{
    const struct um_findings *store = um_calls_findings(findings->report->calls);
    for (;;) {
        while (findings->next < findings->list->count) {
            const struct um_finding *finding = &findings->list->items[findings->next++];
            if (is_shown_finding(findings->report, finding))
                return finding;
        }
        if (findings->list == store)
            return NULL;
        findings->list = store;
        findings->next = 0;
    }
}
