/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * From the fields of an HTTP/2 header block to a message: writes them as an HTTP/1 head, which
 * head.h reads. Source: RFC 9113 section 8.3.
 */
#ifndef UM_HTTP_H2_FIELDS_H
#define UM_HTTP_H2_FIELDS_H

#include "core/base/buf.h"
#include "core/http/message.h"

/* Zeroed but for `max`, it is empty. */
struct um_h2_fields {
    uint64_t max;        /* bytes kept */
    struct um_buf lines; /* "name: value\r\n" of each field that is no pseudo-header */
    struct um_buf method, path, authority, status; /* empty when absent */
    bool has_unknown;                              /* a field whose name is not known */
    bool is_long;                                  /* more than `max`: the rest was left out */
};

/* Adds a field: a um_h2_field_fn. 0 or UM_ERR_NOMEM. */
int um_h2_fields_add(void *fields, struct um_span name, struct um_span value);

bool um_h2_fields_is_request(const struct um_h2_fields *fields);
bool um_h2_fields_is_reply(const struct um_h2_fields *fields);

/* A field is there that only the beginning of a message has. */
bool um_h2_fields_has_start(const struct um_h2_fields *fields);

/* They begin no message: no such field, and none can be among what is not known. */
bool um_h2_fields_are_trailers(const struct um_h2_fields *fields);

/*
 * The message; what is not known of its start line reads "?", or 0 for the status. One block of
 * the heap, freed with free(). 0 or UM_ERR_NOMEM.
 */
int um_h2_fields_message(const struct um_h2_fields *fields, bool is_reply,
                         struct um_http_message **out);

void um_h2_fields_done(struct um_h2_fields *fields);

#endif
