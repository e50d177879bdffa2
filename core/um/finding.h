/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings: what is odd or wrong, with a stable name, a severity, one sentence with the figures of
 * the case, and the frames that show it. One thing, one finding: the more exact name replaces the
 * more general. The table of names is finding.c; docs/findings.md has a section for each.
 */
#ifndef UM_UM_FINDING_H
#define UM_UM_FINDING_H

#include "core/base/arena.h"

enum um_severity {
    UM_SEVERITY_NOTE,
    UM_SEVERITY_WARNING,
    UM_SEVERITY_ERROR,
};

enum um_finding_name {
    /* about a call */
    UM_FINDING_CALL_FAILED,
    UM_FINDING_CALL_NOT_CONNECTED,
    UM_FINDING_CALL_OPEN_AT_END,
    UM_FINDING_CALL_ORIGIN_MISSING,
    UM_FINDING_CALL_STUCK,
    UM_FINDING_STATE_AFTER_END,
    UM_FINDING_STATE_UNUSUAL,
    UM_FINDING_STATE_UNKNOWN,
    UM_FINDING_CAUSE_UNKNOWN,
    UM_FINDING_CAUSE_ON_LIVE_CALL,
    UM_FINDING_CAUSE_SETTLED_LATE,
    UM_FINDING_POLL_AFTER_END,
    UM_FINDING_POLL_GAP,
    UM_FINDING_POLL_STORM,
    UM_FINDING_CALL_EXPIRED,
    UM_FINDING_CALL_UNKNOWN_TO_SERVER,
    UM_FINDING_CALL_ID_OPAQUE,
    UM_FINDING_CALL_ID_TWO_SPELLINGS,
    UM_FINDING_CALL_MOVED,
    UM_FINDING_CALL_TWO_HOPS,
    /* about an exchange */
    UM_FINDING_REQUEST_UNANSWERED,
    UM_FINDING_REPLY_ORPHAN,
    UM_FINDING_REPLY_SLOW,
    UM_FINDING_HTTP_ERROR,
    UM_FINDING_SOAP_FAULT,
    UM_FINDING_SERVICE_ERROR,
    UM_FINDING_AUTHENTICATION_FAILED,
    UM_FINDING_XML_MALFORMED,
    UM_FINDING_DOCTYPE_REFUSED,
    UM_FINDING_BODY_INCOMPLETE,
    UM_FINDING_LIMIT_REACHED,
    UM_FINDING_NAMESPACE_HTTPS,
    UM_FINDING_SOAPACTION_MISMATCH,
    UM_FINDING_CALL_ID_MISSING,
    /* about the capture */
    UM_FINDING_CAPTURE_TRUNCATED,
    UM_FINDING_PACKETS_CUT,
    UM_FINDING_PACKETS_DROPPED,
    UM_FINDING_BYTES_LOST,
    UM_FINDING_ENCRYPTED,
    UM_FINDING_TLS_ALERT,
    UM_FINDING_TLS_RECORD_FAILED,
    UM_FINDING_ONE_DIRECTION,
    UM_FINDING_FLOWS_EVICTED,
    UM_FINDING_CLOCK_BACKWARDS,
    UM_FINDING_LINK_TYPE_UNKNOWN,
    UM_FINDING_COUNT
};

enum { UM_FINDING_FRAMES_MAX = 8 }; /* frames shown of one finding; the sentence tells the count */

struct um_finding {
    enum um_finding_name name;
    const char *text;       /* one sentence, UTF-8; wire text inside it is as it came */
    const uint64_t *frames; /* ascending, at most UM_FINDING_FRAMES_MAX */
    size_t frame_count;
    size_t exchange; /* index in the store; SIZE_MAX when about no single exchange */
};

/* The lowest frame numbers of many, ascending, each once. A zeroed one is empty. */
struct um_finding_frames {
    uint64_t at[UM_FINDING_FRAMES_MAX];
    size_t count;
};

/* 0 is left out. */
void um_finding_frames_add(struct um_finding_frames *frames, uint64_t frame);

/* Findings in an arena, in the order they were made. A zeroed one with its arena set is empty. */
struct um_findings {
    struct um_arena *arena;
    struct um_finding *items;
    size_t count;
    size_t cap;
};

/* "call-failed" and the like. Static. */
const char *um_finding_text(enum um_finding_name name);

/* The finding of that name, or UM_FINDING_COUNT. */
enum um_finding_name um_finding_of(struct um_span name);

enum um_severity um_finding_severity(enum um_finding_name name);

/* "error", "warning", "note". Static. */
const char *um_severity_text(enum um_severity severity);

/* One sentence that says what to look at next. Static. */
const char *um_finding_advice(enum um_finding_name name);

/* The beginning of a text from the wire, as much as a sentence takes, cut between characters. */
struct um_span um_finding_excerpt(struct um_span wire);

/* What stands behind it: an ellipsis where it was cut. Static. */
const char *um_finding_excerpt_end(struct um_span wire);

/* Both, as arguments for "%.*s%s". */
#define UM_FINDING_SHOW(span)                                                                      \
    (int)um_finding_excerpt(span).len, (span).len ? (const char *)(span).data : "",                \
        um_finding_excerpt_end(span)

/*
 * Adds a finding; `text` must live as long as the arena, the frames are copied (0 is left out).
 * 0 or UM_ERR_NOMEM; also UM_ERR_NOMEM when `text` is NULL, so that um_arena_printf can be given
 * directly.
 */
int um_findings_add(struct um_findings *list, enum um_finding_name name, size_t exchange,
                    const uint64_t *frames, size_t frame_count, const char *text);

#endif
