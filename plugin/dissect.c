/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A body is read once, on the first pass, and filed; later passes show what was filed, without
 * parsing. Our handle stands in the table of media types in front of XML's: it calls the dissector
 * of the protocol, which may be switched off, and then whoever had the media type before, so that
 * the XML tree is always there. The handle itself belongs to no protocol and cannot be switched
 * off.
 */
#include "plugin/dissect.h"

#include <epan/exceptions.h>

#include "plugin/body.h"
#include "plugin/calls.h"
#include "plugin/column.h"
#include "plugin/expert.h"
#include "plugin/parts.h"
#include "plugin/segment.h"
#include "plugin/statistics.h"
#include "plugin/tree.h"

struct media_type {
    const char *name;
    dissector_t dissect; /* calls the protocol's dissector, then `before` */
    dissector_handle_t before;
};

static int proto_umws = -1;
static dissector_handle_t umws_handle;
static struct umws_body_reader reader;
static struct um_arena scratch; /* of one message */
static dissector_handle_t watch_handle;
static bool is_watching; /* every frame is looked at */

/* ---- one body ---- */

/* Empty when it is not told. */
static struct um_span
charset_of(const um_media_info *info)
{
    const char *parameters = info && info->media_str ? info->media_str : "";
    return um_http_parameter(um_span_text(parameters), um_span_text("charset"));
}

static const struct um_message *
read_body(tvbuff_t *tvb, const um_media_info *info)
{
    unsigned length = tvb_captured_length(tvb);
    const uint8_t *bytes = tvb_get_ptr(tvb, 0, (gint)length);
    return umws_body_read(&reader, um_span_of(bytes, length), charset_of(info));
}

static void
watch(void)
{
    if (!is_watching)
        register_postdissector(watch_handle); /* a file without messages of ours costs nothing */
    is_watching = true;
    umws_segment_stop_telling();
}

/* The message that the body is; NULL when it is none of ours. */
static struct umws_message *
find_message(tvbuff_t *tvb, packet_info *pinfo, const um_media_info *info)
{
    struct umws_place place = umws_match_place(pinfo);
    if (PINFO_FD_VISITED(pinfo))
        return umws_match_find(pinfo, place.body);
    const struct um_message *content = read_body(tvb, info);
    if (content->kind == UM_MESSAGE_NONE && content->flags == 0)
        return NULL;
    watch();
    return umws_match_add(pinfo, tvb, &place, content, place.info ? place.info : info);
}

/* Without a tree or somebody who listens the story is told in the column of replies only. */
static enum umws_wanted
wanted_of(packet_info *pinfo, proto_tree *tree, const struct umws_message *message)
{
    if (tree || umws_statistics_wanted() || umws_expert_wanted(pinfo))
        return UMWS_WANTED_FINDINGS;
    return message->is_reply ? UMWS_WANTED_STORY : UMWS_WANTED_NUMBER;
}

static void
show(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, const struct umws_message *message)
{
    bool is_first_pass = !PINFO_FD_VISITED(pinfo);
    struct umws_call_view view =
        umws_calls_view(message, is_first_pass, wanted_of(pinfo, tree, message), &scratch);
    proto_item *item = umws_tree_add(tvb, pinfo, tree, message, &view);
    umws_expert_show(pinfo, item, message, &view);
    umws_column_write(pinfo, message, &view);
    umws_statistics_queue(pinfo, message, &view);
    um_arena_reset(&scratch);
}

static int
dissect_umws(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    if (pinfo->flags.in_error_pkt || tvb_captured_length(tvb) == 0)
        return 0;
    const struct umws_message *message = find_message(tvb, pinfo, data);
    if (!message)
        return 0;
    show(tvb, pinfo, tree, message);
    return (int)tvb_captured_length(tvb);
}

/* A body whose head was lost has no partner: it is left to HTTP, which shows it as it is. */
static um_heur_result
dissect_heuristically(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    return umws_carrier_has_head(pinfo) && dissect_umws(tvb, pinfo, tree, data) > 0;
}

/* ---- media types ---- */

/* Ours, then the one that was there before; its word on the columns is not heard if ours spoke. */
static int
dissect_both(const struct media_type *type, tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree,
             void *data)
{
    int ours = call_dissector_only(umws_handle, tvb, pinfo, tree, data);
    if (!type->before)
        return ours;
    bool was_writable = col_get_writable(pinfo->cinfo, -1);
    if (ours > 0)
        col_set_writable(pinfo->cinfo, -1, FALSE);
    volatile int theirs = 0;
    TRY
    {
        theirs = call_dissector_only(type->before, tvb, pinfo, tree, data);
    }
    FINALLY
    {
        col_set_writable(pinfo->cinfo, -1, was_writable);
    }
    ENDTRY;
    return theirs > 0 ? theirs : ours;
}

static dissector_handle_t multipart_before;

/* The parts that are XML come to us one by one; they are of one message. */
static int
dissect_multipart(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)
{
    volatile int length = 0;
    if (!multipart_before)
        return 0;
    bool is_outermost = umws_match_enter_multipart(pinfo, data);
    TRY
    {
        length = call_dissector_only(multipart_before, tvb, pinfo, tree, data);
    }
    FINALLY
    {
        if (is_outermost)
            umws_match_leave_multipart(pinfo);
    }
    ENDTRY;
    return length;
}

