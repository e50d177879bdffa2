/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values out of jansson's tree; an integer below 0 is no count. */
#include "offline/line.h"

#include <jansson.h>
#include <stdio.h>

#include "offline/time_text.h"

int
um_line_parse(struct um_span text, struct um_line *out, char why[UM_LINE_WHY_MAX])
{
    json_error_t error = {.text = ""};
    json_t *root = json_loadb((const char *)text.data, text.len,
                              JSON_REJECT_DUPLICATES | JSON_ALLOW_NUL, &error);
    if (!root && json_error_code(&error) == json_error_out_of_memory)
        return UM_ERR_NOMEM;
    if (!root) {
        (void)snprintf(why, UM_LINE_WHY_MAX, "this is no JSON: %s", error.text);
        return UM_ERR_FORMAT;
    }
    *out = (struct um_line){.root = root};
    return UM_OK;
}

void
um_line_done(struct um_line *line)
{
    json_decref(line->root);
    line->root = NULL;
}

struct um_line_value
um_line_root(const struct um_line *line)
{
    return (struct um_line_value){.json = line->root};
}

static void
blame(struct um_line *line, const char *key)
{
    if (!line->wrong)
        line->wrong = key;
}

struct um_line_value
um_line_at(struct um_line *line, struct um_line_value object, const char *key)
{
    const json_t *value = json_object_get(object.json, key);
    if (!value)
        blame(line, key);
    return (struct um_line_value){.json = json_is_null(value) ? NULL : value};
}

size_t
um_line_length(struct um_line *line, struct um_line_value array, const char *key)
{
    if (!json_is_array(array.json))
        blame(line, key);
    return json_array_size(array.json);
}

struct um_line_value
um_line_element(struct um_line_value array, size_t index)
{
    const json_t *value = json_array_get(array.json, index);
    return (struct um_line_value){.json = json_is_null(value) ? NULL : value};
}

struct um_span
um_line_as_text(struct um_line *line, struct um_line_value value, const char *key)
{
    if (um_line_is_null(value))
        return um_span_of(NULL, 0);
    if (!json_is_string(value.json))
        blame(line, key);
    return um_span_of(json_string_value(value.json), json_string_length(value.json));
}

uint64_t
um_line_as_count(struct um_line *line, struct um_line_value value, const char *key)
{
    json_int_t number = json_integer_value(value.json);
    if (!json_is_integer(value.json) || number < 0) {
        blame(line, key);
        return 0;
    }
    return (uint64_t)number;
}

struct um_span
um_line_text(struct um_line *line, struct um_line_value object, const char *key)
{
    return um_line_as_text(line, um_line_at(line, object, key), key);
}

uint64_t
um_line_count(struct um_line *line, struct um_line_value object, const char *key)
{
    return um_line_as_count(line, um_line_at(line, object, key), key);
}

bool
um_line_flag(struct um_line *line, struct um_line_value object, const char *key)
{
    struct um_line_value value = um_line_at(line, object, key);
    if (!json_is_boolean(value.json))
        blame(line, key);
    return json_is_true(value.json);
}

int64_t
um_line_time(struct um_line *line, struct um_line_value object, const char *key)
{
    int64_t time_ns = 0;
    if (!um_time_text_parse(um_line_text(line, object, key), &time_ns))
        blame(line, key);
    return time_ns;
}

struct um_endpoint
um_line_endpoint(struct um_line *line, struct um_line_value object, const char *key)
{
    struct um_endpoint endpoint = {.address_len = 0};
    if (!um_endpoint_parse(um_line_text(line, object, key), &endpoint))
        blame(line, key);
    return endpoint;
}
