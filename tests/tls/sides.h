/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A um_tls whose insides a test sets and looks at, and what its two directions told, in order, as
 * text: "0:abc " for bytes of direction 0, "1:[7] " for seven bytes missing, "1:[2-9 limit] " for
 * two to nine given up at a limit, "1:(9) " for at most nine told ahead, "1:~5 " for five that were
 * left out, "0:end ".
 */
#ifndef UM_TEST_SIDES_H
#define UM_TEST_SIDES_H

#include "offline/tls/side.h"
#include "tests/support/support.h"

struct sides {
    struct um_meter meter;
    struct um_secrets *secrets;
    struct um_tls *tls;
    struct um_buf told;
    struct um_mark first, last; /* of the last bytes told */
    int answer;                 /* to whatever is told next */
};

void sides_begin(struct sides *sides);
void sides_end(struct sides *sides); /* everything metered has been given back */

/* That was told since the last time. */
void sides_assert_told(struct sides *sides, const char *text);

/* The server has chosen; direction 0 is the client's. The randoms are all 1 and all 2. */
void sides_choose(struct sides *sides, uint16_t version, uint16_t suite);

/* A secret of the connection, all `byte`. */
void sides_add_secret(struct sides *sides, enum um_secret_label label, uint8_t byte, size_t len);

/* A record as it came in packet `frame`, with TLS 1.2's version; `bytes` must outlive it. */
struct um_tls_arrival sides_arrival(struct um_span bytes, uint64_t frame);

#endif
