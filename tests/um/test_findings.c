/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every finding about a call or an exchange: cases in which it must be said, beside cases much like
 * them in which it must not. A row's last column is all that the store says, word for word, so no
 * row can pass with one finding too many (tests/um/build.h tells the language of the scripts).
 */
#include <stdio.h>

#include "core/base/err.h"
#include "tests/support/support.h"
#include "tests/um/build.h"

/* A call that went well, to be odd beside. */
#define PLAY "play 0 0.1;"
#define WELL "poll 1 1.1 Connected None; poll 2 2.1 Disconnected None;"
#define ENDED PLAY WELL

/* Ten polls, 100 ms apart from 1.0 on. */
#define P(t) "poll " t "0 " t "5 Connecting None;"
#define TEN                                                                                        \
    P("1.0") P("1.1") P("1.2") P("1.3") P("1.4") P("1.5") P("1.6") P("1.7") P("1.8") P("1.9")

static const struct {
    enum um_finding_name about;
    const char *script;
    const char *told;
} cases[] = {
    /* ---- the outcome's own ---- */
    {UM_FINDING_CALL_FAILED, PLAY "poll 1 1.1 Disconnected UserBusy", "failed call-failed[1101]"},
    {UM_FINDING_CALL_FAILED, PLAY "poll 1 1.1 Disconnected NoAnswer", "failed call-failed[1101]"},
    {UM_FINDING_CALL_FAILED, PLAY "poll 1 1.1 Disconnected Unavailable",
     "failed call-failed[1101]"},
    {UM_FINDING_CALL_FAILED, PLAY "poll 1 1.1 Connected None; poll 2 2.1 Disconnected Other",
     "failed call-failed[2101]"}, /* also after it was up */
    {UM_FINDING_CALL_FAILED,      /* the last cause that is not None */
     PLAY "poll 1 1.1 Disconnected NoAnswer; poll 2 2.1 Disconnected UserBusy;"
          "poll 3 3.1 Disconnected None",
     "failed call-failed[2101]"},
    {UM_FINDING_CALL_FAILED, PLAY "poll 1 1.1 Connecting UserBusy; poll 2 2.1 Disconnected None",
     "not-connected cause-on-live-call[1101] call-not-connected[2101]"}, /* of Disconnected only */
    {UM_FINDING_CALL_NOT_CONNECTED, PLAY "poll 1 1.1 Disconnected None",
     "not-connected call-not-connected[1101]"},
    {UM_FINDING_CALL_NOT_CONNECTED, PLAY "poll 1 1.1 Disconnected -",
     "not-connected call-not-connected[1101]"},
    {UM_FINDING_CALL_NOT_CONNECTED, /* a cause decides before what was reached */
     PLAY "poll 1 1.1 Disconnected Other", "failed call-failed[1101]"},
    {UM_FINDING_CALL_NOT_CONNECTED, ENDED, "completed"},
    {UM_FINDING_CALL_OPEN_AT_END, PLAY, "open call-open-at-end[101]"},
    {UM_FINDING_CALL_OPEN_AT_END, PLAY "poll 1 1.1 Connected None", "open call-open-at-end[1101]"},
    {UM_FINDING_CALL_OPEN_AT_END, /* Disconnect asks for an end, it does not see one */
     PLAY "poll 1 1.1 Connected None; hangup 2 2.1", "open call-open-at-end[1101]"},
    {UM_FINDING_CALL_OPEN_AT_END, ENDED, "completed"},
    {UM_FINDING_CALL_OPEN_AT_END, "hangup 2 2.1", "unknown call-origin-missing[2001]"},
    {UM_FINDING_CALL_ORIGIN_MISSING, WELL, "completed call-origin-missing[1001]"},
    {UM_FINDING_CALL_ORIGIN_MISSING, "greet 0 0.1;" WELL, "completed"},

    /* ---- states ---- */
    {UM_FINDING_CALL_STUCK, /* certainly 60 s: from 0.1 to 60.1 */
     PLAY "poll 20 20.1 Connecting None; poll 40 40.1 Connecting None;"
          "poll 60.1 60.2 Connecting None; poll 61 61.1 Disconnected NoAnswer",
     "failed call-failed[61101] call-stuck[101,60201]"},
    {UM_FINDING_CALL_STUCK, /* a millisecond less is certain */
     PLAY "poll 20 20.1 Connecting None; poll 40 40.1 Connecting None;"
          "poll 60.099 60.2 Connecting None; poll 61 61.1 Disconnected NoAnswer",
     "failed call-failed[61101]"},
    {UM_FINDING_CALL_STUCK, /* at most 89 s, but at least 59 */
     PLAY "poll 30 30.1 Connecting None; poll 59.1 59.2 Connecting None;"
          "poll 89 89.1 Connected None; poll 90 90.1 Disconnected None",
     "completed"},
    {UM_FINDING_CALL_STUCK, /* up for long is no wonder, nor is over for long */
     PLAY "poll 1 1.1 Connected None; poll 30 30.1 Connected None; poll 60 60.1 Connected None;"
          "poll 90 90.1 Connected None; poll 91 91.1 Disconnected None;"
          "poll 200 200.1 Disconnected None",
     "completed"},
    {UM_FINDING_CALL_STUCK, /* any other state is */
     PLAY "poll 1 1.1 Forwarding None; poll 30 30.1 Forwarding None;"
          "poll 60 60.1 Forwarding None; poll 61.1 61.2 Forwarding None;"
          "poll 62 62.1 Disconnected NoAnswer",
     "failed call-failed[62101] call-stuck[1101,61201] state-unusual[1101]"},
    {UM_FINDING_STATE_AFTER_END,
     PLAY "poll 1 1.1 Connected None; poll 2 2.1 Disconnected None;"
          "poll 3 3.1 Connected None; poll 4 4.1 Disconnected None",
     "completed state-after-end[2101,3101]"},
    {UM_FINDING_STATE_AFTER_END, /* asked at the very instant of the answer: not sure */
     PLAY "poll 1 1.1 Connected None; poll 2 2.5 Disconnected None; on 2;"
          "poll 2.5 2.6 Connected None",
     "completed"},
    {UM_FINDING_STATE_AFTER_END, /* asked a millisecond after it */
     PLAY "poll 1 1.1 Connected None; poll 2 2.5 Disconnected None; on 2;"
          "poll 2.501 2.6 Connected None",
     "completed state-after-end[2501,2601]"},
    {UM_FINDING_STATE_AFTER_END, /* the example of two pollers */
     PLAY "poll 5 5.8 Connected None; on 2; poll 5.1 5.3 Disconnected None", "completed"},
    {UM_FINDING_STATE_AFTER_END, ENDED "poll 3 3.1 Disconnected None", "completed"},
    {UM_FINDING_STATE_UNUSUAL, PLAY "poll 0.5 0.6 Idle None;" WELL, "completed state-unusual[601]"},
    {UM_FINDING_STATE_UNUSUAL,
     PLAY "poll 0.5 0.51 Alerted None; poll 0.6 0.61 Incoming None; poll 0.7 0.71 Alerted None;"
          "poll 0.8 0.81 Transferring None; poll 0.9 0.91 Forwarding None;" WELL,
     "completed state-unusual[511] state-unusual[611] state-unusual[811] state-unusual[911]"},
    {UM_FINDING_STATE_UNUSUAL, PLAY "poll 0.5 0.6 Connecting None;" WELL, "completed"},
    {UM_FINDING_STATE_UNUSUAL, PLAY "poll 0.5 0.6 Ringing None;" WELL,
     "completed state-unknown[601]"},
    {UM_FINDING_STATE_UNKNOWN, /* each text once; case matters */
     PLAY "poll 0.5 0.6 Ringing None; poll 0.7 0.8 alerted None; poll 0.85 0.9 Ringing None;" WELL,
     "completed state-unknown[601] state-unknown[801]"},
    {UM_FINDING_STATE_UNKNOWN, PLAY "poll 0.5 0.6 Alerted None;" WELL,
     "completed state-unusual[601]"},
    {UM_FINDING_CAUSE_UNKNOWN, PLAY "poll 1 1.1 Disconnected Meltdown",
     "failed call-failed[1101] cause-unknown[1101]"},
    {UM_FINDING_CAUSE_UNKNOWN, PLAY "poll 1 1.1 Disconnected userbusy",
     "failed call-failed[1101] cause-unknown[1101]"},
    {UM_FINDING_CAUSE_UNKNOWN, PLAY "poll 1 1.1 Disconnected Unavailable",
     "failed call-failed[1101]"},
    {UM_FINDING_CAUSE_ON_LIVE_CALL, PLAY "poll 1 1.1 Connected Other; poll 2 2.1 Disconnected None",
     "completed cause-on-live-call[1101]"},
    {UM_FINDING_CAUSE_ON_LIVE_CALL, PLAY "poll 1 1.1 Connected -; poll 2 2.1 Disconnected None",
     "completed"},
    {UM_FINDING_CAUSE_ON_LIVE_CALL, PLAY "poll 1 1.1 Connected None; poll 2 2.1 Disconnected Other",
     "failed call-failed[2101]"},
    {UM_FINDING_CAUSE_SETTLED_LATE,
     PLAY "poll 1 1.1 Disconnected None; poll 2 2.1 Disconnected UserBusy",
     "failed call-failed[2101] cause-settled-late[1101,2101]"},
    {UM_FINDING_CAUSE_SETTLED_LATE, /* real from the first end on */
     PLAY "poll 1 1.1 Disconnected UserBusy; poll 2 2.1 Disconnected None;"
          "poll 3 3.1 Disconnected UserBusy",
     "failed call-failed[3101]"},
    {UM_FINDING_CAUSE_SETTLED_LATE, /* None while it lived is as it should be */
     PLAY "poll 1 1.1 Connecting None; poll 2 2.1 Disconnected UserBusy",
     "failed call-failed[2101]"},
    {UM_FINDING_CAUSE_SETTLED_LATE, /* no cause told is not None */
     PLAY "poll 1 1.1 Disconnected -; poll 2 2.1 Disconnected UserBusy",
     "failed call-failed[2101]"},
    {UM_FINDING_CAUSE_SETTLED_LATE, /* which was first is not sure */
     PLAY "poll 1 1.5 Disconnected None; on 2; poll 1.2 1.6 Disconnected UserBusy",
     "failed call-failed[1601]"},

    /* ---- polls ---- */
    {UM_FINDING_POLL_AFTER_END,
     ENDED "poll 3 3.1 Disconnected None; poll 4 4.1 Disconnected None;"
           "poll 5 5.1 Disconnected None",
     "completed poll-after-end[2101,3001,5001]"},
    {UM_FINDING_POLL_AFTER_END, ENDED "poll 3 3.1 Disconnected None; poll 4 4.1 Disconnected None",
     "completed"},
    {UM_FINDING_POLL_AFTER_END, /* whatever they drew */
     ENDED "fault 3 3.1 GetCallInfo InvalidCallIdException; http 4 4.1 GetCallInfo 503;"
           "none 5 GetCallInfo reset",
     "completed http-error[4001,4101] request-unanswered[5001] poll-after-end[2101,3001,5001]"
     " call-expired[3001,3101]"},
    {UM_FINDING_POLL_AFTER_END, /* one was asked before the end was answered, one as it was */
     PLAY "poll 1 1.1 Connected None; poll 2 2.4 Disconnected None; on 2;"
          "poll 2.3 2.5 Disconnected None; on 3; poll 2.4 2.6 Disconnected None; on 4;"
          "poll 3 3.1 Disconnected None; poll 4 4.1 Disconnected None",
     "completed"},
    {UM_FINDING_POLL_AFTER_END, /* hanging up is no poll */
     ENDED "hangup 3 3.1; hangup 4 4.1; hangup 5 5.1", "completed"},
    {UM_FINDING_POLL_AFTER_END, /* three requests, one of them seen on two hops */
     ENDED "poll 3 3.1 Disconnected None; poll 4 4.1 Disconnected None; on 2;"
           "poll 4.01 4.09 Disconnected None",
     "completed call-two-hops[4001,4011]"},
    {UM_FINDING_POLL_GAP, /* from PlayOnPhone's reply on: 30 s and a millisecond */
     PLAY "poll 30.101 30.2 Connected None; poll 31 31.1 Disconnected None",
     "completed poll-gap[101,30102]"},
    {UM_FINDING_POLL_GAP, PLAY "poll 30.1 30.2 Connected None; poll 31 31.1 Disconnected None",
     "completed"},
    {UM_FINDING_POLL_GAP, /* up to the first Disconnected, and each of them */
     PLAY "poll 40 40.1 Connected None; poll 80 80.1 Disconnected None",
     "completed poll-gap[101,40001] poll-gap[40101,80001]"},
    {UM_FINDING_POLL_GAP, /* over is over, even where it is told to live again */
     ENDED "poll 60 60.1 Connected None; poll 120 120.1 Disconnected None",
     "completed state-after-end[2101,60101]"},
    {UM_FINDING_POLL_GAP, /* a poll that told nothing fills no gap */
     PLAY "poll 1 1.1 Connected None; none 20 GetCallInfo closed;"
          "poll 40 40.1 Disconnected None",
     "completed request-unanswered[20001] poll-gap[1101,40001]"},
    {UM_FINDING_POLL_STORM,
     PLAY TEN "poll 1.95 1.96 Connecting None; poll 3 3.1 Disconnected Other",
     "failed call-failed[3101] poll-storm[1001,1951]"},
    {UM_FINDING_POLL_STORM, PLAY TEN "poll 3 3.1 Disconnected Other", "failed call-failed[3101]"},
    {UM_FINDING_POLL_STORM, /* the eleventh is in the next second */
     PLAY TEN "poll 2 2.1 Connecting None; poll 3 3.1 Disconnected Other",
     "failed call-failed[3101]"},

    /* ---- the server does not know the call ---- */
    {UM_FINDING_CALL_EXPIRED, ENDED "fault 3 3.1 GetCallInfo InvalidCallIdException",
     "completed call-expired[3001,3101]"},
    {UM_FINDING_CALL_EXPIRED, ENDED "fault 3 3.1 Disconnect InvalidCallIdException",
     "completed call-expired[3001,3101]"},
    {UM_FINDING_CALL_EXPIRED, ENDED "fault 3 3.1 GetCallInfo m:InvalidCallIdException",
     "completed call-expired[3001,3101]"},
    {UM_FINDING_CALL_EXPIRED, ENDED "error 3 3.1 GetPhoneCallInformation ErrorInvalidPhoneCallId",
     "completed call-expired[3001,3101]"},
    {UM_FINDING_CALL_EXPIRED, /* the successor can say it in a fault too */
     ENDED "fault 3 3.1 GetPhoneCallInformation ErrorInvalidPhoneCallId",
     "completed call-expired[3001,3101]"},
    {UM_FINDING_CALL_EXPIRED, ENDED "fault 3 3.1 GetCallInfo UserNotUmEnabledException",
     "completed soap-fault[3001,3101]"},
    {UM_FINDING_CALL_UNKNOWN_TO_SERVER, "fault 1 1.1 GetCallInfo InvalidCallIdException",
     "rejected call-unknown-to-server[1001,1101] call-origin-missing[1001]"},
    {UM_FINDING_CALL_UNKNOWN_TO_SERVER, "error 1 1.1 DisconnectPhoneCall ErrorInvalidPhoneCallId",
     "rejected call-unknown-to-server[1001,1101] call-origin-missing[1001]"},
    {UM_FINDING_CALL_UNKNOWN_TO_SERVER, /* while it lived, though it was seen to end later */
     PLAY "fault 0.5 0.6 GetCallInfo InvalidCallIdException;" WELL,
     "completed call-unknown-to-server[501,601]"},
    {UM_FINDING_CALL_UNKNOWN_TO_SERVER, "error 1 1.1 GetPhoneCallInformation ErrorAccessDenied",
     "rejected service-error[1001,1101] call-origin-missing[1001]"},
    {UM_FINDING_CALL_UNKNOWN_TO_SERVER, /* PlayOnPhone names no call that could be unknown */
     "fault 1 1.1 PlayOnPhone InvalidCallIdException", "rejected soap-fault[1001,1101]"},

    /* ---- ids and hops ---- */
    {UM_FINDING_CALL_ID_OPAQUE, "id opaque;" ENDED, "completed call-id-opaque[101]"},
    {UM_FINDING_CALL_ID_OPAQUE, "id opaque;" WELL,
     "completed call-origin-missing[1001] call-id-opaque[1001]"},
    {UM_FINDING_CALL_ID_OPAQUE, ENDED, "completed"},
    {UM_FINDING_CALL_ID_TWO_SPELLINGS, PLAY "id pipe;" WELL,
     "completed call-id-two-spellings[101,1001]"},
    {UM_FINDING_CALL_ID_TWO_SPELLINGS, "id pipe;" ENDED, "completed"},
    {UM_FINDING_CALL_ID_TWO_SPELLINGS, PLAY "id moved;" WELL, "completed call-moved[101,1001]"},
    {UM_FINDING_CALL_MOVED, PLAY "id moved;" WELL, "completed call-moved[101,1001]"},
    {UM_FINDING_CALL_MOVED, /* host names have no case */
     PLAY "id M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2YwMDAxQFVNMS5FeGFtcGxl;" WELL, "completed"},
    {UM_FINDING_CALL_MOVED, /* both can hold */
     PLAY "id moved-pipe;" WELL, "completed call-moved[101,1001] call-id-two-spellings[101,1001]"},
    {UM_FINDING_CALL_MOVED, PLAY "id pipe;" WELL, "completed call-id-two-spellings[101,1001]"},
    {UM_FINDING_CALL_TWO_HOPS, /* 50 ms later */
     ENDED "on 2; poll 1.05 1.09 Connected None", "completed call-two-hops[1001,1051]"},
    {UM_FINDING_CALL_TWO_HOPS, /* 51 ms later: another poll */
     ENDED "on 2; poll 1.051 1.09 Connected None", "completed"},
    {UM_FINDING_CALL_TWO_HOPS, /* the same connection: a poll, and quickly another */
     ENDED "poll 1.02 1.09 Connected None", "completed"},
    {UM_FINDING_CALL_TWO_HOPS, /* two pollers at once, who hear different things */
     PLAY "poll 1 1.1 Connecting None; on 2; poll 1.02 1.3 Connected None; on 1;"
          "poll 2 2.1 Disconnected None",
     "completed"},
    {UM_FINDING_CALL_TWO_HOPS, /* a client that had its answer asks again on a new connection */
     PLAY "poll 1 1.01 Connected None; on 2; poll 1.02 1.03 Connected None; on 3;"
          "poll 2 2.1 Disconnected None",
     "completed"},
    {UM_FINDING_CALL_TWO_HOPS, /* the same, in two capturing machines' time: another client */
     PLAY "poll 1 1.01 Connected None; on 2; from 9; poll 1.02 1.03 Connected None; on 3;"
          "poll 2 2.1 Disconnected None",
     "completed call-two-hops[1001,1021]"},
    {UM_FINDING_CALL_TWO_HOPS, /* its connection was reset, or closed: it asks again */
     PLAY "none 1 GetCallInfo reset; on 2; poll 1.02 1.03 Connected None; on 1;"
          "poll 2 2.1 Disconnected None",
     "completed request-unanswered[1001]"},
    {UM_FINDING_CALL_TWO_HOPS, "none 1 PlayOnPhone closed; on 2; play 1.02 1.03",
     "unknown request-unanswered[1001] / open call-open-at-end[1031]"},
    {UM_FINDING_CALL_TWO_HOPS, /* not the same request */
     ENDED "on 2; hangup 1.01 1.09", "completed"},

    /* ---- no answer, half an answer, a late answer ---- */
    {UM_FINDING_REQUEST_UNANSWERED, ENDED "none 3 GetCallInfo reset",
     "completed request-unanswered[3001]"},
    {UM_FINDING_REQUEST_UNANSWERED, ENDED "none 3 GetCallInfo closed",
     "completed request-unanswered[3001]"},
    {UM_FINDING_REQUEST_UNANSWERED, ENDED "none 3 GetCallInfo end",
     "completed request-unanswered[3001]"},
    {UM_FINDING_REQUEST_UNANSWERED, ENDED "none 3 GetCallInfo lost",
     "completed request-unanswered[3001]"},
    {UM_FINDING_REQUEST_UNANSWERED, ENDED "none 3 GetCallInfo no",
     "completed request-unanswered[3001]"},
    {UM_FINDING_REQUEST_UNANSWERED, "none 3 PlayOnPhone end", "unknown request-unanswered[3001]"},
    {UM_FINDING_REQUEST_UNANSWERED, /* the server's whole direction is missing */
     ENDED "none 3 GetCallInfo one-sided", "completed"},
    {UM_FINDING_REQUEST_UNANSWERED, /* a part of the reply was captured */
     ENDED "poll 3 3.1 - -; unread reply; cut reply; status 0",
     "completed body-incomplete[3001,3101]"},
    {UM_FINDING_REPLY_ORPHAN, "orphan 1 Connected", " + reply-orphan[1001]"},
    {UM_FINDING_REPLY_ORPHAN, "poll 1 1.1 Connected None",
     "open call-origin-missing[1001] call-open-at-end[1101]"},
    {UM_FINDING_REPLY_SLOW, /* over one second */
     PLAY "poll 1 2.001 Connected None; poll 3 3.1 Disconnected None",
     "completed reply-slow[1001,2002]"},
    {UM_FINDING_REPLY_SLOW, PLAY "poll 1 2 Connected None; poll 3 3.1 Disconnected None",
     "completed"},

    /* ---- refusals ---- */
    {UM_FINDING_HTTP_ERROR, "http 1 1.1 PlayOnPhone 503", "rejected http-error[1001,1101]"},
    {UM_FINDING_HTTP_ERROR, ENDED "http 3 3.1 GetCallInfo 404", "completed http-error[3001,3101]"},
    {UM_FINDING_HTTP_ERROR, ENDED "http 3 3.1 GetCallInfo 400", "completed http-error[3001,3101]"},
    {UM_FINDING_HTTP_ERROR, ENDED "http 3 3.1 GetCallInfo 599", "completed http-error[3001,3101]"},
    {UM_FINDING_HTTP_ERROR, ENDED "http 3 3.1 GetCallInfo 399", "completed"},
    {UM_FINDING_HTTP_ERROR, ENDED "http 3 3.1 GetCallInfo 600", "completed"},
    {UM_FINDING_HTTP_ERROR, ENDED "http 3 3.1 GetCallInfo 401; auth-failed",
     "completed authentication-failed[3001,3101]"},
    {UM_FINDING_HTTP_ERROR, /* 500 is how a fault comes */
     ENDED "fault 3 3.1 GetCallInfo UserNotUmEnabledException", "completed soap-fault[3001,3101]"},
    {UM_FINDING_SOAP_FAULT, "fault 1 1.1 PlayOnPhone DialingRulesException",
     "rejected soap-fault[1001,1101]"},
    {UM_FINDING_SOAP_FAULT, /* without any name */
     "fault 1 1.1 PlayOnPhone -", "rejected soap-fault[1001,1101]"},
    {UM_FINDING_SOAP_FAULT, ENDED "fault 3 3.1 GetCallInfo InvalidCallIdException",
     "completed call-expired[3001,3101]"},
    {UM_FINDING_SERVICE_ERROR, "error 1 1.1 PlayOnPhone ErrorPhoneNumberNotDialable",
     "rejected service-error[1001,1101]"},
    {UM_FINDING_SERVICE_ERROR, PLAY "epoll 1 1.1 Connected None; epoll 2 2.1 Disconnected None",
     "completed"},
    {UM_FINDING_AUTHENTICATION_FAILED, /* nothing else is said of the exchange, slow as it was */
     "http 1 9 GetCallInfo 401; auth-failed; cut reply; action GetUMProperties",
     "unknown authentication-failed[1001,9001] call-origin-missing[1001]"},
    {UM_FINDING_AUTHENTICATION_FAILED, "http 1 9 PlayOnPhone 407; auth-failed",
     "unknown authentication-failed[1001,9001]"},
    {UM_FINDING_AUTHENTICATION_FAILED, /* also where the 401 brings a fault along */
     "fault 1 1.1 PlayOnPhone AccessDenied; status 401; auth-failed",
     "unknown authentication-failed[1001,1101]"},
    {UM_FINDING_AUTHENTICATION_FAILED, ENDED "poll 3 3.1 Disconnected None; legs 2", "completed"},

    /* ---- bodies ---- */
    {UM_FINDING_XML_MALFORMED,
     PLAY "poll 1 1.1 Connected None; flag reply malformed;"
          "poll 2 2.1 Disconnected None",
     "completed xml-malformed[1001,1101]"}, /* what was closed before counts */
    {UM_FINDING_XML_MALFORMED, ENDED "poll 3 3.1 - -; flag request malformed",
     "completed xml-malformed[3001,3101]"},
    {UM_FINDING_XML_MALFORMED, /* whole, and yet it ends before its envelope does */
     ENDED "poll 3 3.1 - -; flag reply cut", "completed xml-malformed[3001,3101]"},
    {UM_FINDING_XML_MALFORMED, /* it ends because its rest was not captured */
     ENDED "poll 3 3.1 - -; flag reply cut; cut reply", "completed body-incomplete[3001,3101]"},
    {UM_FINDING_XML_MALFORMED, /* it ends because a limit cut it */
     ENDED "poll 3 3.1 - -; flag reply cut; limit body", "completed limit-reached[3001,3101]"},
    {UM_FINDING_DOCTYPE_REFUSED, ENDED "poll 3 3.1 - -; flag reply doctype",
     "completed doctype-refused[3001,3101]"},
    {UM_FINDING_DOCTYPE_REFUSED, ENDED "poll 3 3.1 - -; flag reply malformed",
     "completed xml-malformed[3001,3101]"},
    {UM_FINDING_BODY_INCOMPLETE, ENDED "poll 3 3.1 Disconnected None; cut reply",
     "completed body-incomplete[3001,3101]"},
    {UM_FINDING_BODY_INCOMPLETE, ENDED "poll 3 3.1 Disconnected None; cut request; cut reply",
     "completed body-incomplete[3001,3101] body-incomplete[3001,3101]"}, /* of each side */
    {UM_FINDING_BODY_INCOMPLETE, ENDED "poll 3 3.1 Disconnected None", "completed"},
    {UM_FINDING_LIMIT_REACHED, ENDED "poll 3 3.1 - -; limit inflate",
     "completed limit-reached[3001,3101]"},
    {UM_FINDING_LIMIT_REACHED, ENDED "poll 3 3.1 - -; flag reply depth; flag request text",
     "completed limit-reached[3001,3101] limit-reached[3001,3101]"},
    {UM_FINDING_LIMIT_REACHED, ENDED "poll 3 3.1 - -", "completed"},
    {UM_FINDING_NAMESPACE_HTTPS, ENDED "poll 3 3.1 Disconnected None; flag request https",
     "completed namespace-https[3001,3101]"},
    {UM_FINDING_NAMESPACE_HTTPS,
     ENDED "poll 3 3.1 Disconnected None; flag request https; flag reply https",
     "completed namespace-https[3001,3101]"}, /* one thing, once */
    {UM_FINDING_NAMESPACE_HTTPS, ENDED "poll 3 3.1 Disconnected None", "completed"},
    {UM_FINDING_SOAPACTION_MISMATCH, ENDED "poll 3 3.1 Disconnected None; action Disconnect",
     "completed soapaction-mismatch[3001,3101]"},
    {UM_FINDING_SOAPACTION_MISMATCH, ENDED "poll 3 3.1 Disconnected None; action GetCallInfo",
     "completed"},
    {UM_FINDING_CALL_ID_MISSING, "poll 1 1.1 Connected None; no-id",
     " + call-id-missing[1001,1101]"},
    {UM_FINDING_CALL_ID_MISSING, /* there is nothing to hang up either */
     "hangup 1 1.1; no-id", " + call-id-missing[1001,1101]"},
    {UM_FINDING_CALL_ID_MISSING, "play 0 0.1; no-id",
     "open call-id-missing[1,101] call-open-at-end[101]"},
    {UM_FINDING_CALL_ID_MISSING, /* it may have stood in the part that is missing */
     "poll 1 1.1 Connected None; no-id; cut request; flag request cut",
     " + body-incomplete[1001,1101]"},
    {UM_FINDING_CALL_ID_MISSING, "play 0 0.1; no-id; cut reply; flag reply cut",
     "open body-incomplete[1,101] call-open-at-end[101]"},
    {UM_FINDING_CALL_ID_MISSING, /* a refusal needs none */
     "error 1 1.1 PlayOnPhone ErrorPhoneNumberNotDialable", "rejected service-error[1001,1101]"},
};

