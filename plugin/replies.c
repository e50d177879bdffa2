/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/replies.h"

#include "plugin/carrier.h"

/* What the packet at hand adds to the server's bytes. */
struct step {
    uint32_t bytes; /* that were not seen before, behind all others */
    bool closes;    /* has a FIN */
};

/*
 * TCP's own notes tell how far the bytes go and whether a FIN was seen of either side. A FIN counts
 * as a byte.
 */
static struct step
step_of(const struct umws_replies *replies, conversation_t *conversation)
{
    uint32_t advance = umws_carrier_sent(conversation) - replies->next_seq;
    if (advance > UINT32_MAX / 2)
        advance = 0; /* an older packet */
    bool closes =
        umws_carrier_has_fin(conversation) && advance > 0 && (!replies->had_fin || advance == 1);
    return (struct step){.bytes = advance - (closes ? 1 : 0), .closes = closes};
}

void
umws_replies_expect(struct umws_replies *replies, conversation_t *conversation)
{
    replies->next_seq = umws_carrier_received(conversation);
    replies->had_fin = umws_carrier_has_fin(conversation);
    replies->is_unread = false;
}

/* TLS sends more than replies: there, a reply begins with the first record of data. */
static void
see_start(struct umws_replies *replies, packet_info *pinfo, conversation_t *conversation,
          struct um_mark now, uint32_t bytes)
{
    if (!umws_carrier_has_tls(pinfo)) {
        if (bytes > 0)
            replies->start = now;
    } else if (umws_carrier_has_tls_data(pinfo)) {
        replies->start =
            umws_marks_of(&replies->seen, umws_carrier_first_frame(pinfo, conversation), now);
    }
}

uint32_t
umws_replies_see(struct umws_replies *replies, packet_info *pinfo, conversation_t *conversation,
                 bool is_from_server)
{
    struct step step = {0};
    if (is_from_server) {
        struct um_mark now = umws_carrier_mark(pinfo);
        step = step_of(replies, conversation);
        umws_marks_note(&replies->seen, now);
        replies->next_seq += step.bytes + (step.closes ? 1 : 0);
        replies->is_closed = replies->is_closed || step.closes;
        if (step.bytes > 0)
            replies->last_bytes = now;
        if (step.bytes > 0)
            replies->is_unread = umws_carrier_is_unread(pinfo);
        if (replies->whole_in != pinfo->num && replies->start.frame == 0)
            see_start(replies, pinfo, conversation, now, step.bytes);
    }
    replies->had_fin = umws_carrier_has_fin(conversation);
    return step.bytes;
}

struct um_mark
umws_replies_first(const struct umws_replies *replies, packet_info *pinfo,
                   conversation_t *conversation)
{
    struct um_mark now = umws_carrier_mark(pinfo);
    if (replies->whole_in == pinfo->num)
        return now; /* another one became whole before it in this frame */
    uint32_t frame = umws_carrier_first_frame(pinfo, conversation);
    struct um_mark put_together = umws_marks_of(&replies->seen, frame, now);
    return um_mark_earlier(replies->start, put_together);
}

struct um_mark
umws_replies_last(const struct umws_replies *replies, packet_info *pinfo,
                  conversation_t *conversation)
{
    struct step step = step_of(replies, conversation);
    bool is_bare_fin = step.closes && step.bytes == 0;
    return is_bare_fin && replies->last_bytes.frame != 0 ? replies->last_bytes
                                                         : umws_carrier_mark(pinfo);
}

void
umws_replies_whole(struct umws_replies *replies, uint32_t frame)
{
    replies->start = (struct um_mark){0};
    replies->whole_in = frame;
}

void
umws_replies_forget_start(struct umws_replies *replies)
{
    replies->start = (struct um_mark){0};
}
