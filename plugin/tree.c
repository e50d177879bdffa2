/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Values of the message come with their place in the body; what is known from elsewhere (the
 * request, the call) is marked as generated. Every field is single-valued in a message but those of
 * a span, so that they serve as columns.
 */
#include "plugin/tree.h"

#include "core/base/err.h"
#include "plugin/text.h"

enum {
    SPANS_AT_EDGE = 16, /* shown at each end of a long timeline */
    SPANS_SHOWN_MAX = 2 * SPANS_AT_EDGE,
};

static int hf_umws_call_id = -1;
static int hf_umws_call_state = -1;
static int hf_umws_event_cause = -1;
static int hf_umws_dial_string = -1;
static int hf_umws_entry_id = -1;
static int hf_umws_item_id = -1;
static int hf_umws_greeting_type = -1;
static int hf_umws_status = -1;
static int hf_umws_folder_id = -1;
static int hf_umws_um_enabled = -1;
static int hf_umws_oof_status = -1;
static int hf_umws_missed_call_notification = -1;
static int hf_umws_access_numbers = -1;
static int hf_umws_access_folder_email = -1;
static int hf_umws_sip_code = -1;
static int hf_umws_sip_text = -1;
static int hf_umws_response_class = -1;
static int hf_umws_response_code = -1;
static int hf_umws_response_text = -1;
static int hf_umws_response_link_key = -1;
static int hf_umws_response_xml = -1;
static int hf_umws_fault_code = -1;
static int hf_umws_fault_text = -1;
static int hf_umws_fault_exception = -1;
static int hf_umws_fault_response_code = -1;
static int hf_umws_fault_message = -1;
static int hf_umws_service = -1;
static int hf_umws_operation = -1;
static int hf_umws_request = -1;
static int hf_umws_reply = -1;
static int hf_umws_call_id_guid = -1;
static int hf_umws_call_id_server = -1;
static int hf_umws_cut = -1;
static int hf_umws_request_in = -1;
static int hf_umws_response_in = -1;
static int hf_umws_time = -1;
static int hf_umws_legs = -1;
static int hf_umws_leg = -1;
static int hf_umws_http_status = -1;
static int hf_umws_begins_in = -1;
static int hf_umws_ends_in = -1;
static int hf_umws_call_call_id = -1;
static int hf_umws_call = -1;
static int hf_umws_call_number = -1;
static int hf_umws_call_outcome = -1;
static int hf_umws_call_cause = -1;
static int hf_umws_call_dial_string = -1;
static int hf_umws_call_first_in = -1;
static int hf_umws_call_previous_in = -1;
static int hf_umws_call_next_in = -1;
static int hf_umws_call_exchanges = -1;
static int hf_umws_call_polls = -1;
static int hf_umws_call_spans = -1;
static int hf_umws_call_spans_left_out = -1;
static int hf_umws_span = -1;
static int hf_umws_span_state = -1;
static int hf_umws_span_cause = -1;
static int hf_umws_span_implied = -1;
static int hf_umws_span_observations = -1;
static int hf_umws_span_min = -1;
static int hf_umws_span_max = -1;
static int hf_umws_span_began_after = -1;
static int hf_umws_span_began_by = -1;
static int hf_umws_span_ended_after = -1;
static int hf_umws_span_ended_by = -1;
static int hf_umws_span_first_in = -1;
static int hf_umws_span_last_in = -1;
static int protocol_umws = -1;
static gint ett_umws = -1;
static gint ett_call_id = -1;
static gint ett_call = -1;
static gint ett_span = -1;