enum { CASES = sizeof cases / sizeof *cases };

static void
findings_are_exactly_those_that_hold(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        struct um_build b;
        um_build_init(&b);
        um_build_script(&b, cases[i].script);
        if (strcmp(um_build_told(&b), cases[i].told) != 0)
            print_error("%s\n", cases[i].script);
        assert_string_equal(um_build_told(&b), cases[i].told);
        um_build_done(&b);
    }
}

static int
try_all(struct um_build *b)
{
    int err = um_calls_new(&b->limits, &b->thresholds, &b->calls);
    for (size_t i = 0; i < b->count && !err; i++)
        err = um_calls_add(b->calls, &b->items[i]->exchange);
    return err ? err : um_calls_finish(b->calls);
}

static void
findings_are_all_made_or_memory_is_said_to_be_short(void **state)
{
    (void)state;
    for (size_t i = 0; i < CASES; i++) {
        bool failed = true;
        for (size_t n = 0; failed; n++) {
            struct um_build b;
            um_build_init(&b);
            um_build_script(&b, cases[i].script);
            um_test_alloc_fail_at(n);
            int err = try_all(&b);
            failed = um_test_alloc_reset();
            assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
            um_build_done(&b);
        }
    }
}

static void
each_finding_has_a_case_with_it_and_one_without(void **state)
{
    (void)state;
    for (unsigned name = 0; name < UM_FINDING_CAPTURE_TRUNCATED; name++) {
        size_t with = 0, without = 0;
        char text[64];
        (void)snprintf(text, sizeof text, " %s[", um_finding_text((enum um_finding_name)name));
        for (size_t i = 0; i < CASES; i++) {
            if (cases[i].about != name)
                continue;
            if (strstr(cases[i].told, text))
                with++;
            else
                without++;
        }
        if (with == 0 || without == 0)
            print_error("%s\n", text);
        assert_true(with > 0 && without > 0);
    }
}

