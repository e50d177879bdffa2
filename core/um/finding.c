/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The table of findings: name, severity, what to look at next. Where each is made: about a call in
 * findings_call.c, about an exchange in findings_exchange.c, about the capture by the program that
 * reads it.
 */
#include "core/um/finding.h"

#include <assert.h>

#include "core/base/err.h"

enum { EXCERPT_MAX = 256 };

#define NOTE UM_SEVERITY_NOTE
#define WARNING UM_SEVERITY_WARNING
#define ERROR UM_SEVERITY_ERROR

static const struct {
    const char *name;
    enum um_severity severity;
    const char *advice;
} table[UM_FINDING_COUNT] = {
    [UM_FINDING_CALL_FAILED] =
        {"call-failed", ERROR,
         "Look for the call's SIP dialogue on the UM server and the gateway: its final response "
         "is what the cause was made of."},
    [UM_FINDING_CALL_NOT_CONNECTED] =
        {"call-not-connected", WARNING,
         "Nobody saw this call connected: compare the poll interval with the bounds, then ask the "
         "gateway's log whether it was answered."},
    [UM_FINDING_CALL_OPEN_AT_END] =
        {"call-open-at-end", NOTE,
         "Look whether the capture ends before the call does, or the client stopped polling."},
    [UM_FINDING_CALL_ORIGIN_MISSING] =
        {"call-origin-missing", NOTE,
         "Start the capture before the call is placed: who dialled which number is not in it."},
    [UM_FINDING_CALL_STUCK] =
        {"call-stuck", WARNING,
         "Check the gateway: the far end neither answered nor refused in this time."},
    [UM_FINDING_STATE_AFTER_END] =
        {"state-after-end", WARNING,
         "Check whether two servers answer for this call, or one was restarted."},
    [UM_FINDING_STATE_UNUSUAL] =
        {"state-unusual", NOTE,
         "Legal by the schema but not expected of Play on Phone: note the server's version."},
    [UM_FINDING_STATE_UNKNOWN] = {"state-unknown", WARNING,
                                  "The server sent a CallState outside the schema: check its "
                                  "version and what lies between."},
    [UM_FINDING_CAUSE_UNKNOWN] =
        {"cause-unknown", WARNING,
         "The server sent an EventCause outside the schema: check its version and what lies "
         "between."},
    [UM_FINDING_CAUSE_ON_LIVE_CALL] =
        {"cause-on-live-call", WARNING,
         "A cause belongs to Disconnected only: a client that reads it as a failure is misled."},
    [UM_FINDING_CAUSE_SETTLED_LATE] =
        {"cause-settled-late", NOTE,
         "A client that stops at the first Disconnected never sees the cause: poll once more."},
    [UM_FINDING_POLL_AFTER_END] = {"poll-after-end", NOTE,
                                   "The client should stop polling once it was told Disconnected."},
    [UM_FINDING_POLL_GAP] =
        {"poll-gap", NOTE,
         "A short state can be missed in the gap: look whether the client or the network paused."},
    [UM_FINDING_POLL_STORM] = {"poll-storm", NOTE,
                               "Make the client wait between polls: one a second is plenty."},
    [UM_FINDING_CALL_EXPIRED] =
        {"call-expired", NOTE,
         "Normal some minutes after the end of a call: the server has forgotten it."},
    [UM_FINDING_CALL_UNKNOWN_TO_SERVER] =
        {"call-unknown-to-server", ERROR,
         "Check whether the request reached the server that placed the call (the name in the "
         "CallId), and whether its UM service was restarted."},
    [UM_FINDING_CALL_ID_OPAQUE] =
        {"call-id-opaque", NOTE,
         "The id tells neither GUID nor server: look it up in the server's own log."},
    [UM_FINDING_CALL_ID_TWO_SPELLINGS] =
        {"call-id-two-spellings", NOTE,
         "One call, two forms of its id: look which component rewrites it."},
    [UM_FINDING_CALL_MOVED] =
        {"call-moved", WARNING,
         "Two UM servers claim one call: check the routing between client access and UM servers."},
    [UM_FINDING_CALL_TWO_HOPS] =
        {"call-two-hops", NOTE,
         "Captured on two sides of a proxy: compare both hops' times to see where it waited."},
    [UM_FINDING_REQUEST_UNANSWERED] =
        {"request-unanswered", ERROR,
         "Look at the last frames of this connection: who ended it, and was the server busy?"},
    [UM_FINDING_REPLY_ORPHAN] =
        {"reply-orphan", NOTE,
         "The reply names no call by itself: capture both directions from the beginning."},
    [UM_FINDING_REPLY_SLOW] =
        {"reply-slow", WARNING,
         "Compare with the server's own log: slow server, slow gateway, or lost segments?"},
    [UM_FINDING_HTTP_ERROR] =
        {"http-error", ERROR,
         "The request failed before it reached the UM web service: look at the web server and "
         "what stands before it."},
    [UM_FINDING_SOAP_FAULT] =
        {"soap-fault", ERROR,
         "The service refused the request: its exception tells why; the server's event log says "
         "more."},
    [UM_FINDING_SERVICE_ERROR] =
        {"service-error", ERROR,
         "The service refused the request: its ResponseCode tells why; the server's event log "
         "says more."},
    [UM_FINDING_AUTHENTICATION_FAILED] =
        {"authentication-failed", ERROR,
         "Check the account and which schemes the virtual directory offers (WWW-Authenticate)."},
    [UM_FINDING_XML_MALFORMED] =
        {"xml-malformed", WARNING,
         "Look at the body in this frame: what stands after the fault was not read."},
    [UM_FINDING_DOCTYPE_REFUSED] =
        {"doctype-refused", WARNING,
         "SOAP forbids a document type: find out who sends it; it may be an attack."},
    [UM_FINDING_BODY_INCOMPLETE] =
        {"body-incomplete", WARNING,
         "Capture whole packets (snap length 0) and watch the capture's drop counter."},
    [UM_FINDING_LIMIT_REACHED] = {"limit-reached", WARNING,
                                  "Raise the limit with --limit NAME=VALUE and run again."},
    [UM_FINDING_NAMESPACE_HTTPS] =
        {"namespace-https", NOTE,
         "Exchange's namespaces begin with http://: a real server refuses the https form."},
    [UM_FINDING_SOAPACTION_MISMATCH] =
        {"soapaction-mismatch", NOTE,
         "The SOAPAction names another operation than the body: mend the client."},
    [UM_FINDING_CALL_ID_MISSING] =
        {"call-id-missing", ERROR,
         "Without a CallId nobody can ask for the call: look at what the other side sent."},
    [UM_FINDING_CAPTURE_TRUNCATED] =
        {"capture-truncated", WARNING,
         "Copy the capture again, or stop the capturing program before copying."},
    [UM_FINDING_PACKETS_CUT] = {"packets-cut", WARNING,
                                "Capture whole packets: tcpdump -s 0, dumpcap without -s."},
    [UM_FINDING_PACKETS_DROPPED] =
        {"packets-dropped", WARNING,
         "Let less through with a capture filter (-f), or capture to a file and read that."},
    [UM_FINDING_BYTES_LOST] =
        {"bytes-lost", WARNING,
         "The capture missed packets: raise its buffer (tcpdump -B), or capture nearer."},
    [UM_FINDING_ENCRYPTED] =
        {"encrypted", WARNING,
         "Capture again and take the secrets with it. Where the client runs, set the environment "
         "variable SSLKEYLOGFILE to a file before the client is started (Windows: setx "
         "SSLKEYLOGFILE C:\\keys.log; browsers, curl and what uses OpenSSL, NSS or GnuTLS write "
         "it), and read with --keylog FILE. With a suite TLS_RSA_WITH_... the server's certificate "
         "exported with its private key (.pfx or .pem) does as well: --tls-key FILE. To send both "
         "in one file: editcap --inject-secrets tls,keys.log in.pcapng out.pcapng."},
    [UM_FINDING_TLS_ALERT] =
        {"tls-alert", WARNING,
         "The alert tells who refused what: compare versions, suites and certificates of both "
         "sides, and look into the log of the one that sent it."},
    [UM_FINDING_TLS_RECORD_FAILED] =
        {"tls-record-failed", WARNING,
         "Look whether the capture repeats, mixes or damages segments around these frames; clear "
         "bytes are missing there."},
    [UM_FINDING_ONE_DIRECTION] =
        {"one-direction", WARNING,
         "Mirror both directions of the port, and look for asymmetric routes."},
    [UM_FINDING_FLOWS_EVICTED] = {"flows-evicted", WARNING,
                                  "Raise --limit flows=N and memory=SIZE, or filter the capture "
                                  "with -f."},
    [UM_FINDING_CLOCK_BACKWARDS] =
        {"clock-backwards", NOTE,
         "Times around these frames are not to be trusted: a clock was set, or files were mixed."},
    [UM_FINDING_LINK_TYPE_UNKNOWN] =
        {"link-type-unknown", WARNING,
         "Capture on the network interface itself, or convert the capture to Ethernet or raw IP."},
};

