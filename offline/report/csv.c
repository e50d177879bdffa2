/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a spreadsheet takes for a formula: a field that begins with = + - @, also in full width. */
#include "offline/report/csv.h"

#include <inttypes.h>

#include "core/base/err.h"
#include "offline/report/instant.h"
#include "offline/report/safe_text.h"
#include "offline/report/utf8.h"

static void
begin_field(struct um_csv *csv)
{
    if (csv->begun)
        um_out_text(csv->out, ",");
    csv->begun = true;
}

/* Writes a field; inside quotes a quote stands twice. */
static void
put_quoted(struct um_csv *csv, struct um_span text)
{
    um_out_text(csv->out, "\"");
    while (text.len > 0) {
        size_t plain = um_span_find(text, '"');
        um_out_put(csv->out, um_span_first(text, plain));
        if (plain < text.len)
            um_out_text(csv->out, "\"\"");
        text = um_span_from(text, plain + 1);
    }
    um_out_text(csv->out, "\"");
}

/* True for what a reader could take apart: separators of any country, quotes, spaces at the ends.
 */
static bool
wants_quotes(struct um_span text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] == ',' || text.data[i] == ';' || text.data[i] == '"')
            return true;
    }
    return text.len > 0 && (text.data[0] == ' ' || text.data[text.len - 1] == ' ');
}

/* Of any width; a line's end and a tab are escaped. */
static bool
is_space(uint32_t c)
{
    return c == ' ' || c == 0xA0 || (c >= 0x2000 && c <= 0x200A) || c == 0x202F || c == 0x3000;
}

/* True when a spreadsheet may take the text for a formula. An apostrophe counts too, so that taking
 * one away gives the text back. */
static bool
is_formula(struct um_span text)
{
    uint32_t first = ' ';
    while (text.len > 0 && is_space(first))
        first = um_utf8_next(&text);
    switch (first) {
    case '=':
    case '+':
    case '-':
    case '@':
    case '\'':
    case 0xFF1D: /* the same in full width */
    case 0xFF0B:
    case 0xFF0D:
    case 0xFF20:
        return true;
    default:
        return false;
    }
}

void
um_csv_text(struct um_csv *csv, struct um_span text)
{
    um_buf_clear(&csv->field);
    begin_field(csv);
    if (csv->err)
        return;
    if (is_formula(text))
        csv->err = um_buf_append(&csv->field, um_span_of("'", 1));
    if (!csv->err)
        csv->err = um_safe_text_append(&csv->field, text, true);
    struct um_span safe = um_buf_span(&csv->field);
    if (csv->err)
        return;
    if (wants_quotes(safe))
        put_quoted(csv, safe);
    else
        um_out_put(csv->out, safe);
}

void
um_csv_word(struct um_csv *csv, const char *word)
{
    begin_field(csv);
    um_out_text(csv->out, word);
}

void
um_csv_nothing(struct um_csv *csv)
{
    begin_field(csv);
}

void
um_csv_count(struct um_csv *csv, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, value);
    um_csv_word(csv, text);
}

void
um_csv_seconds(struct um_csv *csv, int64_t ns)
{
    char text[UM_INSTANT_TEXT_MAX];
    um_csv_word(csv, um_instant_seconds(ns, 9, UM_ROUND_DOWN, text));
}

void
um_csv_time(struct um_csv *csv, int64_t time_ns)
{
    char text[UM_INSTANT_TEXT_MAX];
    um_csv_word(csv, um_instant_iso(time_ns, text));
}

void
um_csv_endpoint(struct um_csv *csv, const struct um_endpoint *endpoint)
{
    char text[UM_ENDPOINT_TEXT_MAX];
    um_csv_word(csv, um_endpoint_text(endpoint, text));
}

void
um_csv_tls(struct um_csv *csv, const struct um_exchange_tls *tls)
{
    um_csv_word(csv, tls->version ? tls->version : "");
    um_csv_word(csv, tls->suite ? tls->suite : "");
    um_csv_text(csv, tls->server_name);
}

void
um_csv_findings(struct um_csv *csv, const struct um_findings *findings)
{
    bool told[UM_FINDING_COUNT] = {false};
    const char *space = "";
    begin_field(csv);
    for (size_t i = 0; i < findings->count; i++) {
        enum um_finding_name name = findings->items[i].name;
        if (told[name])
            continue;
        told[name] = true;
        um_out_text(csv->out, space);
        um_out_text(csv->out, um_finding_text(name));
        space = " ";
    }
}

void
um_csv_row(struct um_csv *csv)
{
    um_out_text(csv->out, "\r\n");
    csv->begun = false;
}

void
um_csv_head(struct um_csv *csv, const char *const *names)
{
    for (size_t i = 0; names[i]; i++)
        um_csv_word(csv, names[i]);
    um_csv_row(csv);
}

int
um_csv_end(struct um_csv *csv)
{
    um_buf_done(&csv->field);
    return csv->err;
}