/* Name and severity by the model; the order is the model's too. */
static void
finding_names_and_severities_are_the_models(void **state)
{
    (void)state;
    static const char *const names[3] = {
        [UM_SEVERITY_ERROR] =
            " call-failed call-unknown-to-server request-unanswered http-error soap-fault"
            " service-error authentication-failed call-id-missing ",
        [UM_SEVERITY_WARNING] =
            " call-not-connected call-stuck state-after-end state-unknown cause-unknown"
            " cause-on-live-call call-moved reply-slow xml-malformed doctype-refused"
            " body-incomplete limit-reached capture-truncated packets-cut packets-dropped "
            "bytes-lost encrypted"
            " tls-alert tls-record-failed one-direction flows-evicted link-type-unknown ",
        [UM_SEVERITY_NOTE] =
            " call-open-at-end call-origin-missing state-unusual cause-settled-late"
            " poll-after-end poll-gap poll-storm call-expired call-id-opaque"
            " call-id-two-spellings call-two-hops reply-orphan namespace-https"
            " soapaction-mismatch clock-backwards ",
    };
    size_t documented = 0;
    for (size_t i = 0; i < 3; i++) {
        for (const char *at = names[i]; at[1] != '\0'; at = strchr(at + 1, ' '))
            documented++;
    }
    assert_int_equal(documented, UM_FINDING_COUNT);
    for (unsigned i = 0; i < UM_FINDING_COUNT; i++) {
        enum um_finding_name name = (enum um_finding_name)i;
        char text[64];
        (void)snprintf(text, sizeof text, " %s ", um_finding_text(name));
        assert_non_null(strstr(names[um_finding_severity(name)], text));
        assert_int_equal(um_finding_of(S(um_finding_text(name))), name);
        assert_true(strlen(um_finding_advice(name)) > 0);
    }
    assert_int_equal(um_finding_of(S("call")), UM_FINDING_COUNT);
    assert_int_equal(um_finding_of(S("")), UM_FINDING_COUNT);
    assert_string_equal(um_severity_text(UM_SEVERITY_ERROR), "error");
    assert_string_equal(um_severity_text(UM_SEVERITY_WARNING), "warning");
    assert_string_equal(um_severity_text(UM_SEVERITY_NOTE), "note");
}

