/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of an HTTP/1 message of which Wireshark's HTTP tells nothing, as it was not put
 * together: what framing and recognising its body need. Pure.
 * Source: RFC 9112 sections 2 to 7.
 */
#ifndef UM_PLUGIN_HEAD_H
#define UM_PLUGIN_HEAD_H

#include "core/base/buf.h"
#include "core/base/err.h"

enum umws_framing {
    UMWS_FRAMING_NONE,
    UMWS_FRAMING_LENGTH,
    UMWS_FRAMING_CHUNKED,
    UMWS_FRAMING_CLOSE, /* until the connection ends */
};

/* Views into the bytes that were read; empty where absent. */
struct umws_head {
    size_t len; /* with its empty line; all there was of one that is cut */
    bool is_reply;
    bool is_upgrade;               /* what follows is not HTTP/1 any more */
    bool is_h2c;                   /* with a reply: but HTTP/2, in which the request is answered */
    unsigned status;               /* reply */
    struct um_span method, target; /* request */
    struct um_span content_type, content_coding, soap_action;
    bool has_credentials; /* Authorization or Proxy-Authorization */
    enum umws_framing framing;
    uint64_t length; /* of the body, with LENGTH */
};

/* True when a message, or what may become one, begins here: a start line or its beginning. */
bool umws_head_begins(struct um_span bytes);

/* What may be found where anything may stand. */
enum umws_look {
    UMWS_LOOK_ANY,
    UMWS_LOOK_REQUEST, /* the side asks */
    UMWS_LOOK_REPLY,   /* the side answers */
};

/*
 * Offset of the first place where a start line stands, or could stand whose end is not in `bytes`;
 * bytes.len: none. It need not be a line's beginning: a body may end without one.
 */
size_t umws_head_find(struct um_span bytes, enum umws_look look);

/*
 * Reads a head. UM_MORE: its empty line is not there yet, `out` has what stands in whole lines;
 * UM_BAD: the first line is no start line, or cannot become one.
 */
enum um_step umws_head_read(struct um_span bytes, struct umws_head *out);

/* Will another reply come after one of that status, on HTTP/1? */
bool umws_head_is_interim(unsigned status);

/* May the body be SOAP, by the type it is said to be of? */
bool umws_head_may_be_soap(const struct umws_head *head);

/* The value of a parameter ("charset") of a Content-Type; empty when it is not there. */
struct um_span umws_head_parameter(struct um_span content_type, struct um_span name);

/*
 * Finds the end of a chunked body that begins with `bytes`, going on from chunk to chunk at `*at`,
 * which is 0 before. UM_DONE: `*at` is behind the body; UM_MORE; UM_BAD: no such body.
 */
enum um_step umws_head_chunks(struct um_span bytes, size_t *at);

/* Appends the content of a chunked body as far as there is any. 0 or UM_ERR_NOMEM. */
int umws_head_unchunk(struct um_span bytes, struct um_buf *out);

#endif
