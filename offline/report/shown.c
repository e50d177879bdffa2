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
        counts.by_outcome[um_calls_outcome(report->calls, i)]++;
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

static bool
has_finding(const struct um_report *report, enum um_finding_name name)
{
    for (size_t i = 0; i < report->findings->count; i++) {
        if (report->findings->items[i].name == name)
            return true;
    }
    return false;
}

const char *
um_shown_absence(const struct um_report *report)
{
    if (um_calls_count(report->calls) > 0)
        return "No call fits the selection. Without it all calls are shown.";
    if (has_finding(report, UM_FINDING_ENCRYPTED))
        return "No call was found, and the capture holds encrypted connections: calls inside them "
               "cannot be seen without TLS secrets. See the finding `encrypted` below.";
    if (has_finding(report, UM_FINDING_TLS_ALERT) && report->http_messages == 0)
        return "No call was found: client and server did not agree upon TLS, so that nothing was "
               "asked. See the finding `tls-alert` below.";
    if (report->messages > 0)
        return "No call was found, although there are messages of the UM web service: none of them "
               "tells which call it is about. The view messages shows them.";
    if (report->http_messages > 0)
        return "No call was found: none of the HTTP messages in the capture is one of the UM web "
               "service. The view http lists what was exchanged.";
    if (report->capture.packets > 0)
        return "No call was found, and no HTTP either: look whether the capture was taken between "
               "client and server, and whether a filter left the connections out.";
    return "No call was found: there is no packet in the capture.";
}