/* Each finding has its section in the documentation, in the order of the names. */
static void
documentation_has_a_section_for_each_finding_and_no_other(void **state)
{
    (void)state;
    FILE *file = fopen(UM_DOCS_FINDINGS, "r");
    assert_non_null(file);
    char line[512];
    unsigned name = 0;
    bool wants_severity = false;
    while (fgets(line, sizeof line, file)) {
        struct um_span text = um_span_trim(S(line));
        if (um_span_starts(text, S("### "))) {
            assert_true(name < UM_FINDING_COUNT && !wants_severity);
            assert_span_equal(um_span_from(text, 4),
                              S(um_finding_text((enum um_finding_name)name)));
            wants_severity = true;
        } else if (wants_severity && text.len > 0) {
            char begin[32];
            enum um_severity severity = um_finding_severity((enum um_finding_name)name);
            (void)snprintf(begin, sizeof begin, "*%s* - ", um_severity_text(severity));
            assert_true(um_span_starts(text, S(begin)));
            wants_severity = false;
            name++;
        }
    }
    assert_int_equal(name, UM_FINDING_COUNT);
    assert_false(wants_severity);
    (void)fclose(file);
}

static void
soapaction_differs_by_the_operations_name_only(void **state)
{
    (void)state;
#define NS "://schemas.microsoft.com/exchange/services/2006/messages/"
    static const struct {
        const char *action;
        bool mismatch;
    } actions[] = {
        {"", false},
        {"\"\"", false},
        {"\"", false},
        {"http" NS "GetCallInfo", false},
        {"\"http" NS "GetCallInfo\"", false},
        {"https" NS "GetCallInfo", false},
        {"\" https" NS "GetCallInfo \"", false},
        {"HTTP://Schemas.Microsoft.Com/Exchange/Services/2006/Messages/GetCallInfo", false},
        {"http" NS "getcallinfo", false},
        {"GetCallInfo", false},
        {"http" NS "Disconnect", true},
        {"\"https" NS "GetPhoneCallInformation\"", true},
        {"\"HTTP://SCHEMAS.microsoft.com/exchange/services/2006/messages/Disconnect\"", true},
        {"Disconnect", true},
        {"http" NS "GetItem", true}, /* an operation of a neighbour */
        {"http://example.com/some/other/service", false},
        {"http" NS, false},
    };
#undef NS
    for (size_t i = 0; i < sizeof actions / sizeof *actions; i++) {
        struct um_build b;
        um_build_init(&b);
        um_build_script(&b, PLAY WELL "poll 3 3.1 Disconnected None");
        b.items[3]->exchange.soap_action = S(actions[i].action);
        assert_string_equal(um_build_told(&b), actions[i].mismatch
                                                   ? "completed soapaction-mismatch[3001,3101]"
                                                   : "completed");
        um_build_done(&b);
    }
}

