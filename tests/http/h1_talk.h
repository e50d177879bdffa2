/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * HTTP/1 dialogues for tests. A dialogue is text: a line that begins with '>' is what the client
 * sends, '<' the server, up to the line's end, with \r and \n written as they are in C. What is
 * heard is text too: "GET /a(body)+200(body) " for a pair; '!' marks what is not complete, '-' a
 * side that is missing, with the reason behind it.
 */
#ifndef UM_TEST_HTTP_H1_TALK_H
#define UM_TEST_HTTP_H1_TALK_H

#include "core/base/buf.h"
#include "offline/http/connection.h"
#include "tests/support/support.h"

#define UM_H1_GET(path) ">GET " path " HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n\n"
#define UM_H1_POST(path, body, len)                                                                \
    ">POST " path " HTTP/1.1\\r\\nContent-Length: " len "\\r\\n\\r\\n" body "\n"
#define UM_H1_OK(body, len) "<HTTP/1.1 200 OK\\r\\nContent-Length: " len "\\r\\n\\r\\n" body "\n"

enum { UM_H1_TALK_WHOLE = 1 << 16 }; /* a piece as long as any line */

struct um_h1_heard {
    struct um_buf text;
    unsigned heads, dones, forgotten;
};

struct um_h1_talk {
    struct um_http_connection *connection;
    struct um_sink sinks[2];
    uint64_t offsets[2];
    size_t unneeded[2]; /* bytes that follow and need not be given */
    size_t passed[2];   /* that were not, and the sink was not told */
    uint64_t frame;
    size_t piece;        /* bytes of a chunk */
    uint64_t sent;       /* bytes of the dialogue so far, both sides */
    uint64_t hole_at;    /* byte of the dialogue where a hole begins */
    uint64_t hole_len;   /* 0: none */
    uint64_t less, more; /* so much shorter or longer the hole may be, as it is told */
    uint64_t memory;     /* the limit; 0: none */
    struct um_limits limits;
    struct um_meter meter;
};

/* Opens the connection, with the limits `requests` 4 and `head` 200. 0 or the error met. */
int um_h1_talk_open(struct um_h1_talk *play, struct um_h1_heard *heard);

/* Gives a dialogue to the sinks. 0 or what one of them returned. */
int um_h1_talk_say(struct um_h1_talk *play, const char *dialogue);

/* Plays a whole connection. 0 or the error met. */
int um_h1_talk_play(struct um_h1_talk *play, const char *dialogue, enum um_end why,
                    struct um_h1_heard *heard);

/* In pieces of any size the dialogue is heard as this. */
void um_h1_talk_assert(const char *dialogue, enum um_end why, const char *wanted);

#endif