static int *const field_hf[UM_FIELD_COUNT] = {
    [UM_FIELD_CALL_ID] = &hf_umws_call_id,
    [UM_FIELD_CALL_STATE] = &hf_umws_call_state,
    [UM_FIELD_EVENT_CAUSE] = &hf_umws_event_cause,
    [UM_FIELD_DIAL_STRING] = &hf_umws_dial_string,
    [UM_FIELD_ENTRY_ID] = &hf_umws_entry_id,
    [UM_FIELD_ITEM_ID] = &hf_umws_item_id,
    [UM_FIELD_GREETING_TYPE] = &hf_umws_greeting_type,
    [UM_FIELD_STATUS] = &hf_umws_status,
    [UM_FIELD_FOLDER_ID] = &hf_umws_folder_id,
    [UM_FIELD_UM_ENABLED] = &hf_umws_um_enabled,
    [UM_FIELD_OOF_STATUS] = &hf_umws_oof_status,
    [UM_FIELD_MISSED_CALL_NOTIFICATION] = &hf_umws_missed_call_notification,
    [UM_FIELD_ACCESS_NUMBERS] = &hf_umws_access_numbers,
    [UM_FIELD_ACCESS_FOLDER_EMAIL] = &hf_umws_access_folder_email,
    [UM_FIELD_SIP_CODE] = &hf_umws_sip_code,
    [UM_FIELD_SIP_TEXT] = &hf_umws_sip_text,
    [UM_FIELD_RESPONSE_CLASS] = &hf_umws_response_class,
    [UM_FIELD_RESPONSE_CODE] = &hf_umws_response_code,
    [UM_FIELD_MESSAGE_TEXT] = &hf_umws_response_text,
    [UM_FIELD_LINK_KEY] = &hf_umws_response_link_key,
    [UM_FIELD_MESSAGE_XML] = &hf_umws_response_xml,
    [UM_FIELD_FAULT_CODE] = &hf_umws_fault_code,
    [UM_FIELD_FAULT_TEXT] = &hf_umws_fault_text,
    [UM_FIELD_FAULT_EXCEPTION] = &hf_umws_fault_exception,
    [UM_FIELD_FAULT_RESPONSE_CODE] = &hf_umws_fault_response_code,
    [UM_FIELD_FAULT_MESSAGE] = &hf_umws_fault_message,
};