static void
finding_says_the_figures_of_its_case(void **state)
{
    (void)state;
    static const struct {
        const char *script;
        const char *part;
    } said[] = {
        {PLAY "poll 1 1.1 Disconnected UserBusy", "UserBusy"},
        {PLAY "poll 20 20.1 Connecting None; poll 45 45.1 Connecting None;"
              "poll 70 70.1 Connecting None; poll 72.6 72.7 Connecting None",
         "at least 72.5 s"},
        {"none 3 PlayOnPhone reset", "the connection was reset"},
        {"none 3 PlayOnPhone closed", "the connection was closed"},
        {"none 3 PlayOnPhone end", "the capture ended"},
        {"none 3 PlayOnPhone lost", "missing from the capture"},
        {PLAY "poll 1 3.5 Connected None", "2.500 s"},
        {"http 1 1.1 PlayOnPhone 503", "503"},
        {"fault 1 1.1 PlayOnPhone a:DialingRulesException", "drew DialingRulesException"},
        {"fault 1 1.1 PlayOnPhone -", "drew Server"},
        {ENDED "limit inflate-ratio", "inflate-ratio"},
        {PLAY "poll 35.1 35.2 Connected None", "35.0 s"},
        {PLAY "poll 1 1.1 Ringing None", "\"Ringing\""},
        {PLAY "id moved;" WELL, "um1.example and the server um2.example"},
        {PLAY "id pipe;" WELL, "'@' and with '|'"},
    };
    for (size_t i = 0; i < sizeof said / sizeof *said; i++) {
        struct um_build b;
        um_build_init(&b);
        um_build_script(&b, said[i].script);
        const struct um_findings *findings = &um_build_call(&b, 0)->findings;
        bool found = false;
        for (size_t k = 0; k < findings->count; k++)
            found = found || strstr(findings->items[k].text, said[i].part);
        if (!found)
            print_error("%s: %s\n", said[i].script, said[i].part);
        assert_true(found);
        um_build_done(&b);
    }
}

