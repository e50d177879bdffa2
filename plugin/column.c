/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "plugin/column.h"

#include "plugin/text.h"

enum { SPANS_TOLD = 2 }; /* the latest spans before the one that is on */

/* ", Connecting 3.900 to 6.100 s": how long the latest states before this one lasted. */
static void
add_spans(wmem_strbuf_t *out, wmem_allocator_t *pool, const struct um_timeline *timeline)
{
    size_t ended = timeline->span_count > 0 ? timeline->span_count - 1 : 0;
    for (size_t i = ended > SPANS_TOLD ? ended - SPANS_TOLD : 0; i < ended; i++) {
        const struct um_span_of_state *span = &timeline->spans[i];
        wmem_strbuf_append(out, ", ");
        wmem_strbuf_append(out, umws_text_safe(pool, span->state_text));
        wmem_strbuf_append(out, umws_text_span_lasted(pool, span));
    }
}

/* Without printf: this is done for every message. */
static void
add_number(wmem_strbuf_t *out, const char *before, uint64_t number)
{
    char digits[24];
    size_t at = sizeof digits - 1;
    digits[at] = '\0';
    do {
        digits[--at] = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    wmem_strbuf_append(out, before);
    wmem_strbuf_append(out, digits + at);
}

static const char *
info_of(wmem_allocator_t *pool, const struct umws_message *message,
        const struct umws_call_view *view)
{
    wmem_strbuf_t *out = wmem_strbuf_new(pool, umws_text_summary(pool, message));
    if (view->number == 0)
        return wmem_strbuf_finalize(out);
    add_number(out, ", call ", view->number);
    if (view->call && view->is_whole) {
        wmem_strbuf_append(out, " ");
        wmem_strbuf_append(out, um_outcome_text(view->call->outcome));
    }
    if (view->call && message->is_reply) {
        add_number(out, " (", view->call->polls);
        wmem_strbuf_append(out, view->call->polls == 1 ? " poll" : " polls");
        add_spans(out, pool, &view->call->timeline);
        wmem_strbuf_append(out, ")");
    }
    return wmem_strbuf_finalize(out);
}

void
umws_column_write(packet_info *pinfo, const struct umws_message *message,
                  const struct umws_call_view *view)
{
    col_set_str(pinfo->cinfo, COL_PROTOCOL, "UMWS");
    col_clear(pinfo->cinfo, COL_INFO); /* up to the fence behind the message before */
    col_append_sep_str(pinfo->cinfo, COL_INFO, "; ", info_of(pinfo->pool, message, view));
    col_set_fence(pinfo->cinfo, COL_INFO);
}
