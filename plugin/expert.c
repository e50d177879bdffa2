/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A finding about a call is shown at the messages whose frames it names; one that names none of the
 * call's messages, at the last of them.
 */
#include "plugin/expert.h"

#include "core/base/err.h"
#include "core/um/findings_exchange.h"
#include "plugin/text.h"

static expert_field ei_umws_call_failed = EI_INIT;
static expert_field ei_umws_call_not_connected = EI_INIT;
static expert_field ei_umws_call_open_at_end = EI_INIT;
static expert_field ei_umws_call_origin_missing = EI_INIT;
static expert_field ei_umws_call_stuck = EI_INIT;
static expert_field ei_umws_state_after_end = EI_INIT;
static expert_field ei_umws_state_unusual = EI_INIT;
static expert_field ei_umws_state_unknown = EI_INIT;
static expert_field ei_umws_cause_unknown = EI_INIT;
static expert_field ei_umws_cause_on_live_call = EI_INIT;
static expert_field ei_umws_cause_settled_late = EI_INIT;
static expert_field ei_umws_poll_after_end = EI_INIT;
static expert_field ei_umws_poll_gap = EI_INIT;
static expert_field ei_umws_poll_storm = EI_INIT;
static expert_field ei_umws_call_expired = EI_INIT;
static expert_field ei_umws_call_unknown_to_server = EI_INIT;
static expert_field ei_umws_call_id_opaque = EI_INIT;
static expert_field ei_umws_call_id_two_spellings = EI_INIT;
static expert_field ei_umws_call_moved = EI_INIT;
static expert_field ei_umws_call_two_hops = EI_INIT;
static expert_field ei_umws_request_unanswered = EI_INIT;
static expert_field ei_umws_reply_orphan = EI_INIT;
static expert_field ei_umws_reply_slow = EI_INIT;
static expert_field ei_umws_http_error = EI_INIT;
static expert_field ei_umws_soap_fault = EI_INIT;
static expert_field ei_umws_service_error = EI_INIT;
static expert_field ei_umws_authentication_failed = EI_INIT;
static expert_field ei_umws_xml_malformed = EI_INIT;
static expert_field ei_umws_doctype_refused = EI_INIT;
static expert_field ei_umws_body_incomplete = EI_INIT;
static expert_field ei_umws_limit_reached = EI_INIT;
static expert_field ei_umws_namespace_https = EI_INIT;
static expert_field ei_umws_soapaction_mismatch = EI_INIT;
static expert_field ei_umws_call_id_missing = EI_INIT;

static expert_field *const finding_ei[UM_FINDING_COUNT] = {
    [UM_FINDING_CALL_FAILED] = &ei_umws_call_failed,
    [UM_FINDING_CALL_NOT_CONNECTED] = &ei_umws_call_not_connected,
    [UM_FINDING_CALL_OPEN_AT_END] = &ei_umws_call_open_at_end,
    [UM_FINDING_CALL_ORIGIN_MISSING] = &ei_umws_call_origin_missing,
    [UM_FINDING_CALL_STUCK] = &ei_umws_call_stuck,
    [UM_FINDING_STATE_AFTER_END] = &ei_umws_state_after_end,
    [UM_FINDING_STATE_UNUSUAL] = &ei_umws_state_unusual,
    [UM_FINDING_STATE_UNKNOWN] = &ei_umws_state_unknown,
    [UM_FINDING_CAUSE_UNKNOWN] = &ei_umws_cause_unknown,
    [UM_FINDING_CAUSE_ON_LIVE_CALL] = &ei_umws_cause_on_live_call,
    [UM_FINDING_CAUSE_SETTLED_LATE] = &ei_umws_cause_settled_late,
    [UM_FINDING_POLL_AFTER_END] = &ei_umws_poll_after_end,
    [UM_FINDING_POLL_GAP] = &ei_umws_poll_gap,
    [UM_FINDING_POLL_STORM] = &ei_umws_poll_storm,
    [UM_FINDING_CALL_EXPIRED] = &ei_umws_call_expired,
    [UM_FINDING_CALL_UNKNOWN_TO_SERVER] = &ei_umws_call_unknown_to_server,
    [UM_FINDING_CALL_ID_OPAQUE] = &ei_umws_call_id_opaque,
    [UM_FINDING_CALL_ID_TWO_SPELLINGS] = &ei_umws_call_id_two_spellings,
    [UM_FINDING_CALL_MOVED] = &ei_umws_call_moved,
    [UM_FINDING_CALL_TWO_HOPS] = &ei_umws_call_two_hops,
    [UM_FINDING_REQUEST_UNANSWERED] = &ei_umws_request_unanswered,
    [UM_FINDING_REPLY_ORPHAN] = &ei_umws_reply_orphan,
    [UM_FINDING_REPLY_SLOW] = &ei_umws_reply_slow,
    [UM_FINDING_HTTP_ERROR] = &ei_umws_http_error,
    [UM_FINDING_SOAP_FAULT] = &ei_umws_soap_fault,
    [UM_FINDING_SERVICE_ERROR] = &ei_umws_service_error,
    [UM_FINDING_AUTHENTICATION_FAILED] = &ei_umws_authentication_failed,
    [UM_FINDING_XML_MALFORMED] = &ei_umws_xml_malformed,
    [UM_FINDING_DOCTYPE_REFUSED] = &ei_umws_doctype_refused,
    [UM_FINDING_BODY_INCOMPLETE] = &ei_umws_body_incomplete,
    [UM_FINDING_LIMIT_REACHED] = &ei_umws_limit_reached,
    [UM_FINDING_NAMESPACE_HTTPS] = &ei_umws_namespace_https,
    [UM_FINDING_SOAPACTION_MISMATCH] = &ei_umws_soapaction_mismatch,
    [UM_FINDING_CALL_ID_MISSING] = &ei_umws_call_id_missing,
};

