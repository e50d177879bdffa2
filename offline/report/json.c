/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A stack of open containers; jansson's trees hold those that are not streamed. */
#include "offline/report/json.h"

#include <assert.h>
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

/* Begins the next value of a streamed container, or of the top. */
static void
begin_value(struct um_json *json, const char *key)
{
    struct um_json_level *parent = json->depth > 0 ? &json->levels[json->depth - 1] : NULL;
    if (parent && parent->filled)
        um_out_text(json->out, ",\n");
    else if (parent && parent->end == ']')
        um_out_text(json->out, "\n");
    if (parent)
        parent->filled = true;
    put_key(json, key);
}

static void
end_value(struct um_json *json)
{
    if (json->depth == 0)
        um_out_text(json->out, "\n");
}

static void
write_tree(struct um_json *json, const char *key, json_t *value)
{
    begin_value(json, key);
    if (json_dump_callback(value, put_harmless, json->out, DUMP_FLAGS) != 0 && !json->out->err)
        json->err = UM_ERR_NOMEM;
    json_decref(value);
    end_value(json);
}

/* Gives a whole value to the container that is open; takes the reference. */
static void
place(struct um_json *json, const char *key, json_t *value)
{
    if (!value)
        json->err = UM_ERR_NOMEM;
    if (json->err || json->out->err) {
        json_decref(value);
        return;
    }
    json_t *parent = json->depth > 0 ? json->levels[json->depth - 1].tree : NULL;
    if (!parent)
        write_tree(json, key, value);
    else if (key ? json_object_set_new(parent, key, value) : json_array_append_new(parent, value))
        json->err = UM_ERR_NOMEM;
}

static void
push(struct um_json *json, struct um_json_level level)
{
    assert(json->depth < UM_JSON_DEPTH_MAX);
    json->levels[json->depth++] = level;
}

static void
open_streamed(struct um_json *json, const char *key, const char *ends)
{
    assert(json->depth == 0 || !json->levels[json->depth - 1].tree);
    begin_value(json, key);
    um_out_put(json->out, um_span_of(ends, 1));
    push(json, (struct um_json_level){.end = ends[1]});
}

static void
open_kept(struct um_json *json, const char *key, json_t *tree)
{
    if (!tree)
        json->err = UM_ERR_NOMEM;
    push(json, (struct um_json_level){.tree = tree, .key = key});
}

void
um_json_stream_object(struct um_json *json, const char *key)
{
    open_streamed(json, key, "{}");
}

void
um_json_stream_array(struct um_json *json, const char *key)
{
    open_streamed(json, key, "[]");
}

void
um_json_object(struct um_json *json, const char *key)
{
    open_kept(json, key, json_object());
}

void
um_json_array(struct um_json *json, const char *key)
{
    open_kept(json, key, json_array());
}

void
um_json_close(struct um_json *json)
{
    assert(json->depth > 0);
    struct um_json_level level = json->levels[--json->depth];
    if (level.end == '\0') {
        place(json, level.key, level.tree);
        return;
    }
    if (level.filled && level.end == ']')
        um_out_text(json->out, "\n");
    um_out_put(json->out, um_span_of(&level.end, 1));
    end_value(json);
}

void
um_json_null(struct um_json *json, const char *key)
{
    place(json, key, json_null());
}

void
um_json_flag(struct um_json *json, const char *key, bool value)
{
    place(json, key, json_boolean(value));
}

void
um_json_count(struct um_json *json, const char *key, uint64_t value)
{
    place(json, key, json_integer(value > INT64_MAX ? INT64_MAX : (json_int_t)value));
}

void
um_json_text(struct um_json *json, const char *key, struct um_span text)
{
    struct um_buf clean = {0};
    if (!text.data) {
        um_json_null(json, key);
        return;
    }
    if (um_utf8_clean(&clean, text))
        json->err = UM_ERR_NOMEM;
    else
        place(json, key, json_stringn(clean.len ? (const char *)clean.data : "", clean.len));
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
    place(json, key, json_real((double)ns / 1e9));
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
    while (json->depth > 0)
        json_decref(json->levels[--json->depth].tree);
    return json->err;
}
