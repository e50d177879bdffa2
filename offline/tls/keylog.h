/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reads a key log, as browsers, curl and others write it when SSLKEYLOGFILE is set: one secret a
 * line, "LABEL hex hex". Lines may come in pieces; what is not understood is counted and left out.
 * A label begins a secret inside a line too, as where logs were joined, a writer was killed or a
 * log was pasted without its line feeds.
 * All of it is ASCII, so that bytes of no ASCII character are passed over: with them what Windows
 * makes of a log on the way, UTF-16 or a mark at its beginning, is read too.
 * Source: draft-ietf-tls-keylogfile, and the older lines of NSS.
 */
#ifndef UM_TLS_KEYLOG_H
#define UM_TLS_KEYLOG_H

#include "offline/tls/secrets.h"

enum { UM_KEYLOG_LINE_MAX = 512 };

/* A zeroed one with `secrets` set is ready. */
struct um_keylog {
    struct um_secrets *secrets;
    char line[UM_KEYLOG_LINE_MAX]; /* what was not read yet of a line that has not ended */
    size_t line_len;
    bool is_comment;     /* the rest of the line */
    uint64_t understood; /* secrets read */
    uint64_t others;     /* secrets of other kinds, e.g. EXPORTER_SECRET */
    uint64_t malformed;  /* what is neither, nor a comment, nor empty */
    uint64_t lines;
    uint64_t first_malformed; /* line, from 1 on; 0: none */
};

/* The next bytes. 0 or UM_ERR_NOMEM. */
int um_keylog_push(struct um_keylog *keylog, struct um_span bytes);

/* No more bytes: the last line needs no line feed. Wipes. 0 or UM_ERR_NOMEM. */
int um_keylog_end(struct um_keylog *keylog);

/* A line of a key log with its line feed; valid during the call. 0 or a negative enum um_err. */
typedef int (*um_keylog_line_fn)(void *ctx, struct um_span line);

/*
 * Tells the secrets that are known of the handshake with that client random (32 bytes) as lines of
 * a key log, in the order of the labels; none when it is not known. The lines are wiped. 0, or what
 * `emit` returned.
 */
int um_keylog_lines(const struct um_secrets *secrets, struct um_span client_random,
                    um_keylog_line_fn emit, void *ctx);

#endif
