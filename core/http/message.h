/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One HTTP message: start line, the field lines that matter here, how its body is framed, and where
 * in the capture it stood. Filled in by http1 and http2, used by whoever observes.
 * Source: RFC 9110, RFC 9112.
 */
#ifndef UM_HTTP_MESSAGE_H
#define UM_HTTP_MESSAGE_H

#include "core/base/endpoint.h"
#include "core/base/mark.h"
#include "core/base/span.h"
#include "core/um/exchange.h"
#include "core/um/pairing.h"

enum um_http_framing {
    UM_HTTP_FRAMING_NONE,   /* no body */
    UM_HTTP_FRAMING_LENGTH, /* Content-Length */
    UM_HTTP_FRAMING_CHUNKED,
    UM_HTTP_FRAMING_CLOSE, /* until the connection ends */
    UM_HTTP_FRAMING_H2,    /* by the frames of HTTP/2 */
};

/* "none", "length", "chunked", "close", "h2". Static. */
const char *um_http_framing_text(enum um_http_framing framing);

enum um_http_coding {
    UM_HTTP_CODING_IDENTITY,
    UM_HTTP_CODING_GZIP,    /* also x-gzip */
    UM_HTTP_CODING_DEFLATE, /* zlib, or raw as some servers send it */
    UM_HTTP_CODING_BROTLI,
    UM_HTTP_CODING_ZSTD,
    UM_HTTP_CODING_OTHER, /* one that we cannot undo */
};

enum {
    UM_HTTP_CODINGS_MAX = 8,
    UM_HTTP_HEAD_USUAL = 448, /* bytes: room for a head in any message's block */
};

/* What was odd. */
enum um_http_flag {
    UM_HTTP_HEAD_CUT = 1 << 0,         /* the head did not end: hole, limit `head` or end */
    UM_HTTP_LENGTH_CONFLICT = 1 << 1,  /* Content-Length fields that differ, or beside chunked */
    UM_HTTP_LENGTH_BAD = 1 << 2,       /* Content-Length that is no number */
    UM_HTTP_CHUNK_BAD = 1 << 3,        /* chunk framing broken: the rest was skipped */
    UM_HTTP_LIMIT_HEAD = 1 << 4,       /* the limit `head` was reached */
    UM_HTTP_CODINGS_MANY = 1 << 5,     /* more than UM_HTTP_CODINGS_MAX content codings */
    UM_HTTP_LIMIT_MEMORY = 1 << 7,     /* its connection was given up at the limit `memory` */
    UM_HTTP_LIMIT_REQUESTS = 1 << 6,   /* given up unanswered at the limit `requests` */
    UM_HTTP_LIMIT_H2_STREAMS = 1 << 8, /* its stream was given up at the limit `h2-streams` */
};

struct um_http_message {
    bool is_reply;
    struct um_endpoint source, destination;
    uint64_t connection; /* number of the TCP connection */
    uint32_t stream_id;  /* of HTTP/2; else 0 */
    struct um_exchange_tls tls;
    struct um_span head;    /* start line and field lines, copied; the spans below point into it */
    struct um_span method;  /* request */
    struct um_span target;  /* request */
    unsigned status;        /* reply */
    struct um_span version; /* "HTTP/1.1" */
    struct um_span content_type;     /* field values, trimmed; empty when absent */
    struct um_span content_encoding; /* first field line; `codings` has all */
    struct um_span soap_action;
    bool has_soap_action;
    bool has_authorization; /* Authorization or Proxy-Authorization */
    enum um_http_framing framing;
    uint64_t content_length; /* with framing LENGTH */
    size_t coding_count;     /* of the lists at the end */
    uint64_t encoded_bytes;  /* body bytes seen, transfer coding undone, before the first hole */
    uint64_t lost_bytes;     /* holes in it */
    bool complete;           /* head and body whole, no hole */
    unsigned flags;          /* enum um_http_flag */
    struct um_mark first;    /* packet with the lowest frame number that brought bytes of it */
    struct um_mark last;     /* the highest */
    uint64_t metered_bytes;  /* of its memory */
    struct um_pairing_pair pair;     /* HTTP/1: that of a request, or of a reply alone */
    struct um_http_message *partner; /* HTTP/1: the other one of the pair; NULL: none (yet) */
    bool is_asked_on;                /* a request whose body was asked for: 100 Continue came */
    bool is_foreign;                 /* the observer's: a request to another service */
    bool answers_foreign;   /* a reply, to such a request: no hole has made it doubtful which */
    bool is_coding_unknown; /* HTTP/2: a content coding may be among fields nobody knows */
    void *user;             /* the observer's; freed by its `forget` */
    /* the lists come last: what stands before them begins as zero, they do not */
    enum um_http_coding codings[UM_HTTP_CODINGS_MAX]; /* in the order they were applied */
    struct um_span coding_names[UM_HTTP_CODINGS_MAX]; /* as sent */
};

/* Bytes of the block that holds a message and its head. */
static inline size_t
um_http_message_size(const struct um_http_message *message)
{
    size_t head = message->head.len;
    return sizeof *message + (head > UM_HTTP_HEAD_USUAL ? head : UM_HTTP_HEAD_USUAL);
}

/*
 * The value of the field `name` (case-blind) in `head`, first field line of that name, trimmed.
 * False when absent.
 */
bool um_http_message_field(const struct um_http_message *message, struct um_span name,
                           struct um_span *value);

/* May the body be SOAP, by its type: XML, a multipart/related, or not told? */
bool um_http_message_may_be_soap(const struct um_http_message *message);

/* The parameter `name` of a Content-Type value, without quotes; empty when absent. */
struct um_span um_http_message_parameter(struct um_span content_type, struct um_span name);

/* The same of its parameters alone ("charset=utf-8; boundary=x"). */
struct um_span um_http_parameter(struct um_span parameters, struct um_span name);

#endif
