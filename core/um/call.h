/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The store: exchanges go in as they are seen, calls come out. A call is all exchanges with one
 * CallId (white space removed, case kept); its GUID joins the spellings with '@' and '|'. A
 * PlayOnPhone without a CallId in its reply is a call of its own. Everything the store gives out
 * lives in its own arena until it is freed; `um_calls_finish` may be called again after more
 * exchanges were added, and then what was given out before is void.
 */
#ifndef UM_UM_CALL_H
#define UM_UM_CALL_H

#include "core/um/call_id.h"
#include "core/um/change.h"
#include "core/um/exchange.h"
#include "core/um/finding.h"
#include "core/um/timeline.h"

enum um_outcome {
    UM_OUTCOME_REJECTED,
    UM_OUTCOME_FAILED,
    UM_OUTCOME_COMPLETED,
    UM_OUTCOME_NOT_CONNECTED,
    UM_OUTCOME_OPEN,
    UM_OUTCOME_UNKNOWN,
    UM_OUTCOME_COUNT
};

/* "rejected", "failed", ... Static. */
const char *um_outcome_text(enum um_outcome outcome);

/* Thresholds of findings, options of the user. */
struct um_thresholds {
    int64_t slow_ns;        /* --slow, 1 s */
    int64_t stuck_after_ns; /* --stuck-after, 60 s */
    int64_t poll_gap_ns;    /* --poll-gap, 30 s */
};

void um_thresholds_init(struct um_thresholds *thresholds);

/* An exchange as the store keeps it. Spans live in the store. */
struct um_exchange_record {
    uint64_t number; /* 1-based: as added; in order of the request after um_calls_finish */
    enum um_service service;
    enum um_operation operation;
    struct um_span call_id; /* as sent, trimmed; empty when unknown */
    struct um_call_id id;   /* decoded; key empty when unknown */
    struct um_span state;   /* data NULL: none was told; an empty one is text outside the schema */
    struct um_span cause, dial_string, target, soap_action;
    struct um_exchange_tls tls;
    struct um_span http_version; /* empty: unknown */
    struct um_span sip_code, sip_text;
    struct um_span fault_code, fault_text, fault_exception; /* also of a successor's error */
    bool is_fault;                                          /* SOAP fault */
    bool is_service_error;                       /* the successor's ResponseClass Error */
    bool has_request, has_reply;                 /* captured, at least in part */
    bool has_request_message, has_reply_message; /* and read as a message of ours */
    bool request_incomplete, reply_incomplete;
    struct um_mark request_first, request_last, reply_first, reply_last;
    struct um_endpoint client, server;
    uint64_t connection;
    uint64_t connection_order; /* 1-based, in order of the requests; after um_calls_finish */
    uint64_t tag;              /* of the exchange as it was added */
    uint64_t item;             /* tells one entryId or ItemId from another; 0: none */
    unsigned http_status;
    unsigned authentication_legs;
    bool authentication_failed;
    enum um_unanswered unanswered;
    unsigned request_flags; /* enum um_message_flag of the request's body */
    unsigned reply_flags;   /* the same of the reply's */
    uint32_t limits_reached;
    size_t call;                 /* index of its call after um_calls_finish; SIZE_MAX: none */
    struct um_findings findings; /* about this exchange; after um_calls_finish */
};

/* An exchange of a call. */
struct um_call_member {
    size_t exchange; /* index in the store */
    size_t hop_of;   /* index of the exchange it repeats on another hop; SIZE_MAX: it is none */
};

struct um_call {
    uint32_t number;                 /* 1-based, in order of the first frame */
    struct um_span call_id;          /* first spelling seen; data NULL when the call has none */
    const struct um_span *spellings; /* all, in order of appearance */
    size_t spelling_count;
    struct um_call_id id; /* of `call_id` */
    enum um_service service;
    enum um_outcome outcome;
    enum um_cause cause; /* the call's cause when it failed */
    struct um_span cause_text;
    const struct um_endpoint *clients, *servers; /* each once, in order of appearance */
    size_t client_count, server_count;
    size_t origin; /* index of its PlayOnPhone exchange; SIZE_MAX: not captured */
    const struct um_call_member *members; /* its exchanges in order of their requests */
    size_t member_count;
    size_t exchanges;           /* members that are no repeats on another hop */
    size_t polls;               /* GetCallInfo and GetPhoneCallInformation among them */
    struct um_mark first, last; /* of the packets of its exchanges */
    struct um_timeline timeline;
    struct um_findings findings; /* about the call and its exchanges, errors first */
};

struct um_calls;
struct um_shelf; /* pages.h */

/* A new store. Limits and thresholds are copied. 0 or UM_ERR_NOMEM. */
int um_calls_new(const struct um_limits *limits, const struct um_thresholds *thresholds,
                 struct um_calls **out);
void um_calls_free(struct um_calls *calls);

/* A new store under the same limits and thresholds, which knows how many exchanges were left out of
 * `calls`: for um_calls_add_record. */
int um_calls_new_like(const struct um_calls *calls, struct um_calls **out);

/*
 * From here on the store, which is still empty, holds what it is given in few bytes, and judges a
 * call when it is asked for: what um_calls_at returns lives until it is asked for another one, and
 * um_calls_exchange knows the exchanges of that call alone. What is not in use is put on the shelf,
 * which outlives the store (NULL: there is none). Not for um_calls_add_record, um_calls_judge and
 * follow.h. 0 or UM_ERR_NOMEM.
 */
int um_calls_be_compact(struct um_calls *calls, const struct um_shelf *shelf);

/* Of a compact store: why a call that was asked for could not be judged, as a negative enum um_err;
 * else 0. */
int um_calls_error(const struct um_calls *calls);

/*
 * Adds an exchange; copies what it keeps. An exchange in which neither side is a message of ours is
 * left out, and so is a fault that answers no request of ours. Past the limit `calls` exchanges of
 * new calls are counted only (finding `limit-reached`). 0 or UM_ERR_NOMEM.
 */
int um_calls_add(struct um_calls *calls, const struct um_exchange *exchange);

/*
 * The same of an exchange that a store has kept before, from um_calls_exchange. Its texts must live
 * as long as `calls`; `number`, `call` and `findings` are made anew.
 */
int um_calls_add_record(struct um_calls *calls, const struct um_exchange_record *record);

/* Orders, numbers, judges. 0 or UM_ERR_NOMEM. */
int um_calls_finish(struct um_calls *calls);

/*
 * Judges the one call that the exchange `index` belongs to, from what was added so far, without
 * finishing the store: for a front end that shows calls as they grow. `out` lives in `arena`; its
 * number is that of its first appearance. Without findings it costs less. 1 with `out` set, 0 when
 * the exchange belongs to no call, UM_ERR_NOMEM.
 */
int um_calls_judge(const struct um_calls *calls, size_t index, bool with_findings,
                   struct um_arena *arena, struct um_call *out);

/* Calls by number, from index 0; valid after um_calls_finish. */
size_t um_calls_count(const struct um_calls *calls);
const struct um_call *um_calls_at(const struct um_calls *calls, size_t index);
enum um_outcome um_calls_outcome(const struct um_calls *calls, size_t index);

/* Exchanges in order of their request (index = number - 1 after um_calls_finish). */
size_t um_calls_exchange_count(const struct um_calls *calls);
const struct um_exchange_record *um_calls_exchange(const struct um_calls *calls, size_t index);

/* Findings about no call: of exchanges without one, and the store's own limits. */
const struct um_findings *um_calls_findings(const struct um_calls *calls);

#endif
