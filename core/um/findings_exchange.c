/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Findings about one exchange: each function looks for one thing. One thing is said once: an
 * exchange whose authentication failed says nothing else, a body that was cut is not malformed.
 */
#include "core/um/findings_exchange.h"

#include "core/base/err.h"
#include "core/um/record.h"

struct maker {
    const struct um_exchange_record *record;
    struct um_findings *out;
    int err; /* sticky */
};

#define TEXT(maker, ...) um_arena_printf((maker)->out->arena, __VA_ARGS__)

static void
add(struct maker *maker, enum um_finding_name name, const char *text)
{
    const struct um_exchange_record *record = maker->record;
    const uint64_t frames[] = {record->has_request ? record->request_last.frame : 0,
                               record->has_reply ? record->reply_first.frame : 0};
    if (!maker->err)
        maker->err = um_findings_add(maker->out, name, (size_t)record->number - 1, frames, 2, text);
}

static const char *
name_of(const struct um_exchange_record *record)
{
    return record->operation == UM_OPERATION_NONE ? "request"
                                                  : um_operation_name(record->operation);
}

static void
find_missing_half(struct maker *maker)
{
    static const char *const why[] = {
        [UM_UNANSWERED_NO] = "no reply was found",
        [UM_UNANSWERED_RESET] = "the connection was reset",
        [UM_UNANSWERED_CLOSED] = "the connection was closed",
        [UM_UNANSWERED_CAPTURE_END] = "the capture ended",
        [UM_UNANSWERED_LOST] = "bytes of the server's direction are missing from the capture",
        [UM_UNANSWERED_ONE_SIDED] = "the server's direction was not captured",
        [UM_UNANSWERED_GIVEN_UP] = "the connection was given up at a limit",
    };
    const struct um_exchange_record *record = maker->record;
    if (record->has_request && !record->has_reply && record->unanswered != UM_UNANSWERED_ONE_SIDED)
        add(maker, UM_FINDING_REQUEST_UNANSWERED,
            TEXT(maker, "%s was not answered: %s.", name_of(record), why[record->unanswered]));
    if (!record->has_request)
        add(maker, UM_FINDING_REPLY_ORPHAN,
            TEXT(maker, "The request of this %s reply is not in the capture.", name_of(record)));
}

static void
find_slow_reply(struct maker *maker, const struct um_thresholds *thresholds)
{
    const struct um_exchange_record *record = maker->record;
    if (!record->has_request || !record->has_reply)
        return;
    int64_t took_ns = um_mark_elapsed_ns(record->request_last.time_ns, record->reply_first.time_ns);
    if (took_ns > thresholds->slow_ns)
        add(maker, UM_FINDING_REPLY_SLOW,
            TEXT(maker, "%s was answered after %.3f s.", name_of(record), (double)took_ns / 1e9));
}

/* "InvalidCallIdException" and the like, or what it is when its name was not captured. */
static struct um_span
name_of_refusal(const struct um_exchange_record *record)
{
    if (record->fault_exception.len > 0)
        return record->fault_exception;
    if (record->fault_code.len > 0)
        return record->fault_code;
    return um_span_text(record->is_fault ? "a fault" : "an error");
}

static void
find_refusal(struct maker *maker, enum um_finding_name refusal)
{
    const struct um_exchange_record *record = maker->record;
    struct um_span fault = name_of_refusal(record);
    struct um_span said = record->fault_text;
    const char *operation = name_of(record);
    switch (refusal) {
    case UM_FINDING_COUNT:
        if (um_record_is_http_error(record))
            add(maker, UM_FINDING_HTTP_ERROR,
                TEXT(maker, "%s drew HTTP status %u.", operation, record->http_status));
        break;
    case UM_FINDING_CALL_EXPIRED:
        add(maker, refusal,
            TEXT(maker, "%s drew %.*s%s: the server had forgotten the finished call.", operation,
                 UM_FINDING_SHOW(fault)));
        break;
    case UM_FINDING_CALL_UNKNOWN_TO_SERVER:
        add(maker, refusal,
            TEXT(maker, "%s drew %.*s%s although the call was not seen to end.", operation,
                 UM_FINDING_SHOW(fault)));
        break;
    default:
        add(maker, refusal,
            TEXT(maker, "%s drew %.*s%s%s%.*s%s%s.", operation, UM_FINDING_SHOW(fault),
                 said.len ? " (\"" : "", UM_FINDING_SHOW(said), said.len ? "\")" : ""));
        break;
    }
}

/* One side's body: what was wrong with it, the first reason that holds. */
static void
find_body_trouble(struct maker *maker, const char *side, unsigned flags, bool incomplete)
{
    const struct um_exchange_record *record = maker->record;
    const char *operation = name_of(record);
    if (flags & UM_MESSAGE_DOCTYPE)
        add(maker, UM_FINDING_DOCTYPE_REFUSED,
            TEXT(maker, "The %s %s has a document type: it was read up to there.", operation,
                 side));
    else if (flags & UM_MESSAGE_MALFORMED)
        add(maker, UM_FINDING_XML_MALFORMED,
            TEXT(maker, "The %s %s is not well-formed XML: it was read up to the fault.", operation,
                 side));
    if (incomplete)
        add(maker, UM_FINDING_BODY_INCOMPLETE,
            TEXT(maker, "A part of the %s %s is missing: what was captured is shown.", operation,
                 side));
    else if ((flags & UM_MESSAGE_CUT) && record->limits_reached == 0 &&
             !(flags & (UM_MESSAGE_DOCTYPE | UM_MESSAGE_MALFORMED)))
        add(maker, UM_FINDING_XML_MALFORMED,
            TEXT(maker, "The %s %s ends before its envelope does.", operation, side));
}