#undef NOTE
#undef WARNING
#undef ERROR

const char *
um_finding_text(enum um_finding_name name)
{
    assert(name < UM_FINDING_COUNT);
    return table[name].name;
}

enum um_finding_name
um_finding_of(struct um_span name)
{
    unsigned i = 0;
    while (i < UM_FINDING_COUNT && !um_span_equal(name, um_span_text(table[i].name)))
        i++;
    return (enum um_finding_name)i;
}

enum um_severity
um_finding_severity(enum um_finding_name name)
{
    assert(name < UM_FINDING_COUNT);
    return table[name].severity;
}

const char *
um_finding_advice(enum um_finding_name name)
{
    assert(name < UM_FINDING_COUNT);
    return table[name].advice;
}

const char *
um_severity_text(enum um_severity severity)
{
    switch (severity) {
    case UM_SEVERITY_ERROR:
        return "error";
    case UM_SEVERITY_WARNING:
        return "warning";
    default:
        return "note";
    }
}

struct um_span
um_finding_excerpt(struct um_span wire)
{
    struct um_span shown = um_span_first(wire, EXCERPT_MAX);
    while (shown.len > 0 && shown.len < wire.len && (wire.data[shown.len] & 0xC0) == 0x80)
        shown.len--;
    return shown;
}

