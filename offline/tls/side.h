/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A TLS connection and its two directions, as the files of this folder share them; nobody else
 * includes this. Here too: what leaves a direction, and what is counted as lost.
 */
#ifndef UM_TLS_SIDE_H
#define UM_TLS_SIDE_H

#include "offline/passing.h"
#include "offline/tls/session.h"
#include "offline/tls/tls.h"

enum {
    UM_TLS_NAME_MAX = 255,
    UM_TLS_HANDSHAKES_MAX = 16,   /* of one connection whose client randoms are told */
    UM_TLS_UNVERIFIED_MAX = 32,   /* records not opened before the secrets are held to be wrong */
    UM_TLS_WAITED_END_BYTES = 64, /* a block and the longest MAC */
};

/* Of TLS 1.3: which of its secrets the keys were made from. */
enum um_tls_epoch {
    UM_EPOCH_NONE,
    UM_EPOCH_EARLY,
    UM_EPOCH_HANDSHAKE,
    UM_EPOCH_APPLICATION,
};

/* What a direction lost and has not told yet. */
struct um_tls_loss {
    uint64_t bytes;   /* ciphertext, headers included; 0: nothing is lost */
    uint64_t records; /* at most so many */
    enum um_gap_cause cause;
    struct um_mark where;
    uint64_t told_of; /* `bytes` of which it was told ahead that they are lost */
};

struct um_tls_side {
    struct um_tls *tls;
    int index;
    struct um_sink clear;
    uint64_t clear_offset;
    struct um_passing passing; /* of the clear bytes */
    bool wants_all;            /* the clear sink had a use for all of the last long record */
    bool is_enough, is_ended;

    struct um_buf held;                   /* a record's beginning, or where one is looked for */
    struct um_mark held_first, held_last; /* of the packets that brought it */
    size_t
        lacks; /* with the place: bytes that are still to come of the record held, or its header */
    bool has_place;
    uint64_t skip; /* bytes of a record with a hole in it that are still to come */
    struct um_tls_loss loss;

    struct um_buf messages; /* handshake bytes that do not make up a whole message yet */
    uint64_t metered_bytes; /* of these */
    size_t message_skip;    /* bytes of an unwanted message that are still to come */

    struct um_unseal *unseal; /* NULL: records are clear, is_waiting or is_opaque */
    bool is_waiting;          /* protected, and its secret may still come */
    bool has_waited;          /* what is lost was lost for want of a secret */
    bool is_joined;           /* its keys were found without a ServerHello (join.h) */
    bool is_unjoined;         /* records of data went by, and no secret was found to open them */
    bool is_tried_in_part; /* unjoined: there was more to try it with than the run could afford */
    unsigned join_tries;   /* records that it was tried with, since there were tried_secrets */
    size_t waited_bytes;   /* bodies of the records that went by, and how they ended */
    uint8_t waited_end[UM_TLS_WAITED_END_BYTES];
    size_t waited_end_len;
    uint64_t known_secrets; /* when it was looked for last */
    uint64_t tried_secrets; /* of TLS 1.3, when it was tried to join last */
    bool is_opaque;         /* protected, and cannot be read */
    bool is_verified;       /* a record was opened with these keys */
    unsigned unverified;
    uint64_t sequence;
    bool is_renegotiating;   /* up to TLS 1.2: a ServerHello came under these keys */
    enum um_tls_epoch epoch; /* TLS 1.3 */
    uint8_t secret[UM_SECRET_MAX];
    size_t secret_len;
};

/* What became of early data. */
enum um_tls_early {
    UM_EARLY_UNDECIDED,
    UM_EARLY_ACCEPTED,
    UM_EARLY_REFUSED,
};

struct um_tls {
    struct um_meter *meter;
    struct um_secrets *secrets;
    struct um_session session;
    struct um_tls_info info;
    uint8_t server_name[UM_TLS_NAME_MAX], alpn[UM_TLS_NAME_MAX];
    uint8_t early_suites[UM_TLS_NAME_MAX]; /* of a hello with early data, two bytes each */
    size_t early_suites_len;
    enum um_tls_early early;
    bool is_early_sealed;      /* some of it went by without its secret, and was not refused */
    struct um_buf early_bytes; /* kept back until the server has decided */
    struct um_mark early_first, early_last;
    struct um_tls_loss early_loss;                                /* behind them; clear bytes */
    bool has_data;                                                /* application data has gone by */
    uint8_t randoms[UM_TLS_HANDSHAKES_MAX * UM_TLS_RANDOM_BYTES]; /* info.client_randoms */
    uint64_t search_left;                                         /* bytes */
    bool is_search_cut_short; /* of the last record: not all numbers that it may have were tried */
    struct um_tls_side sides[2];
};

/* A record that is being read, and the packets that brought it. */
struct um_tls_arrival {
    struct um_tls_record record;
    struct um_mark first, last;
};

/* True when this direction is the server's. */
bool um_side_is_server(const struct um_tls_side *side);

/* True when the ServerHello chose TLS 1.3. */
bool um_side_is_13(const struct um_tls *tls);

/* True when it carries protected records and cannot be read, as far as can be told by now. */
bool um_side_is_unread(const struct um_tls_side *side);

/*
 * What was lost leaves as a gap of so many clear bytes (none: nothing leaves), and is forgotten.
 * Before a gap and before clear bytes it is told ahead what the other direction has lost: whoever
 * reads both must not take it for having been silent.
 */
int um_side_gap(struct um_tls_side *side, struct um_missing clear);

/* Clear bytes leave, with the marks of the record that held them. */
int um_side_data(struct um_tls_side *side, const struct um_tls_arrival *arrival,
                 struct um_span bytes);

/* Of `bytes` clear bytes those that the sink has no use for are left out: how many these are. */
size_t um_side_pass(struct um_tls_side *side, size_t bytes, const struct um_mark *last);

/* Adds `bytes` of ciphertext and at most so many records to what is lost; the first tells why. */
void um_side_lose(struct um_tls_side *side, uint64_t bytes, uint64_t records,
                  enum um_gap_cause cause, const struct um_mark *where);

/* Adds a record that could not be opened to what is lost. */
void um_side_lose_record(struct um_tls_side *side, const struct um_tls_arrival *arrival,
                         enum um_gap_cause cause);

/*
 * The clear bytes in what is lost, which was `records` records of the present keys; that is a guess
 * where nothing verifies them. At most one when nothing was in them, so that it is told that
 * something was lost; perhaps none when no record was.
 */
struct um_missing um_side_lost_clear(const struct um_tls_side *side, uint64_t records);

#endif