static void
empty_state_is_text_outside_the_schema(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    um_build_script(&b, PLAY "poll 0.5 0.6 x None;" WELL);
    um_build_set(&b.items[1]->reply, UM_FIELD_CALL_STATE, "");
    assert_string_equal(um_build_told(&b), "completed state-unknown[601]");
    um_build_done(&b);
}

static void
thresholds_are_the_users(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    b.thresholds = (struct um_thresholds){
        .slow_ns = 100000000, .stuck_after_ns = 5000000000, .poll_gap_ns = 2000000000};
    um_build_script(&b, PLAY "poll 2 2.101 Connecting None; poll 4.102 4.2 Connecting None;"
                             "poll 5.1 5.2 Connecting None; poll 6 6.1 Disconnected Other");
    assert_string_equal(um_build_told(&b), "failed call-failed[6101] call-stuck[101,5201] "
                                           "reply-slow[2001,2102] poll-gap[2102,4103]");
    um_build_done(&b);
}

/* Errors first, then by frame; of each name only so many, and then how many more there were. */
static void
findings_past_their_limit_are_counted(void **state)
{
    (void)state;
    struct um_build b;
    um_build_init(&b);
    b.limits.max[UM_LIMIT_FINDINGS] = 2;
    um_build_script(&b, ENDED "http 3 3.1 GetCallInfo 503; http 4 4.1 GetCallInfo 503;"
                              "http 5 5.1 GetCallInfo 503; http 6 6.1 GetCallInfo 503");
    assert_string_equal(um_build_told(&b), "completed http-error[3001,3101] http-error[4001,4101] "
                                           "limit-reached[] poll-after-end[2101,3001,6001]");
    const struct um_finding *limit = &um_build_call(&b, 0)->findings.items[2];
    assert_non_null(strstr(limit->text, "2 more findings http-error"));
    um_build_done(&b);

    um_build_init(&b);
    b.limits.max[UM_LIMIT_FINDINGS] = 4;
    um_build_script(&b, ENDED "http 3 3.1 GetCallInfo 503; http 4 4.1 GetCallInfo 503;"
                              "http 5 5.1 GetCallInfo 503; http 6 6.1 GetCallInfo 503");
    assert_null(strstr(um_build_told(&b), "limit-reached"));
    um_build_done(&b);
}

