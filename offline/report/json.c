/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stack of open containers, for the separators. */
#include "offline/report/json.h"

#include <assert.h>
#include <inttypes.h>
#include <jansson.h>

#include "core/base/err.h"
#include "offline/report/instant.h"
#include "offline/report/safe_text.h"
#include "offline/report/utf8.h"

/* 15 digits write every count of nanoseconds below 11 days exactly, and 0.24 as 0.24. */
static const size_t DUMP_FLAGS = JSON_ENCODE_ANY | JSON_REAL_PRECISION(15);

static void
put_escape(struct um_out *out, uint32_t code_point)
{
    char escape[16];
    if (code_point <= 0xFFFF)
        (void)snprintf(escape, sizeof escape, "\\u%04X", (unsigned)code_point);
    else
        (void)snprintf(escape, sizeof escape, "\\u%04X\\u%04X",
                       0xD800U + (unsigned)((code_point - 0x10000) >> 10),
                       0xDC00U + (unsigned)((code_point - 0x10000) & 0x3FF));
    um_out_text(out, escape);
}

/* What jansson writes is valid and never cut inside a character, but escapes only what JSON must.
 */
static int
put_harmless(const char *bytes, size_t len, void *ctx)
{
    struct um_out *out = ctx;
    struct um_span plain = um_span_of(bytes, len), rest = plain;
    while ((rest = um_span_from(rest, um_utf8_printable(rest))).len > 0) {
        const uint8_t *at = rest.data;
        uint32_t code_point = um_utf8_next(&rest);
        if (code_point != UM_UTF8_BAD && !um_safe_text_is_harmful(code_point))
            continue;
        um_out_put(out, um_span_of(plain.data, (size_t)(at - plain.data)));
        put_escape(out, code_point);
        plain = rest;
    }
    um_out_put(out, plain);
    return out->err;
}

static void
put_key(struct um_json *json, const char *key)
{
    if (key) {
        um_out_text(json->out, "\"");
        um_out_text(json->out, key);
        um_out_text(json->out, "\": ");
    }
}

/* Begins the next value of the open container, or of the top. False: there was an error before. */
static bool
begin_value(struct um_json *json, const char *key)
{
    struct um_json_level *parent = json->depth > 0 ? &json->levels[json->depth - 1] : NULL;
    if (json->err)
        return false;
    if (parent && parent->filled)
        um_out_text(json->out, parent->is_tight ? ", " : ",\n");
    else if (parent && parent->end == ']' && !parent->is_tight)
        um_out_text(json->out, "\n");
    if (parent)
        parent->filled = true;
    put_key(json, key);
    return true;
}

static void
end_value(struct um_json *json)
{
    if (json->depth == 0)
        um_out_text(json->out, "\n");
}

/* A value that is written as it stands. */
static void
place(struct um_json *json, const char *key, const char *value)
{
    if (begin_value(json, key)) {
        um_out_text(json->out, value);
        end_value(json);
    }
}

/* A value as jansson writes it; takes the reference. */
static void
place_by_library(struct um_json *json, const char *key, json_t *value)
{
    if (!value)
        json->err = UM_ERR_NOMEM;
    if (begin_value(json, key)) {
        if (json_dump_callback(value, put_harmless, json->out, DUMP_FLAGS) != 0 && !json->out->err)
            json->err = UM_ERR_NOMEM;
        end_value(json);
    }
    json_decref(value);
}

static void
open_container(struct um_json *json, const char *key, const char *ends, bool is_tight)
{
    assert(json->depth < UM_JSON_DEPTH_MAX);
    if (begin_value(json, key))
        um_out_put(json->out, um_span_of(ends, 1));
    json->levels[json->depth++] = (struct um_json_level){.end = ends[1], .is_tight = is_tight};
}

void
um_json_loose_object(struct um_json *json, const char *key)
{
    open_container(json, key, "{}", false);
}

void
um_json_loose_array(struct um_json *json, const char *key)
{
    open_container(json, key, "[]", false);
}

void
um_json_object(struct um_json *json, const char *key)
{
    open_container(json, key, "{}", true);
}

void
um_json_array(struct um_json *json, const char *key)
{
    open_container(json, key, "[]", true);
}

void
um_json_close(struct um_json *json)
{
    assert(json->depth > 0);
    struct um_json_level level = json->levels[--json->depth];
    if (json->err)
        return;
    if (level.filled && level.end == ']' && !level.is_tight)
        um_out_text(json->out, "\n");
    um_out_put(json->out, um_span_of(&level.end, 1));
    end_value(json);
}

void
um_json_null(struct um_json *json, const char *key)
{
    place(json, key, "null");
}

void
um_json_flag(struct um_json *json, const char *key, bool value)
{
    place(json, key, value ? "true" : "false");
}

void
um_json_count(struct um_json *json, const char *key, uint64_t value)
{
    char text[24];
    (void)snprintf(text, sizeof text, "%" PRIu64, value > INT64_MAX ? INT64_MAX : value);
    place(json, key, text);
}

/* Text that is written as it stands, as most is. */
static bool
is_plain(struct um_span text)
{
    return um_utf8_printable(text) == text.len && um_span_find(text, '"') == text.len &&
           um_span_find(text, '\\') == text.len;
}

static void
place_plain(struct um_json *json, const char *key, struct um_span text)
{
    if (begin_value(json, key)) {
        um_out_text(json->out, "\"");
        um_out_put(json->out, text);
        um_out_text(json->out, "\"");
        end_value(json);
    }
}

void
um_json_text(struct um_json *json, const char *key, struct um_span text)
{
    struct um_buf clean = {0};
    if (!text.data)
        um_json_null(json, key);
    else if (is_plain(text))
        place_plain(json, key, text);
    else if (um_utf8_clean(&clean, text))
        json->err = UM_ERR_NOMEM;
    else
        place_by_library(json, key, json_stringn((const char *)clean.data, clean.len));
    um_buf_done(&clean);
}

void
um_json_string(struct um_json *json, const char *key, const char *text)
{
    um_json_text(json, key, um_span_text(text));
}

void
um_json_seconds(struct um_json *json, const char *key, int64_t ns)
{
    place_by_library(json, key, json_real((double)ns / 1e9));
}

void
um_json_time(struct um_json *json, const char *key, int64_t time_ns)
{
    char text[UM_INSTANT_TEXT_MAX];
    um_json_string(json, key, um_instant_iso(time_ns, text));
}

void
um_json_endpoint(struct um_json *json, const char *key, const struct um_endpoint *endpoint)
{
    char text[UM_ENDPOINT_TEXT_MAX];
    um_json_string(json, key, um_endpoint_text(endpoint, text));
}

int
um_json_end(struct um_json *json)
{
    return json->err;
}
