/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/text.h"

static const int64_t MILLISECOND_NS = 1000000;

/* Characters that turn the direction of writing, or break a line where nobody expects it. */
static bool
steers_display(gunichar c)
{
    return g_unichar_iscntrl(c) || (c >= 0x200e && c <= 0x200f) || (c >= 0x2028 && c <= 0x202e) ||
           (c >= 0x2066 && c <= 0x2069);
}

static bool
is_printable_ascii(struct um_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < 0x20 || text.data[i] > 0x7e)
            return false;
    }
    return true;
}

const char *
umws_text_safe(wmem_allocator_t *scope, struct um_span wire)
{
    if (is_printable_ascii(wire)) /* as nearly all are */
        return wmem_strndup(scope, wire.len > 0 ? (const char *)wire.data : "", wire.len);
    char *valid = g_utf8_make_valid((const char *)wire.data, (gssize)wire.len);
    wmem_strbuf_t *out = wmem_strbuf_new(scope, "");
    for (const char *at = valid; *at; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);
        wmem_strbuf_append_unichar(out, steers_display(c) ? 0xfffd : c);
    }
    g_free(valid);
    return wmem_strbuf_finalize(out);
}

const char *
umws_text_item(wmem_allocator_t *scope, const char *text)
{
    static const char mark[] = "\u2026";
    const char *safe = umws_text_safe(scope, um_span_text(text));
    size_t len = strlen(safe), most = ITEM_LABEL_LENGTH - sizeof mark;
    if (len < ITEM_LABEL_LENGTH)
        return safe;
    while (most > 0 && (safe[most] & 0xC0) == 0x80)
        most--;
    return wmem_strconcat(scope, wmem_strndup(scope, safe, most), mark, NULL);
}

/* Seconds with three decimals; `up` rounds away from zero. */
static const char *
seconds(wmem_allocator_t *scope, int64_t ns, bool up)
{
    int64_t ms = ns / MILLISECOND_NS + (up && ns % MILLISECOND_NS > 0 ? 1 : 0);
    bool is_negative = ms < 0;
    char digits[32];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    ms = is_negative ? -ms : ms;
    for (int i = 0; i < 4 || ms > 0; i++) { /* no printf: this is done for every message */
        if (i == 3)
            digits[--at] = '.';
        digits[--at] = (char)('0' + ms % 10);
        ms /= 10;
    }
    if (is_negative)
        digits[--at] = '-';
    return wmem_strdup(scope, digits + at);
}

const char *
umws_text_span_lasted(wmem_allocator_t *scope, const struct um_span_of_state *span)
{
    if (span->state == UM_STATE_DISCONNECTED && !span->has_ended_by)
        return ""; /* the call is over */
    const char *least = seconds(scope, span->min_ns, false);
    if (!span->has_max)
        return wmem_strconcat(scope, " at least ", least, " s", NULL);
    return wmem_strconcat(scope, " ", least, " to ", seconds(scope, span->max_ns, true), " s",
                          NULL);
}

static const char *
kind_of(const struct umws_message *message)
{
    if (!message->is_reply)
        return "request";
    return message->content->kind == UM_MESSAGE_FAULT ? "fault" : "reply";
}

const char *
umws_text_title(wmem_allocator_t *scope, const struct umws_message *message)
{
    return wmem_strconcat(scope, um_operation_name(message->exchange->operation), " ",
                          kind_of(message), NULL);
}

static void
append(wmem_strbuf_t *out, wmem_allocator_t *scope, const char *before, struct um_span text)
{
    if (text.len == 0)
        return;
    wmem_strbuf_append(out, before);
    wmem_strbuf_append(out, umws_text_safe(scope, text));
}

const char *
umws_text_summary(wmem_allocator_t *scope, const struct umws_message *message)
{
    const struct um_message *content = message->content;
    wmem_strbuf_t *out = wmem_strbuf_new(scope, umws_text_title(scope, message));
    append(out, scope, ", ", um_message_text(content, UM_FIELD_CALL_STATE));
    struct um_span cause = um_message_text(content, UM_FIELD_EVENT_CAUSE);
    if (um_cause_of(cause) != UM_CAUSE_NONE)
        append(out, scope, " ", cause);
    if (!message->is_reply)
        append(out, scope, " to ", um_message_text(content, UM_FIELD_DIAL_STRING));
    append(out, scope, ", ", um_message_fault_name(content));
    return wmem_strbuf_finalize(out);
}
