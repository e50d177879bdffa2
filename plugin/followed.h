/* SPDX-License-Identifier: GPL-2.0-or-later */
/* One HTTP/1 message that a follower follows. */
#ifndef UM_PLUGIN_FOLLOWED_H
#define UM_PLUGIN_FOLLOWED_H

#include "core/http/chunked.h"
#include "plugin/head.h"
#include "plugin/pairs.h"
#include "plugin/pieces.h"

/* A message, or what there is of it. */
struct umws_followed {
    int side; /* that sent it */
    uint32_t seq;
    struct umws_pieces pieces; /* head and body as sent */
    struct um_span sent;       /* the same of one that stands whole in the latest packet */
    struct um_mark first, last;
    uint64_t prefix;               /* bytes before the first hole */
    struct um_mark last_of_prefix; /* of their packets */
    struct umws_pair *pair;        /* NULL: not known, or an interim reply */
    bool is_found;                 /* behind a loss */
    bool is_reply, may_be_soap;
    bool is_handed_over; /* the user got it elsewhere */
    bool is_whole;
    bool lacks_some; /* the snap length cut bytes of it off, though they may have come besides */
    bool has_head;   /* it is whole; then so are these */
    unsigned status;
    enum um_http_framing framing;
    size_t head_len;
    struct um_chunked chunked; /* framed so: how far it was read */
    size_t chunked_bytes;      /* behind the head, that were */
    uint64_t end;              /* of it all; UINT64_MAX: not known (yet) */
    uint64_t cut_in;           /* frame whose snap length ended it; 0: another reason */
    struct umws_followed *next;
};

/* One whose first byte is at `seq`. 0 or UM_ERR_NOMEM. */
int umws_followed_new(int side, uint32_t seq, bool is_found, struct umws_followed **out);

/* Adds bytes at their place in the message, without those behind its end. 0 or UM_ERR_NOMEM. */
int umws_followed_put(struct umws_followed *message, uint64_t at, struct um_span bytes,
                      struct um_mark mark);

/* It is known what the message is: finds its pair. 0 or UM_ERR_NOMEM. */
int umws_followed_pair(struct umws_followed *message, struct um_pairing *pairing,
                       const struct um_http_message *head);

/* Nothing more will come: are bytes of it missing, but for what may stand behind its last chunk? */
bool umws_followed_is_cut(const struct umws_followed *message);

/* Nothing more will come: the pair keeps what its request was, for one that nobody reads. */
void umws_followed_note_end(const struct umws_followed *message);

/* Head and body as sent, before the first hole. Valid while the message is, and the packet. */
struct um_span umws_followed_bytes(const struct umws_followed *message);

void umws_followed_free(struct umws_followed *message);

#endif
