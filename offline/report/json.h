/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes JSON value by value, each as soon as it is told. A container is written loose, its values
 * on lines of their own, or tight on one line, with all that is in it. What needs escaping is left
 * to jansson, here and in line.h only.
 *
 * Text may be any bytes: what is no UTF-8, and NUL, becomes U+FFFD. Characters that could do harm
 * on a terminal are written as \u escapes. Errors stick; um_json_end tells them.
 */
#ifndef UM_REPORT_JSON_H
#define UM_REPORT_JSON_H

#include "core/base/endpoint.h"
#include "offline/report/out.h"

enum { UM_JSON_DEPTH_MAX = 8 };

struct um_json_level {
    char end;      /* what closes it */
    bool is_tight; /* on one line */
    bool filled;   /* it holds something */
};

struct um_json {
    struct um_out *out;
    int err; /* 0 or UM_ERR_NOMEM; what `out` ran into is told there */
    size_t depth;
    struct um_json_level levels[UM_JSON_DEPTH_MAX];
};

/* A writer to `out`, by value; ended with um_json_end. */
static inline struct um_json
um_json_to(struct um_out *out)
{
    return (struct um_json){.out = out};
}

/* A writer that goes on in a loose array begun before; `filled` when that holds something. */
static inline struct um_json
um_json_within_array(struct um_out *out, bool filled)
{
    return (struct um_json){.out = out, .depth = 1, .levels = {{.end = ']', .filled = filled}}};
}

/* Opens a container. `key` is its name in the object around it, NULL in an array and at the top. */
void um_json_loose_object(struct um_json *json, const char *key);
void um_json_loose_array(struct um_json *json, const char *key);
void um_json_object(struct um_json *json, const char *key);
void um_json_array(struct um_json *json, const char *key);

/* Closes the container opened last; one at the top ends its line. */
void um_json_close(struct um_json *json);

/* Values; `key` as above. An empty span that is not there (data NULL) is null. */
void um_json_null(struct um_json *json, const char *key);
void um_json_flag(struct um_json *json, const char *key, bool value);
void um_json_count(struct um_json *json, const char *key, uint64_t value);
void um_json_text(struct um_json *json, const char *key, struct um_span text);
void um_json_string(struct um_json *json, const char *key, const char *text); /* NULL: null */
void um_json_seconds(struct um_json *json, const char *key, int64_t ns);
void um_json_time(struct um_json *json, const char *key, int64_t time_ns);
void um_json_endpoint(struct um_json *json, const char *key, const struct um_endpoint *endpoint);

/* 0 or UM_ERR_NOMEM. */
int um_json_end(struct um_json *json);

#endif