static void
findings_add_sorts_frames_and_leaves_out_what_is_none(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    struct um_findings list = {.arena = &arena};
    const uint64_t frames[] = {9, 0, 3, 9, 7, 3, 1, 2, 4, 5, 6, 8};
    assert_int_equal(um_findings_add(&list, UM_FINDING_BYTES_LOST, SIZE_MAX, frames, 4, "x"), 0);
    assert_int_equal(list.items[0].frame_count, 2);
    assert_int_equal(list.items[0].frames[0], 3);
    assert_int_equal(list.items[0].frames[1], 9);
    assert_int_equal(um_findings_add(&list, UM_FINDING_BYTES_LOST, 5, frames, 12, "x"), 0);
    assert_int_equal(list.items[1].frame_count, UM_FINDING_FRAMES_MAX);
    assert_int_equal(list.items[1].exchange, 5);
    for (size_t i = 1; i < UM_FINDING_FRAMES_MAX; i++)
        assert_true(list.items[1].frames[i - 1] < list.items[1].frames[i]);
    assert_int_not_equal(um_findings_add(&list, UM_FINDING_BYTES_LOST, 0, NULL, 0, NULL), 0);
    assert_int_equal(list.count, 2);
    um_arena_done(&arena);
}

static void
excerpt_is_cut_between_characters(void **state)
{
    (void)state;
    uint8_t text[300];
    memset(text, 'a', sizeof text);
    assert_int_equal(um_finding_excerpt(um_span_of(text, 256)).len, 256);
    assert_int_equal(um_finding_excerpt(um_span_of(text, 257)).len, 256);
    memcpy(text + 254, "\xE2\x82\xAC", 3); /* three bytes, the third past the end */
    assert_int_equal(um_finding_excerpt(um_span_of(text, 300)).len, 254);
    assert_int_equal(um_finding_excerpt(um_span_of(text, 257)).len, 254);
    assert_int_equal(um_finding_excerpt(um_span_of(NULL, 0)).len, 0);
    assert_string_equal(um_finding_excerpt_end(um_span_of(text, 256)), "");
    assert_string_equal(um_finding_excerpt_end(um_span_of(text, 257)), "\u2026");
}