#define MEDIA_TYPES(_)                                                                             \
    _(TEXT_XML, "text/xml")                                                                        \
    _(SOAP_XML, "application/soap+xml")                                                            \
    _(APPLICATION_XML, "application/xml")                                                          \
    _(XOP_XML, "application/xop+xml")

#define ENUMERATE(id, name) MEDIA_##id,
enum { MEDIA_TYPES(ENUMERATE) MEDIA_COUNT };

static struct media_type media_types[MEDIA_COUNT];

#define DEFINE_DISSECTOR(id, name)                                                                 \
    static int dissect_##id(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data)       \
    {                                                                                              \
        return dissect_both(&media_types[MEDIA_##id], tvb, pinfo, tree, data);                     \
    }
MEDIA_TYPES(DEFINE_DISSECTOR)

#define DESCRIBE(id, text) [MEDIA_##id] = {.name = (text), .dissect = dissect_##id},
static struct media_type media_types[MEDIA_COUNT] = {MEDIA_TYPES(DESCRIBE)};

/* Puts ours in front of the one that has the media type, which is given back; NULL: nobody has. */
static dissector_handle_t
hook(const char *media_type, dissector_t dissect, const char *description)
{
    dissector_table_t table = find_dissector_table("media_type");
    dissector_handle_t before = dissector_get_string_handle(table, media_type);
    dissector_add_string(
        "media_type", media_type,
        create_dissector_handle_with_name_and_description(dissect, -1, NULL, description));
    return before;
}

static void
hook_media_types(void)
{
    for (size_t i = 0; i < MEDIA_COUNT; i++) {
        struct media_type *type = &media_types[i];
        type->before = hook(type->name, type->dissect, "XML (UM web service aware)");
    }
    multipart_before =
        hook("multipart/related", dissect_multipart, "MIME multipart (UM web service aware)");
}

/* ---- registration ---- */

/* ---- every frame, once a message of ours was seen ---- */

/* Before the first message of ours is known, of a frame with a TCP segment. */
static void
see_segment(packet_info *pinfo, bool begins)
{
    struct umws_segment segment;
    uint32_t start;
    if (!umws_segment_of(pinfo, &segment))
        return;
    conversation_t *conversation = begins ? NULL : find_conversation_pinfo(pinfo, 0);
    if (begins ? umws_parts_may_begin(&segment)
               : conversation && umws_carrier_lacks_start(conversation, segment.seq, &start))
        watch();
}

/* The connection of a frame, if there is something to be noted of it. */
static struct umws_connection *
connection_of(packet_info *pinfo)
{
    struct umws_segment segment;
    uint32_t start;
    if (!umws_segment_of(pinfo, &segment) || umws_segment_is_bare(&segment))
        return NULL;
    conversation_t *conversation = find_conversation_pinfo(pinfo, 0);
    struct umws_connection *connection = umws_connection_find(conversation);
    if (!connection && conversation &&
        (umws_parts_may_begin(&segment) ||
         umws_carrier_lacks_start(conversation, segment.seq, &start)))
        connection = umws_connection_of(conversation);
    return connection;
}

static void
see_new_frame(packet_info *pinfo)
{
    struct umws_ports faked;
    umws_segment_own_ports(pinfo, &faked);
    struct umws_connection *connection = connection_of(pinfo);
    if (connection) {
        umws_parts_see(pinfo, connection, umws_match_handed_over(pinfo));
        umws_match_frame_seen(pinfo, connection);
    }
    umws_segment_put_back_ports(pinfo, &faked);
}

static int
see_frame(tvbuff_t *tvb, packet_info *pinfo, proto_tree *tree, void *data _U_)
{
    if (!PINFO_FD_VISITED(pinfo))
        see_new_frame(pinfo);
    else
        umws_parts_settle();
    const struct umws_message *part = umws_parts_in(pinfo->num);
    for (; part; part = part->next_part) {
        tvbuff_t *body =
            tvb_new_child_real_data(tvb, part->part, part->body_bytes, (gint)part->body_bytes);
        add_new_data_source(pinfo, body, "Incomplete HTTP body");
        show(body, pinfo, tree, part);
    }
    return 0;
}

static void
begin_file(void)
{
    umws_segment_forget();
    umws_exchanges_init();
    umws_parts_init();
    umws_calls_init();
}

static void
end_file(void)
{
    umws_calls_cleanup();
    umws_parts_cleanup();
    umws_exchanges_cleanup();
}

static void
shut_down(void)
{
    umws_parts_shut_down();
    umws_body_reader_done(&reader);
    um_arena_done(&scratch);
}

void
umws_dissect_register(void)
{
    proto_umws = proto_register_protocol("Exchange UM Web Service", "UMWS", "umws");
    umws_handle = register_dissector("umws", dissect_umws, proto_umws);
    umws_tree_register(proto_umws);
    umws_expert_register(proto_umws);
    umws_statistics_register(proto_umws);
    register_init_routine(begin_file);
    register_cleanup_routine(end_file);
    register_shutdown_routine(shut_down);
    watch_handle = create_dissector_handle(see_frame, proto_umws);
}

void
umws_dissect_handoff(void)
{
    umws_match_handoff(proto_umws);
    umws_segment_handoff(see_segment);
    hook_media_types();
    heur_dissector_add("http", dissect_heuristically, "UM web service without a media type",
                       "umws_http", proto_umws, HEURISTIC_ENABLE);
}
