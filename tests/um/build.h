/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Builds exchanges for tests, one line each, and tells in one line what the store said of them.
 * Times are seconds; the packet at second t has the frame um_build_frame(t) = t * 1000 + 1.
 *
 *     um_build_play(&b, 0, 0.1);
 *     um_build_poll(&b, 1, 1.1, "Connected", "None");
 *     assert_string_equal(um_build_told(&b), "open call-open-at-end[1101]");
 */
#ifndef UM_TESTS_BUILD_H
#define UM_TESTS_BUILD_H

#include "core/um/call.h"

/* CallIds: base64 of one GUID with both separators, at another server; of a second GUID; opaque. */
#define UM_BUILD_GUID "3f2a9c10-5b7e-4d21-9a6f-0c1d2e3f0001"
#define UM_BUILD_ID "M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2YwMDAxQHVtMS5leGFtcGxl"
#define UM_BUILD_ID_PIPE "M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2YwMDAxfHVtMS5leGFtcGxl"
#define UM_BUILD_ID_MOVED "M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2YwMDAxQHVtMi5leGFtcGxl"
#define UM_BUILD_ID_MOVED_PIPE "M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2YwMDAxfHVtMi5leGFtcGxl"
#define UM_BUILD_ID_SECOND "M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2YwMDAyQHVtMS5leGFtcGxl"
#define UM_BUILD_ID_OPAQUE "UM-CALL-0042"

/* An exchange with the messages that it points to, all free to be changed before the judging. */
struct um_build_item {
    struct um_exchange exchange;
    struct um_message request, reply;
};

enum { UM_BUILD_MAX = 256 };

struct um_build {
    struct um_arena arena;
    struct um_limits limits;         /* the defaults; to be changed before the judging */
    struct um_thresholds thresholds; /* the same */
    const char *call_id;             /* of what is built next; UM_BUILD_ID */
    const char *dial_string;         /* of the next PlayOnPhone; "5551234" */
    uint64_t connection;             /* of what is built next; 1 */
    uint8_t client;                  /* last byte of its address; 1 */
    struct um_build_item *items[UM_BUILD_MAX];
    size_t count;
    struct um_calls *calls; /* after um_build_judge */
};

void um_build_init(struct um_build *b);
void um_build_done(struct um_build *b);

uint64_t um_build_frame(double t);

/* An exchange of `operation`, asked at `q` and answered at `r` with a reply that holds nothing. */
struct um_build_item *um_build_exchange(struct um_build *b, double q, double r,
                                        enum um_operation operation);

/* PlayOnPhone of the UM web service with its CallId. */
struct um_build_item *um_build_play(struct um_build *b, double q, double r);

/* GetCallInfo; a NULL state or cause is not in the reply. */
struct um_build_item *um_build_poll(struct um_build *b, double q, double r, const char *state,
                                    const char *cause);

/* The successor's GetPhoneCallInformation. */
struct um_build_item *um_build_ews_poll(struct um_build *b, double q, double r, const char *state,
                                        const char *cause);

/* Disconnect with its empty reply. */
struct um_build_item *um_build_hang_up(struct um_build *b, double q, double r);

/* `operation` answered with a SOAP fault (HTTP 500) of that exception. */
struct um_build_item *um_build_fault(struct um_build *b, double q, double r,
                                     enum um_operation operation, const char *exception);

/* The successor's `operation` answered with ResponseClass Error (HTTP 200) and that code. */
struct um_build_item *um_build_error(struct um_build *b, double q, double r,
                                     enum um_operation operation, const char *code);

/* `operation` answered with that HTTP status and no SOAP. */
struct um_build_item *um_build_http(struct um_build *b, double q, double r,
                                    enum um_operation operation, unsigned status);

/* `operation` without a reply, and why. */
struct um_build_item *um_build_unanswered(struct um_build *b, double q, enum um_operation operation,
                                          enum um_unanswered why);

/* A reply of GetCallInfo without its request. */
struct um_build_item *um_build_orphan(struct um_build *b, double r, const char *state);

/* Gives a message one more whole value, or takes it away (`text` NULL). */
void um_build_set(struct um_message *message, enum um_field_id field, const char *text);

/*
 * The same in words, separated by ';' - one exchange, or a change of the exchange before it:
 *
 *     play Q R                        poll Q R STATE CAUSE            hangup Q R
 *     greet Q R                       epoll Q R STATE CAUSE           orphan R STATE
 *     fault Q R OPERATION EXCEPTION   error Q R OPERATION CODE        http Q R OPERATION STATUS
 *     none Q OPERATION no|reset|closed|end|lost|one-sided
 *     id CALLID    dial STRING    on CONNECTION    from CLIENT    (of what follows)
 *     auth-failed | no-id | cut request|reply | unread request|reply | legs N | status N
 *     flag request|reply https|malformed|doctype|depth|text|cut | limit NAME | action TEXT
 *
 * "-" is a value that is not there. "pipe", "moved", "moved-pipe", "second" and "opaque" are the
 * CallIds above.
 */
void um_build_script(struct um_build *b, const char *script);

/* Puts everything into a new store and judges it. */
void um_build_judge(struct um_build *b);

/* The `index`-th call; judges first when that was not done. */
const struct um_call *um_build_call(struct um_build *b, size_t index);

/*
 * What was said: for each call its outcome and findings with their frames, calls separated by
 * " / ", then the findings of no call behind " + ". Lives as long as `b`.
 */
const char *um_build_told(struct um_build *b);

#endif
