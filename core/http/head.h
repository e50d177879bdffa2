/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The head of an HTTP/1 message: recognises where one begins, and reads start line and field lines
 * into a struct um_http_message. Pure. Lines may end with a bare LF; folded lines are unfolded.
 * Source: RFC 9112 sections 2 to 6; RFC 9110 section 5.
 */
#ifndef UM_HTTP_HEAD_H
#define UM_HTTP_HEAD_H

#include "core/base/err.h"
#include "core/http/message.h"

/* What may be taken for the beginning of a message. */
enum um_http_look {
    UM_HTTP_LOOK_ANY,     /* a message belongs here: any method will do */
    UM_HTTP_LOOK_KNOWN,   /* anything may stand here: registered methods only, and status lines */
    UM_HTTP_LOOK_REQUEST, /* the same of a side that asks */
    UM_HTTP_LOOK_REPLY,   /* and of one that answers */
};

/*
 * Do these bytes begin a message? UM_DONE: yes, a whole start line stands there; UM_MORE: what
 * stands there could be the beginning of one; UM_BAD: no.
 */
enum um_step um_http_head_look(struct um_span bytes, enum um_http_look look);

/* May the byte be of a word, so that no request begins directly behind it? */
bool um_http_head_is_word(uint8_t byte);

/*
 * Offset of the first place at or after `from` where a message begins or could; bytes.len: none.
 * `before` is the byte that stood before `bytes`.
 */
size_t um_http_head_find(struct um_span bytes, size_t from, uint8_t before, enum um_http_look look);

/*
 * Reads the head that `bytes` begin with where it lies: the spans of `out` point into it, folded
 * lines stay folded. UM_DONE; UM_MORE: the empty line that ends it is not there, and `out` has what
 * stands in whole lines; UM_BAD: no message begins here.
 */
enum um_step um_http_head_read(struct um_span bytes, struct um_http_message *out);

/*
 * Makes a message of a head: start line and field lines as captured, with or without the empty line
 * at the end, the last line perhaps cut. The message and its copy of the head are one block of the
 * heap, freed with free(). Everything that head and method of the message alone decide is filled
 * in: framing as for a reply to GET. UM_ERR_NOMEM, or UM_ERR_FORMAT when the first line is no start
 * line; 0 is good.
 */
int um_http_head_parse(struct um_span head, struct um_http_message **out);

/*
 * The same of the head that `bytes` begin with, which may go on behind it: up to and with the empty
 * line that ends a head; message->head.len tells how long it is. NULL in `out`, and 0, when
 * that line is not there.
 */
int um_http_head_parse_whole(struct um_span bytes, struct um_http_message **out);

#endif
