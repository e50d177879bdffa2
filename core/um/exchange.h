/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An exchange: a request with its reply, as the layers below paired them. Both front ends fill one
 * in and give it to um_calls_add, which copies what it keeps.
 */
#ifndef UM_UM_EXCHANGE_H
#define UM_UM_EXCHANGE_H

#include "core/base/endpoint.h"
#include "core/base/limits.h"
#include "core/base/mark.h"
#include "core/um/message.h"

/* Why a request has no reply. */
enum um_unanswered {
    UM_UNANSWERED_NO,     /* it has one */
    UM_UNANSWERED_RESET,  /* the connection was reset */
    UM_UNANSWERED_CLOSED, /* the connection was closed */
    UM_UNANSWERED_CAPTURE_END,
    UM_UNANSWERED_LOST,      /* bytes of the reply's direction are missing from the capture */
    UM_UNANSWERED_ONE_SIDED, /* the reply's whole direction is missing: not the server's silence */
    UM_UNANSWERED_GIVEN_UP,  /* the connection was not followed any further, at a limit */
    UM_UNANSWERED_COUNT
};

/* "reset" and the like; "" for UM_UNANSWERED_NO. Static. */
const char *um_unanswered_text(enum um_unanswered unanswered);

/* The TLS that an HTTP message came through. */
struct um_exchange_tls {
    const char *version;        /* "TLS 1.3"; static; NULL: it came in the clear */
    const char *suite;          /* "TLS_AES_128_GCM_SHA256"; static; NULL: unknown */
    struct um_span server_name; /* as the client asked for it; empty: unknown */
    bool is_unverified;         /* nothing was encrypted, and no secret tells what was changed */
};

/* One HTTP message of the pair. */
struct um_exchange_side {
    bool captured;                    /* some of it was in the capture */
    bool bodiless;                    /* it is whole, and has no body */
    bool incomplete;                  /* bytes lost, cut by the snap length, or never sent */
    const struct um_message *message; /* NULL: no SOAP message of ours was read in it */
    struct um_mark first;             /* packet of its first captured byte */
    struct um_mark last;              /* packet of its last captured byte */
};

struct um_exchange {
    struct um_exchange_side request, reply;
    struct um_endpoint client, server; /* of the TCP connection */
    uint64_t connection;               /* tells connections apart; same number, same connection */
    uint64_t tag;                      /* the front end's own name for it, kept in the record */
    struct um_exchange_tls tls;
    struct um_span http_version;  /* "HTTP/1.1" */
    struct um_span target;        /* request target as sent; empty when not captured */
    struct um_span soap_action;   /* field value as sent; empty when absent */
    bool has_credentials;         /* the request: Authorization or Proxy-Authorization */
    unsigned http_status;         /* 0: no status line captured */
    unsigned authentication_legs; /* 401/407 pairs before the one that counts */
    bool authentication_failed;   /* this pair was answered 401/407 and nothing came after it */
    enum um_unanswered unanswered;
    uint32_t limits_reached; /* bit n: enum um_limit n cut what could be read of this exchange */
};

#endif
