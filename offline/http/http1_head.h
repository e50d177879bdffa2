/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * How a direction of HTTP/1 gets to a message's head: where one may begin, or is found again, and
 * its lines up to the empty one. Part of http1.h, to which the state belongs; bodies are read
 * there. Source: RFC 9112 sections 2 to 5.
 */
#ifndef UM_HTTP_HTTP1_HEAD_H
#define UM_HTTP_HTTP1_HEAD_H

#include "offline/http/http1.h"

/* With the place START: reads past empty lines, to the first byte of a message. */
void um_http1_head_await(struct um_http1 *http, struct um_span *input);

/* With SEARCH: reads past what cannot be the beginning of a message. 0, or what an event returned.
 */
int um_http1_head_search(struct um_http1 *http, struct um_span *input);

/*
 * With HEAD: takes the next line off `input`, or what there is of it, or the whole head when that
 * lies there. `*out`: the head, once it is whole, the caller's; else NULL. What turns out to be no
 * head is told of, and the place is SEARCH. 0, a negative enum um_err, or what an event returned.
 */
int um_http1_head_read(struct um_http1 *http, struct um_span *input, struct um_http_message **out);

/* With HEAD: the head stops here without its empty line. Without a whole start line nothing is
 * known of it: it is lost. As um_http1_head_read. */
int um_http1_head_cut(struct um_http1 *http, struct um_http_message **out);

/* Bytes of a head that may still be kept. */
size_t um_http1_head_room(const struct um_http1 *http);

/* Keeps bytes of the head, as many as the limits let; then none any more. 0 or UM_ERR_NOMEM. */
int um_http1_head_keep(struct um_http1 *http, struct um_span bytes);

/* Frees what was kept: a head that was long is not to be held as long as the connection lasts. */
void um_http1_head_drop(struct um_http1 *http);

#endif
