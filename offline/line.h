/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads one line of JSON and takes values out of it by key. The only reader with jansson (the
 * writer is report/json.c). What is missing or of another kind sticks: read every key, then ask
 * once what was wrong.
 */
#ifndef UM_OFFLINE_LINE_H
#define UM_OFFLINE_LINE_H

#include "core/base/endpoint.h"
#include "core/base/err.h"

struct json_t;

struct um_line {
    struct json_t *root;
    const char *wrong; /* first key that was missing or of another kind; NULL: none */
};

enum { UM_LINE_WHY_MAX = 192 };

/* Parses `text`. 0, UM_ERR_NOMEM, or UM_ERR_FORMAT with the reason in `why`. */
int um_line_parse(struct um_span text, struct um_line *out, char why[UM_LINE_WHY_MAX]);
void um_line_done(struct um_line *line);

/* A value of the line, valid as long as the line; NULL inside: there is none, or it is null. */
struct um_line_value {
    const struct json_t *json;
};

struct um_line_value um_line_root(const struct um_line *line);

/* The value of that key; a missing key is wrong, null is not. */
struct um_line_value um_line_at(struct um_line *line, struct um_line_value object, const char *key);

static inline bool
um_line_is_null(struct um_line_value value)
{
    return !value.json;
}

/* Elements of an array; what is none has 0 and is wrong. */
size_t um_line_length(struct um_line *line, struct um_line_value array, const char *key);
struct um_line_value um_line_element(struct um_line_value array, size_t index);

/* The value itself as text; data NULL when it is null; wrong when it is something else. */
struct um_span um_line_as_text(struct um_line *line, struct um_line_value value, const char *key);
uint64_t um_line_as_count(struct um_line *line, struct um_line_value value, const char *key);

/* The same of the key of an object. A count or flag must be there; a text may be null. */
struct um_span um_line_text(struct um_line *line, struct um_line_value object, const char *key);
uint64_t um_line_count(struct um_line *line, struct um_line_value object, const char *key);
bool um_line_flag(struct um_line *line, struct um_line_value object, const char *key);
int64_t um_line_time(struct um_line *line, struct um_line_value object, const char *key);
struct um_endpoint um_line_endpoint(struct um_line *line, struct um_line_value object,
                                    const char *key);

#endif