static void
find_limits(struct maker *maker)
{
    const struct um_exchange_record *record = maker->record;
    unsigned flags = record->request_flags | record->reply_flags;
    uint32_t limits = record->limits_reached;
    if (flags & UM_MESSAGE_LIMIT_DEPTH)
        limits |= (uint32_t)1 << UM_LIMIT_XML_DEPTH;
    if (flags & UM_MESSAGE_LIMIT_TEXT)
        limits |= (uint32_t)1 << UM_LIMIT_XML_TEXT;
    for (unsigned i = 0; i < UM_LIMIT_COUNT; i++) {
        if (limits >> i & 1)
            add(maker, UM_FINDING_LIMIT_REACHED,
                TEXT(maker, "The limit %s cut what could be read of this %s exchange.",
                     um_limit_name((enum um_limit)i), name_of(record)));
    }
}

static void
find_https_namespace(struct maker *maker)
{
    const struct um_exchange_record *record = maker->record;
    bool asked = record->request_flags & UM_MESSAGE_NAMESPACE_HTTPS;
    bool answered = record->reply_flags & UM_MESSAGE_NAMESPACE_HTTPS;
    if (asked || answered)
        add(maker, UM_FINDING_NAMESPACE_HTTPS,
            TEXT(maker, "The %s of this %s exchange %s namespace with https:.",
                 asked && answered ? "request and the reply"
                 : asked           ? "request"
                                   : "reply",
                 name_of(record), asked && answered ? "name their" : "names its"));
}

/* The last part of "http://.../messages/GetCallInfo", quotes left out. */
static struct um_span
action_name(struct um_span action)
{
    struct um_span name = um_span_trim(action);
    if (name.len >= 2 && name.data[0] == '"' && name.data[name.len - 1] == '"')
        name = um_span_trim(um_span_of(name.data + 1, name.len - 2));
    for (size_t i = name.len; i > 0; i--) {
        if (name.data[i - 1] == '/' || name.data[i - 1] == '#')
            return um_span_from(name, i);
    }
    return name;
}

static bool
is_in_our_namespace(struct um_span action)
{
    static const char part[] = "://schemas.microsoft.com/exchange/services/2006/messages/";
    size_t at = um_span_find(action, ':');
    return um_span_starts_nocase(um_span_from(action, at), um_span_text(part));
}

static void
find_wrong_action(struct maker *maker)
{
    const struct um_exchange_record *record = maker->record;
    struct um_span name = action_name(record->soap_action);
    struct um_span own = um_span_text(um_operation_name(record->operation));
    if (name.len == 0 || own.len == 0 || um_span_equal_nocase(name, own))
        return;
    if (um_operation_of(name) == UM_OPERATION_NONE && !is_in_our_namespace(record->soap_action))
        return;
    add(maker, UM_FINDING_SOAPACTION_MISMATCH,
        TEXT(maker, "The SOAPAction names %.*s%s, the body is %s.", UM_FINDING_SHOW(name),
             name_of(record)));
}

static void
find_missing_call_id(struct maker *maker)
{
    const struct um_exchange_record *record = maker->record;
    unsigned broken = UM_MESSAGE_CUT | UM_MESSAGE_MALFORMED | UM_MESSAGE_DOCTYPE |
                      UM_MESSAGE_LIMIT_DEPTH | UM_MESSAGE_LIMIT_TEXT;
    if (record->id.key.len > 0 || !record->has_request)
        return;
    if (um_operation_names_call(record->operation) && !record->request_incomplete &&
        !(record->request_flags & broken) && record->has_request_message)
        add(maker, UM_FINDING_CALL_ID_MISSING,
            TEXT(maker, "This %s request names no call.", name_of(record)));
    if (um_operation_starts_call(record->operation) && record->has_reply_message &&
        !record->is_fault && !record->is_service_error && !record->reply_incomplete &&
        !(record->reply_flags & broken))
        add(maker, UM_FINDING_CALL_ID_MISSING,
            TEXT(maker, "This %s reply names no call.", name_of(record)));
}

enum um_finding_name
um_findings_exchange_refusal(const struct um_exchange_record *record)
{
    if (record->is_fault)
        return UM_FINDING_SOAP_FAULT;
    return record->is_service_error ? UM_FINDING_SERVICE_ERROR : UM_FINDING_COUNT;
}

int
um_findings_exchange_make(const struct um_exchange_record *record,
                          const struct um_thresholds *thresholds, enum um_finding_name refusal,
                          struct um_findings *out)
{
    struct maker maker = {.record = record, .out = out};
    if (record->authentication_failed) {
        add(&maker, UM_FINDING_AUTHENTICATION_FAILED,
            TEXT(&maker, "%s drew HTTP status %u and no later one succeeded.", name_of(record),
                 record->http_status));
        return maker.err;
    }
    find_missing_half(&maker);
    find_refusal(&maker, refusal);
    find_slow_reply(&maker, thresholds);
    find_body_trouble(&maker, "request", record->request_flags, record->request_incomplete);
    find_body_trouble(&maker, "reply", record->reply_flags, record->reply_incomplete);
    find_limits(&maker);
    find_https_namespace(&maker);
    find_wrong_action(&maker);
    find_missing_call_id(&maker);
    return maker.err;
}

int
um_findings_exchange_make_hop(const struct um_exchange_record *record, struct um_findings *out)
{
    struct maker maker = {.record = record, .out = out};
    if (record->unanswered == UM_UNANSWERED_RESET || record->unanswered == UM_UNANSWERED_CLOSED)
        find_missing_half(&maker);
    if (um_findings_exchange_refusal(record) == UM_FINDING_COUNT)
        find_refusal(&maker, UM_FINDING_COUNT);
    return maker.err;
}
