/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Follows the HTTP/1 messages of a connection: which there are, which belongs to which, and which
 * never become whole. Wireshark hands over no body that it could not put together, nor a part of
 * one, and pairs by frames. A message is given up when the other side goes on although bytes are
 * missing that it has acknowledged, when the next message begins, or the connection ends. Knows
 * nothing of Wireshark; reading bodies that are whole is left to it.
 */
#ifndef UM_PLUGIN_FOLLOWER_H
#define UM_PLUGIN_FOLLOWER_H

#include "plugin/followed.h"
#include "plugin/rest.h"

/* What one packet adds to a direction. */
struct umws_segment {
    uint32_t seq; /* of the first byte */
    uint32_t ack;
    bool has_ack, has_fin, has_reset;
    struct um_span bytes;
    uint32_t cut; /* bytes behind them that were not captured */
    struct um_mark mark;
};

/* Memory for segments that wait, of a side; then what they wait for is lost. */
enum { UMWS_FOLLOWER_HELD_MAX = 256 * 1024 }; /* umtrace's limit `pending` */

struct umws_follower {
    struct umws_follower_side {
        bool is_seen;       /* some packet of it was captured */
        bool is_placed;     /* next_seq is known */
        bool is_lost;       /* no message need begin there: a start line is looked for */
        bool has_begun;     /* a message of it has ended, or bytes are missing: not its first */
        bool asked_head;    /* the latest request is a HEAD: its reply has no body */
        bool asked_connect; /* it is a CONNECT: behind a good reply another conversation begins */
        bool has_fin;
        uint32_t next_seq; /* of the first byte that has not been read */
        uint32_t fin_seq;
        struct umws_followed *open;
        struct umws_waiting waiting; /* behind next_seq */
    } sides[2];
    bool is_over;  /* what follows is not HTTP/1 */
    bool is_reset; /* by the latest packet that was more than an acknowledgement */
    struct um_pairing pairing;
    struct umws_followed *ended, *last_ended; /* given up and not taken yet, in order */
    struct umws_followed *whole, *last_whole; /* that the latest packet made whole, in order */
};

/* The next packet of `side` (0 or 1). 0 or UM_ERR_NOMEM. */
int umws_follower_see(struct umws_follower *follower, int side, const struct umws_segment *segment);

/* What `side` has acknowledged by a packet that was not seen here. 0 or UM_ERR_NOMEM. */
int umws_follower_note_ack(struct umws_follower *follower, int side, uint32_t ack);

/* What the first of those held waits for is lost. 0 or UM_ERR_NOMEM. */
int umws_follower_stop_waiting(struct umws_follower *follower, int side);

/* No more packets: what is open will not become whole, and `whole` has what was held. 0 or
 * UM_ERR_NOMEM. */
int umws_follower_end(struct umws_follower *follower);

/* Frees what the latest packet made whole. */
void umws_follower_forget_whole(struct umws_follower *follower);

/* The next message that was given up, the caller's from now on; NULL: none. */
struct umws_followed *umws_follower_take(struct umws_follower *follower);

/* Frees what the follower holds; a zeroed one is as good as new. */
void umws_follower_done(struct umws_follower *follower);

#endif