// clang-format off
static hf_register_info fields[] = {
    { &hf_umws_call_id, { "CallId", "umws.call_id", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_state, { "CallState", "umws.call_state", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_event_cause, { "EventCause", "umws.event_cause", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_dial_string, { "DialString", "umws.dial_string", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_entry_id, { "entryId", "umws.entry_id", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_item_id, { "ItemId", "umws.item_id", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_greeting_type, { "GreetingType", "umws.greeting_type", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_status, { "status", "umws.status", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_folder_id, { "base64FolderId", "umws.folder_id", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_um_enabled, { "IsUMEnabled", "umws.um_enabled", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_oof_status, { "OofStatus", "umws.oof_status", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_missed_call_notification, { "MissedCallNotificationEnabled", "umws.missed_call_notification", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_access_numbers, { "TelephoneAccessNumbers", "umws.access_numbers", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_access_folder_email, { "TelephoneAccessFolderEmail", "umws.access_folder_email", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_sip_code, { "SIPResponseCode", "umws.sip.code", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_sip_text, { "SIPResponseText", "umws.sip.text", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_response_class, { "ResponseClass", "umws.response.class", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_response_code, { "ResponseCode", "umws.response.code", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_response_text, { "MessageText", "umws.response.text", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_response_link_key, { "DescriptiveLinkKey", "umws.response.link_key", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_response_xml, { "MessageXml", "umws.response.xml", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_fault_code, { "Fault code", "umws.fault.code", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_fault_text, { "Fault text", "umws.fault.text", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_fault_exception, { "Exception", "umws.fault.exception", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_fault_response_code, { "Fault ResponseCode", "umws.fault.response_code", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_fault_message, { "Fault message", "umws.fault.message", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_service, { "Service", "umws.service", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_operation, { "Operation", "umws.operation", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_request, { "Request", "umws.request", FT_BOOLEAN, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_reply, { "Reply", "umws.reply", FT_BOOLEAN, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_id_guid, { "GUID", "umws.call_id.guid", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_id_server, { "UM server", "umws.call_id.server", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_cut, { "Cut short", "umws.cut", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_request_in, { "Request in", "umws.request_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_REQUEST), 0x0, NULL, HFILL } },
    { &hf_umws_response_in, { "Response in", "umws.response_in", FT_FRAMENUM, BASE_NONE, FRAMENUM_TYPE(FT_FRAMENUM_RESPONSE), 0x0, NULL, HFILL } },
    { &hf_umws_time, { "Response time", "umws.time", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_legs, { "Authentication legs", "umws.authentication_legs", FT_UINT32, BASE_DEC, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_leg, { "Authentication leg", "umws.authentication_leg", FT_BOOLEAN, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_http_status, { "Answered with HTTP status", "umws.http_status", FT_UINT32, BASE_DEC, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_begins_in, { "Begins in", "umws.begins_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_ends_in, { "Ends in", "umws.ends_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_call_id, { "CallId of the call", "umws.call.call_id", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call, { "Call", "umws.call", FT_NONE, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_number, { "Number", "umws.call.number", FT_UINT32, BASE_DEC, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_outcome, { "Outcome", "umws.call.outcome", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_cause, { "Cause", "umws.call.cause", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_dial_string, { "Number dialled", "umws.call.dial_string", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_first_in, { "First message in", "umws.call.first_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_previous_in, { "Previous message in", "umws.call.previous_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_next_in, { "Next message in", "umws.call.next_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_exchanges, { "Exchanges", "umws.call.exchanges", FT_UINT32, BASE_DEC, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_polls, { "Polls", "umws.call.polls", FT_UINT32, BASE_DEC, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_spans, { "Spans", "umws.call.spans", FT_UINT32, BASE_DEC, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_call_spans_left_out, { "Spans left out", "umws.call.spans_left_out", FT_UINT32, BASE_DEC, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_span, { "Span", "umws.span", FT_NONE, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_span_state, { "State", "umws.span.state", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_span_cause, { "Cause", "umws.span.cause", FT_STRING, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_span_implied, { "Implied by PlayOnPhone", "umws.span.implied", FT_BOOLEAN, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_span_observations, { "Observations", "umws.span.observations", FT_UINT32, BASE_DEC, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_span_min, { "Lasted at least", "umws.span.min", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_span_max, { "Lasted at most", "umws.span.max", FT_RELATIVE_TIME, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_span_began_after, { "Began after", "umws.span.began_after", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_span_began_by, { "Began not later than", "umws.span.began_by", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_span_ended_after, { "Ended after", "umws.span.ended_after", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_span_ended_by, { "Ended not later than", "umws.span.ended_by", FT_ABSOLUTE_TIME, ABSOLUTE_TIME_UTC, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_span_first_in, { "First seen in", "umws.span.first_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0, NULL, HFILL } },
    { &hf_umws_span_last_in, { "Last seen in", "umws.span.last_in", FT_FRAMENUM, BASE_NONE, NULL, 0x0, NULL, HFILL } },
};
// clang-format on

void
umws_tree_register(int protocol)
{
    static gint *ett[] = {&ett_umws, &ett_call_id, &ett_call, &ett_span};
    protocol_umws = protocol;
    proto_register_field_array(protocol, fields, array_length(fields));
    proto_register_subtree_array(ett, array_length(ett));
}

struct place {
    tvbuff_t *tvb;
    packet_info *pinfo;
};

/* ---- generated items ---- */

static proto_item *
add_text(const struct place *at, proto_tree *tree, int hf, struct um_span text)
{
    return proto_tree_add_string(tree, hf, at->tvb, 0, 0, umws_text_safe(at->pinfo->pool, text));
}

static void
add_generated_text(const struct place *at, proto_tree *tree, int hf, struct um_span text)
{
    if (text.len > 0)
        proto_item_set_generated(add_text(at, tree, hf, text));
}

static void
add_generated_uint(const struct place *at, proto_tree *tree, int hf, uint64_t value)
{
    proto_item_set_generated(proto_tree_add_uint(tree, hf, at->tvb, 0, 0, (uint32_t)value));
}

static void
add_frame(const struct place *at, proto_tree *tree, int hf, uint64_t frame)
{
    if (frame != 0)
        add_generated_uint(at, tree, hf, frame);
}

static void
add_time(const struct place *at, proto_tree *tree, int hf, int64_t ns)
{
    nstime_t time = um_nstime_of(ns);
    proto_item_set_generated(proto_tree_add_time(tree, hf, at->tvb, 0, 0, &time));
}

static void
add_flag(const struct place *at, proto_tree *tree, int hf)
{
    proto_item *item = proto_tree_add_boolean(tree, hf, at->tvb, 0, 0, TRUE);
    proto_item_set_generated(item);
    proto_item_set_hidden(item);
}

/* ---- what the message says ---- */

static void
add_call_id_parts(const struct place *at, proto_item *item, struct um_span text)
{
    struct um_arena scratch = {0};
    struct um_call_id id;
    if (um_call_id_parse(text, &scratch, &id) == UM_OK && id.guid[0] != '\0') {
        proto_tree *tree = proto_item_add_subtree(item, ett_call_id);
        add_generated_text(at, tree, hf_umws_call_id_guid, um_span_text(id.guid));
        add_generated_text(at, tree, hf_umws_call_id_server, id.server);
    }
    um_arena_done(&scratch);
}

static void
add_meaning(proto_item *item, enum um_field_id id, struct um_span text)
{
    if (id == UM_FIELD_CALL_STATE)
        proto_item_append_text(item, " (%s)", um_state_meaning(um_state_of(text)));
    else if (id == UM_FIELD_EVENT_CAUSE)
        proto_item_append_text(item, " (%s)", um_cause_meaning(um_cause_of(text)));
}

static void
add_field(const struct place *at, proto_tree *tree, const struct umws_message *message,
          enum um_field_id id)
{
    const struct um_field *field = &message->content->fields[id];
    struct um_span text = um_span_trim(field->text);
    bool is_placed = field->length > 0 && field->offset <= message->body_bytes &&
                     field->length <= message->body_bytes - field->offset;
    int start = is_placed ? (int)field->offset : 0, length = is_placed ? (int)field->length : 0;
    const char *shown = umws_text_safe(at->pinfo->pool, text);
    if (field->state == UM_FIELD_CUT) {
        proto_tree_add_string_format(tree, hf_umws_cut, at->tvb, start, length, shown,
                                     "%s, cut short: %s", um_field_name(id), shown);
        return;
    }
    proto_item *item = proto_tree_add_string(tree, *field_hf[id], at->tvb, start, length, shown);
    add_meaning(item, id, text);
    if (id == UM_FIELD_CALL_ID)
        add_call_id_parts(at, item, text);
}

static void
add_fields(const struct place *at, proto_tree *tree, const struct umws_message *message)
{
    for (unsigned id = 0; id < UM_FIELD_COUNT; id++) {
        if (message->content->fields[id].state != UM_FIELD_ABSENT)
            add_field(at, tree, message, (enum um_field_id)id);
    }
}

static void
add_operation(const struct place *at, proto_tree *tree, const struct umws_message *message)
{
    const struct um_message *content = message->content;
    const char *name = um_operation_name(message->exchange->operation);
    bool is_placed = content->name_length > 0 && content->name_offset <= message->body_bytes &&
                     content->name_length <= message->body_bytes - content->name_offset;
    proto_item *item = proto_tree_add_string(tree, hf_umws_service, at->tvb, 0, 0,
                                             um_service_name(message->exchange->service));
    proto_item_set_generated(item);
    item = proto_tree_add_string(tree, hf_umws_operation, at->tvb,
                                 is_placed ? (int)content->name_offset : 0,
                                 is_placed ? (int)content->name_length : 0, name);
    if (content->kind == UM_MESSAGE_FAULT)
        proto_item_set_generated(item); /* its request's: a fault names none */
    add_flag(at, tree, message->is_reply ? hf_umws_reply : hf_umws_request);
}

/* ---- its partner ---- */

/* The CallId that the message itself does not have: one filter then shows both directions. */
static void
add_partners_call_id(const struct place *at, proto_tree *tree, const struct umws_message *message,
                     const struct umws_call_view *view)
{
    const struct umws_exchange *exchange = message->exchange;
    const struct umws_message *partner = message->is_reply ? exchange->request : exchange->reply;
    struct um_span text = um_span_of(NULL, 0);
    if (um_message_has(message->content, UM_FIELD_CALL_ID))
        return;
    if (view->exchange)
        text = view->exchange->call_id;
    else if (partner && (message->is_reply || view->is_whole))
        text = um_message_text(partner->content, UM_FIELD_CALL_ID);
    if (text.len == 0)
        return;
    proto_item *item = add_text(at, tree, hf_umws_call_id, text);
    proto_item_set_generated(item);
    add_call_id_parts(at, item, text);
}

static void
add_partner(const struct place *at, proto_tree *tree, const struct umws_message *message,
            const struct umws_call_view *view)
{
    const struct umws_exchange *exchange = message->exchange;
    add_partners_call_id(at, tree, message, view);
    if (message->is_reply)
        add_frame(at, tree, hf_umws_request_in, exchange->request_frame);
    if (!message->is_reply)
        add_frame(at, tree, hf_umws_response_in, exchange->reply_frame);
    bool tells_time = message->is_reply || !exchange->reply; /* of a pair, one does */
    if (tells_time && exchange->request_frame != 0 && exchange->reply_frame != 0)
        add_time(at, tree, hf_umws_time,
                 um_mark_elapsed_ns(exchange->request_last.time_ns, exchange->reply_first.time_ns));
    if (!message->is_reply && exchange->is_answered && !exchange->reply &&
        exchange->http_status > 0)
        add_generated_uint(at, tree, hf_umws_http_status, exchange->http_status);
    if (view->exchange && view->exchange->authentication_legs > 0)
        add_generated_uint(at, tree, hf_umws_legs, view->exchange->authentication_legs);
    if (view->is_leg)
        proto_item_set_generated(proto_tree_add_boolean(tree, hf_umws_leg, at->tvb, 0, 0, TRUE));
}

/* Where a message came in several packets it is shown in the last of them, or the one behind. */
static void
add_packets(const struct place *at, proto_tree *tree, const struct umws_message *message)
{
    if (message->first.frame != message->frame)
        add_frame(at, tree, hf_umws_begins_in, message->first.frame);
    if (message->last.frame != message->frame)
        add_frame(at, tree, hf_umws_ends_in, message->last.frame);
}

/* ---- its call ---- */

static void
add_span_bounds(const struct place *at, proto_tree *tree, const struct um_span_of_state *span)
{
    add_time(at, tree, hf_umws_span_min, span->min_ns);
    if (span->has_max)
        add_time(at, tree, hf_umws_span_max, span->max_ns);
    if (span->has_began_after)
        add_time(at, tree, hf_umws_span_began_after, span->began_after_ns);
    add_time(at, tree, hf_umws_span_began_by, span->began_by_ns);
    add_time(at, tree, hf_umws_span_ended_after, span->ended_after_ns);
    if (span->has_ended_by)
        add_time(at, tree, hf_umws_span_ended_by, span->ended_by_ns);
    add_frame(at, tree, hf_umws_span_first_in, span->first_frame);
    add_frame(at, tree, hf_umws_span_last_in, span->last_frame);
}

static void
add_span(const struct place *at, proto_tree *parent, size_t number,
         const struct um_span_of_state *span)
{
    wmem_allocator_t *pool = at->pinfo->pool;
    proto_item *item = proto_tree_add_none_format(
        parent, hf_umws_span, at->tvb, 0, 0, "Span %zu: %s%s%s%s%s", number,
        umws_text_safe(pool, span->state_text), span->cause_text.len > 0 ? " " : "",
        umws_text_safe(pool, span->cause_text), span->implied ? " (implied)" : "",
        umws_text_span_lasted(pool, span));
    proto_item_set_generated(item);
    proto_tree *tree = proto_item_add_subtree(item, ett_span);
    add_generated_text(at, tree, hf_umws_span_state, span->state_text);
    add_generated_text(at, tree, hf_umws_span_cause, span->cause_text);
    if (span->implied)
        proto_item_set_generated(
            proto_tree_add_boolean(tree, hf_umws_span_implied, at->tvb, 0, 0, TRUE));
    add_generated_uint(at, tree, hf_umws_span_observations, span->last - span->first + 1);
    add_span_bounds(at, tree, span);
}

static void
add_timeline(const struct place *at, proto_tree *tree, const struct um_timeline *timeline)
{
    size_t count = timeline->span_count;
    size_t left_out = count > SPANS_SHOWN_MAX ? count - SPANS_SHOWN_MAX : 0;
    add_generated_uint(at, tree, hf_umws_call_spans, count);
    for (size_t i = 0; i < count; i++) {
        if (left_out > 0 && i == SPANS_AT_EDGE) {
            add_generated_uint(at, tree, hf_umws_call_spans_left_out, left_out);
            i += left_out;
        }
        add_span(at, tree, i + 1, &timeline->spans[i]);
    }
}

/* How it ended, and what is known of it from the request that placed it. */
static void
add_outcome(const struct place *at, proto_tree *tree, const struct umws_call_view *view)
{
    const struct um_call *call = view->call;
    add_generated_text(at, tree, hf_umws_call_outcome,
                       um_span_text(um_outcome_text(call->outcome)));
    if (call->cause_text.len > 0)
        add_generated_text(at, tree, hf_umws_call_cause, call->cause_text);
    struct um_span dialled = call->origin == SIZE_MAX
                                 ? um_span_of(NULL, 0)
                                 : um_calls_exchange(view->store, call->origin)->dial_string;
    if (dialled.len > 0)
        add_generated_text(at, tree, hf_umws_call_dial_string, dialled);
}

static void
add_call(const struct place *at, proto_tree *parent, const struct umws_call_view *view)
{
    const struct um_call *call = view->call;
    if (view->number == 0)
        return;
    proto_item *item = proto_tree_add_none_format(
        parent, hf_umws_call, at->tvb, 0, 0, "Call %u%s%s%s%s%s", view->number, call ? ", " : "",
        call ? um_outcome_text(call->outcome) : "", call && call->cause_text.len > 0 ? ", " : "",
        call ? umws_text_safe(at->pinfo->pool, call->cause_text) : "",
        view->is_whole      ? ""
        : view->is_left_out ? " (too many exchanges to tell the story so far)"
                            : " so far");
    proto_item_set_generated(item);
    proto_tree *tree = proto_item_add_subtree(item, ett_call);
    add_generated_uint(at, tree, hf_umws_call_number, view->number);
    if (call)
        add_outcome(at, tree, view);
    add_frame(at, tree, hf_umws_call_first_in, view->first_frame);
    add_frame(at, tree, hf_umws_call_previous_in, view->previous_frame);
    add_frame(at, tree, hf_umws_call_next_in, view->next_frame);
    if (!call)
        return;
    add_generated_text(at, tree, hf_umws_call_call_id, call->call_id);
    add_generated_uint(at, tree, hf_umws_call_exchanges, call->exchanges);
    add_generated_uint(at, tree, hf_umws_call_polls, call->polls);
    add_timeline(at, tree, &call->timeline);
}

proto_item *
umws_tree_add(tvbuff_t *tvb, packet_info *pinfo, proto_tree *parent,
              const struct umws_message *message, const struct umws_call_view *view)
{
    struct place at = {.tvb = tvb, .pinfo = pinfo};
    if (!parent)
        return NULL;
    proto_item *item = proto_tree_add_protocol_format(parent, protocol_umws, tvb, 0, -1,
                                                      "Exchange UM Web Service, %s",
                                                      umws_text_summary(pinfo->pool, message));
    proto_tree *tree = proto_item_add_subtree(item, ett_umws);
    add_operation(&at, tree, message);
    add_fields(&at, tree, message);
    add_packets(&at, tree, message);
    add_partner(&at, tree, message, view);
    add_call(&at, tree, view);
    return item;
}