void
umws_expert_register(int protocol)
{
    // clang-format off
    static ei_register_info ei[] = {
        { &ei_umws_call_failed, { "umws.call_failed", PI_RESPONSE_CODE, PI_ERROR, "Call failed", EXPFILL } },
        { &ei_umws_call_not_connected, { "umws.call_not_connected", PI_RESPONSE_CODE, PI_WARN, "Call not connected", EXPFILL } },
        { &ei_umws_call_open_at_end, { "umws.call_open_at_end", PI_SEQUENCE, PI_NOTE, "Call open at end", EXPFILL } },
        { &ei_umws_call_origin_missing, { "umws.call_origin_missing", PI_SEQUENCE, PI_NOTE, "Call origin missing", EXPFILL } },
        { &ei_umws_call_stuck, { "umws.call_stuck", PI_SEQUENCE, PI_WARN, "Call stuck", EXPFILL } },
        { &ei_umws_state_after_end, { "umws.state_after_end", PI_SEQUENCE, PI_WARN, "State after end", EXPFILL } },
        { &ei_umws_state_unusual, { "umws.state_unusual", PI_PROTOCOL, PI_NOTE, "State unusual", EXPFILL } },
        { &ei_umws_state_unknown, { "umws.state_unknown", PI_UNDECODED, PI_WARN, "State unknown", EXPFILL } },
        { &ei_umws_cause_unknown, { "umws.cause_unknown", PI_UNDECODED, PI_WARN, "Cause unknown", EXPFILL } },
        { &ei_umws_cause_on_live_call, { "umws.cause_on_live_call", PI_PROTOCOL, PI_WARN, "Cause on live call", EXPFILL } },
        { &ei_umws_cause_settled_late, { "umws.cause_settled_late", PI_PROTOCOL, PI_NOTE, "Cause settled late", EXPFILL } },
        { &ei_umws_poll_after_end, { "umws.poll_after_end", PI_SEQUENCE, PI_NOTE, "Poll after end", EXPFILL } },
        { &ei_umws_poll_gap, { "umws.poll_gap", PI_SEQUENCE, PI_NOTE, "Poll gap", EXPFILL } },
        { &ei_umws_poll_storm, { "umws.poll_storm", PI_SEQUENCE, PI_NOTE, "Poll storm", EXPFILL } },
        { &ei_umws_call_expired, { "umws.call_expired", PI_RESPONSE_CODE, PI_NOTE, "Call expired", EXPFILL } },
        { &ei_umws_call_unknown_to_server, { "umws.call_unknown_to_server", PI_RESPONSE_CODE, PI_ERROR, "Call unknown to server", EXPFILL } },
        { &ei_umws_call_id_opaque, { "umws.call_id_opaque", PI_PROTOCOL, PI_NOTE, "Call id opaque", EXPFILL } },
        { &ei_umws_call_id_two_spellings, { "umws.call_id_two_spellings", PI_PROTOCOL, PI_NOTE, "Call id two spellings", EXPFILL } },
        { &ei_umws_call_moved, { "umws.call_moved", PI_PROTOCOL, PI_WARN, "Call moved", EXPFILL } },
        { &ei_umws_call_two_hops, { "umws.call_two_hops", PI_SEQUENCE, PI_NOTE, "Call two hops", EXPFILL } },
        { &ei_umws_request_unanswered, { "umws.request_unanswered", PI_SEQUENCE, PI_ERROR, "Request unanswered", EXPFILL } },
        { &ei_umws_reply_orphan, { "umws.reply_orphan", PI_SEQUENCE, PI_NOTE, "Reply orphan", EXPFILL } },
        { &ei_umws_reply_slow, { "umws.reply_slow", PI_SEQUENCE, PI_WARN, "Reply slow", EXPFILL } },
        { &ei_umws_http_error, { "umws.http_error", PI_RESPONSE_CODE, PI_ERROR, "Http error", EXPFILL } },
        { &ei_umws_soap_fault, { "umws.soap_fault", PI_RESPONSE_CODE, PI_ERROR, "Soap fault", EXPFILL } },
        { &ei_umws_service_error, { "umws.service_error", PI_RESPONSE_CODE, PI_ERROR, "Service error", EXPFILL } },
        { &ei_umws_authentication_failed, { "umws.authentication_failed", PI_SECURITY, PI_ERROR, "Authentication failed", EXPFILL } },
        { &ei_umws_xml_malformed, { "umws.xml_malformed", PI_MALFORMED, PI_WARN, "Xml malformed", EXPFILL } },
        { &ei_umws_doctype_refused, { "umws.doctype_refused", PI_SECURITY, PI_WARN, "Doctype refused", EXPFILL } },
        { &ei_umws_body_incomplete, { "umws.body_incomplete", PI_UNDECODED, PI_WARN, "Body incomplete", EXPFILL } },
        { &ei_umws_limit_reached, { "umws.limit_reached", PI_UNDECODED, PI_WARN, "Limit reached", EXPFILL } },
        { &ei_umws_namespace_https, { "umws.namespace_https", PI_PROTOCOL, PI_NOTE, "Namespace https", EXPFILL } },
        { &ei_umws_soapaction_mismatch, { "umws.soapaction_mismatch", PI_PROTOCOL, PI_NOTE, "Soapaction mismatch", EXPFILL } },
        { &ei_umws_call_id_missing, { "umws.call_id_missing", PI_PROTOCOL, PI_ERROR, "Call id missing", EXPFILL } },
    };
    // clang-format on
    expert_register_field_array(expert_register_protocol(protocol), ei, array_length(ei));
}