static void
the_lowest_frames_are_kept_each_once_and_in_order(void **state)
{
    (void)state;
    struct um_finding_frames frames = {0};
    static const uint64_t given[] = {50, 7, 0, 50, 90, 80, 70, 60, 40, 30, 7, 20, 95};
    static const uint64_t kept[] = {7, 20, 30, 40, 50, 60, 70, 80};
    for (size_t i = 0; i < sizeof given / sizeof *given; i++)
        um_finding_frames_add(&frames, given[i]);
    assert_int_equal(frames.count, UM_FINDING_FRAMES_MAX);
    assert_memory_equal(frames.at, kept, sizeof kept);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(findings_are_exactly_those_that_hold),
        cmocka_unit_test(findings_are_all_made_or_memory_is_said_to_be_short),
        cmocka_unit_test(each_finding_has_a_case_with_it_and_one_without),
        cmocka_unit_test(finding_names_and_severities_are_the_models),
        cmocka_unit_test(documentation_has_a_section_for_each_finding_and_no_other),
        cmocka_unit_test(the_lowest_frames_are_kept_each_once_and_in_order),
        cmocka_unit_test(soapaction_differs_by_the_operations_name_only),
        cmocka_unit_test(finding_says_the_figures_of_its_case),
        cmocka_unit_test(empty_state_is_text_outside_the_schema),
        cmocka_unit_test(thresholds_are_the_users),
        cmocka_unit_test(findings_past_their_limit_are_counted),
        cmocka_unit_test(findings_add_sorts_frames_and_leaves_out_what_is_none),
        cmocka_unit_test(excerpt_is_cut_between_characters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