const char *
um_finding_excerpt_end(struct um_span wire)
{
    return um_finding_excerpt(wire).len < wire.len ? "\u2026" : "";
}

static int
make_room(struct um_findings *list)
{
    if (list->count < list->cap)
        return UM_OK;
    size_t cap = list->cap ? list->cap * 2 : 4;
    struct um_finding *items = um_arena_array(list->arena, cap, sizeof *items);
    if (!items)
        return UM_ERR_NOMEM;
    if (list->count > 0)
        memcpy(items, list->items, list->count * sizeof *items);
    list->items = items;
    list->cap = cap;
    return UM_OK;
}

/* Puts `frame` into the ascending list `into` of `count`, unless it is there; the new count. */
static size_t
insert_frame(uint64_t *into, size_t count, uint64_t frame)
{
    size_t at = count;
    while (at > 0 && into[at - 1] > frame)
        at--;
    if (frame == 0 || count == UM_FINDING_FRAMES_MAX || (at > 0 && into[at - 1] == frame))
        return count;
    memmove(into + at + 1, into + at, (count - at) * sizeof *into);
    into[at] = frame;
    return count + 1;
}

void
um_finding_frames_add(struct um_finding_frames *frames, uint64_t frame)
{
    size_t at = 0;
    while (at < frames->count && frames->at[at] < frame)
        at++;
    bool is_known = at < frames->count && frames->at[at] == frame;
    if (frame == 0 || is_known || at == UM_FINDING_FRAMES_MAX)
        return;
    size_t behind = frames->count - at;
    if (frames->count == UM_FINDING_FRAMES_MAX)
        behind--;
    else
        frames->count++;
    memmove(&frames->at[at + 1], &frames->at[at], behind * sizeof frames->at[0]);
    frames->at[at] = frame;
}

int
um_findings_add(struct um_findings *list, enum um_finding_name name, size_t exchange,
                const uint64_t *frames, size_t frame_count, const char *text)
{
    uint64_t sorted[UM_FINDING_FRAMES_MAX];
    size_t count = 0;
    for (size_t i = 0; i < frame_count; i++)
        count = insert_frame(sorted, count, frames[i]);
    uint64_t *kept = um_arena_array(list->arena, count, sizeof *kept);
    if (!text || !kept || make_room(list))
        return UM_ERR_NOMEM;
    if (count > 0)
        memcpy(kept, sorted, count * sizeof *kept);
    list->items[list->count++] = (struct um_finding){
        .name = name, .text = text, .frames = kept, .frame_count = count, .exchange = exchange};
    return UM_OK;
}