bool
umws_expert_wanted(const packet_info *pinfo)
{
    static int expert_tap; /* looked up once: by its name that takes long */
    if (expert_tap == 0)
        expert_tap = find_tap_id("expert");
    bool has_column = pinfo->cinfo && pinfo->cinfo->col_first[COL_EXPERT] >= 0;
    return has_column || have_tap_listener(expert_tap);
}

/* True for what only the end of the file makes certain. */
static bool
needs_whole(enum um_finding_name name)
{
    return name == UM_FINDING_CALL_OPEN_AT_END || name == UM_FINDING_REQUEST_UNANSWERED ||
           name == UM_FINDING_CALL_NOT_CONNECTED;
}

static bool
is_shown_at(const struct um_finding *finding, const struct umws_message *message,
            const struct umws_call_view *view)
{
    if (finding->exchange != SIZE_MAX &&
        (!view->exchange || finding->exchange != view->exchange->number - 1))
        return false;
    if (finding->frame_count == 0)
        return view->is_whole && view->next_frame == 0;
    for (size_t i = 0; i < finding->frame_count; i++) {
        if (finding->frames[i] == message->frame || finding->frames[i] == message->first.frame)
            return true;
    }
    return false;
}

static void
show(packet_info *pinfo, proto_item *item, const struct um_findings *findings,
     const struct umws_message *message, const struct umws_call_view *view)
{
    for (size_t i = 0; i < findings->count; i++) {
        const struct um_finding *finding = &findings->items[i];
        expert_field *ei = finding_ei[finding->name];
        if (!ei || (needs_whole(finding->name) && !view->is_whole) ||
            !is_shown_at(finding, message, view))
            continue;
        expert_add_info_format(pinfo, item, ei, "%s", umws_text_item(pinfo->pool, finding->text));
    }
}

/* The exchange belongs to no call, and on the first pass nobody has judged it yet. */
static void
show_exchange(packet_info *pinfo, proto_item *item, const struct umws_message *message,
              const struct umws_call_view *view)
{
    struct um_arena scratch = {0};
    struct um_findings findings = {.arena = &scratch};
    int err = um_findings_exchange_make(view->exchange, umws_calls_thresholds(),
                                        um_findings_exchange_refusal(view->exchange), &findings);
    if (err == UM_OK) {
        for (size_t i = 0; i < findings.count; i++)
            findings.items[i].exchange = SIZE_MAX;
        show(pinfo, item, &findings, message, view);
    }
    um_arena_done(&scratch);
}

void
umws_expert_show(packet_info *pinfo, proto_item *item, const struct umws_message *message,
                 const struct umws_call_view *view)
{
    if (view->call)
        show(pinfo, item, &view->call->findings, message, view);
    else if (view->exchange && view->number == 0)
        show_exchange(pinfo, item, message, view);
}
