/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP/2 dialogues for tests: written turn by turn with nghttp2's encoder, played in pieces of any
 * size, and what is told of them as text. A message is "STREAM METHOD TARGET STATUS TYPE [BODY]",
 * with " cut" when it is not complete and " coded?" when nobody knows its coding; an exchange "?!"
 * or "? lost", '?' for a request, '!' for a reply, and why there is none.
 */
#ifndef UM_TEST_HTTP_H2_TALK_H
#define UM_TEST_HTTP_H2_TALK_H

#include <nghttp2/nghttp2.h>

#include "core/base/buf.h"
#include "offline/http/h2_frame.h"
#include "offline/http/http2.h"
#include "tests/support/support.h"

enum { UM_H2_TALK_CLIENT, UM_H2_TALK_SERVER, UM_H2_TALK_TURNS_MAX = 2048 };

/* One side's encoder; its blocks live until the next. */
struct um_h2_talk_encoder {
    nghttp2_hd_deflater *deflater;
    uint8_t block[4096];
};

struct um_h2_talk_turn {
    int side;
    struct um_buf bytes;
    uint64_t lost; /* instead */
};

struct um_h2_talk {
    struct um_limits limits; /* the usual ones, when not set otherwise */
    struct um_h2_talk_encoder encoders[2];
    struct um_h2_talk_turn turns[UM_H2_TALK_TURNS_MAX];
    size_t count;
    bool is_upgraded; /* from HTTP/1, whose request is "GET /up" */
    enum um_end why;  /* it ends; FIN when not set */
    uint64_t peak;    /* of the memory, when it was last played */
};

/* A dialogue of both prefaces. Freed with um_h2_talk_end. */
struct um_h2_talk *um_h2_talk_begin(void);
void um_h2_talk_end(struct um_h2_talk *talk);

/* Opens a turn of a side: where to put its bytes. */
struct um_buf *um_h2_talk_turn(struct um_h2_talk *talk, int side);

/* Opens a turn of which `lost` bytes are missing. */
void um_h2_talk_lose(struct um_h2_talk *talk, int side, uint64_t lost);

/* The last turn is missing, and `more` bytes behind it. */
void um_h2_talk_lose_last(struct um_h2_talk *talk, uint64_t more);

void um_h2_talk_put(struct um_buf *to, const void *bytes, size_t len);
void um_h2_talk_frame(struct um_buf *to, uint8_t type, uint8_t flags, uint32_t stream,
                      struct um_span payload);

nghttp2_nv um_h2_talk_field(const char *name, const char *value);
struct um_span um_h2_talk_encode(struct um_h2_talk_encoder *encoder, const nghttp2_nv *fields,
                                 size_t count);

/* The usual header blocks. */
struct um_span um_h2_talk_request(struct um_h2_talk *talk, int side, const char *method,
                                  const char *path);
struct um_span um_h2_talk_reply(struct um_h2_talk *talk, const char *status);

/* A turn that asks GET `path`; one that answers with a body. */
void um_h2_talk_ask(struct um_h2_talk *talk, uint32_t stream, const char *path);
void um_h2_talk_answer(struct um_h2_talk *talk, uint32_t stream, const char *body);

struct um_h2_told {
    char text[4096];
    size_t len;
    size_t begun, forgotten, exchanges;
    bool is_counted_only; /* no text */
};

/*
 * Plays it in pieces of `step` bytes; what came out of it last. All memory has been given back, and
 * every message forgotten.
 */
int um_h2_talk_play(struct um_h2_talk *talk, size_t step, struct um_h2_told *told);

/* Played whole, byte by byte and in pieces it tells this. */
void um_h2_talk_assert(struct um_h2_talk *talk, const char *expected);

#endif
