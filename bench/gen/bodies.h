/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What is said on the connections: pages, items of a mailbox, polls of a call, and bytes that are
 * encrypted or look so. The long ones are made once and used again.
 */
#ifndef UM_BENCH_BODIES_H
#define UM_BENCH_BODIES_H

#include "bench/gen/text.h"

enum { UM_BODIES_ITEMS = 128, UM_BODIES_PAGES = 32, UM_BODIES_NOISE_BYTES = 1 << 20 };

enum um_bench_state {
    UM_BENCH_STATE_CONNECTING,
    UM_BENCH_STATE_ALERTED,
    UM_BENCH_STATE_CONNECTED,
    UM_BENCH_STATE_DISCONNECTED,
    UM_BENCH_STATE_COUNT
};

struct um_bodies {
    struct um_dice *dice;
    struct um_text items[UM_BODIES_ITEMS]; /* replies to FindItem, 2 to 40 KB */
    struct um_text items_gzip[UM_BODIES_ITEMS];
    struct um_text pages[UM_BODIES_PAGES];
    uint8_t *noise; /* UM_BODIES_NOISE_BYTES: whole TLS records of 16 KB */
    struct um_text scratch;
};

void um_bodies_make(struct um_bodies *bodies, struct um_dice *dice);

const char *um_bench_state_name(enum um_bench_state state);

/* How a body goes. */
struct um_bodies_coding {
    bool gzip, chunked;
};

/* Each clears `out` and puts a whole message there, but for the last: the head alone. */
void um_bodies_get(struct um_bodies *bodies, struct um_text *out);
void um_bodies_page(struct um_bodies *bodies, struct um_text *out);
void um_bodies_find_item(struct um_bodies *bodies, struct um_bodies_coding coding,
                         struct um_text *out);
void um_bodies_items(struct um_bodies *bodies, struct um_bodies_coding coding, struct um_text *out);
void um_bodies_poll(struct um_bodies *bodies, const char *call_id, struct um_bodies_coding coding,
                    struct um_text *out);
void um_bodies_call_info(struct um_bodies *bodies, enum um_bench_state state,
                         struct um_bodies_coding coding, struct um_text *out);
void um_bodies_download_head(uint64_t len, struct um_text *out);

/* The first flights of a TLS connection, as far as an observer can see. */
void um_bodies_client_hello(struct um_bodies *bodies, struct um_text *out);
void um_bodies_server_hello(struct um_bodies *bodies, struct um_text *out);

/* `len` bytes that nobody can read, in records. */
void um_bodies_sealed(const struct um_bodies *bodies, size_t len, struct um_text *out);

#endif
