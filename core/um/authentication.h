/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Authentication legs: exchanges answered 401 or 407 wait here for the one that repeats them. Those
 * that nobody repeats come out as exchanges whose authentication failed.
 */
#ifndef UM_UM_AUTHENTICATION_H
#define UM_UM_AUTHENTICATION_H

#include "core/um/exchange.h"

/* Legs that wait, and bytes of them; then the oldest has failed. */
enum { UM_AUTHENTICATION_WAITING_MAX = 256, UM_AUTHENTICATION_BYTES_MAX = 1 << 20 };

/* Gets each exchange; valid during the call. 0 or a negative enum um_err. */
typedef int (*um_exchange_fn)(void *ctx, const struct um_exchange *exchange);

struct um_authentication;

/* 0 or UM_ERR_NOMEM. */
int um_authentication_new(um_exchange_fn emit, void *ctx, struct um_authentication **out);
void um_authentication_free(struct um_authentication *authentication);

/*
 * A question of ours was read; its reply is still to come, which may be late where bytes of it are
 * lost. A leg that it repeats on its own connection waits for it, and goes on nowhere else.
 * `target` and `message` are looked at during the call.
 */
void um_authentication_asked(struct um_authentication *authentication, uint64_t connection,
                             struct um_span target, const struct um_message *message);

/*
 * Takes an exchange as paired: holds it back when it is a leg (copying what it needs), else emits
 * it, having set in it the count of the legs before it. A repeat has the leg's target and asks the
 * same, on the same connection or, asked after the refusal, from the same address to the same
 * server; a leg without a message of ours is repeated on its own connection only. A reply whose
 * request is lost answers the repeat of a leg of its connection that asked for such a reply. Of
 * several legs an exchange repeats the one on its own connection; where there is none, one that is
 * refused itself and brings no credentials is not taken for the repeat of one elsewhere, and when
 * the question gets through none of those that were refused before it was asked has failed. A leg
 * whose request is bodiless belongs to the question that waits on its connection for the same
 * target, and counts there. 0 or what `emit` returned, or UM_ERR_NOMEM.
 */
int um_authentication_add(struct um_authentication *authentication, struct um_exchange *exchange);

/*
 * Emits what was refused before that time and has not been asked again since: who follows a capture
 * that does not end is to hear of it. 0 or what `emit` returned.
 */
int um_authentication_give_up(struct um_authentication *authentication, int64_t before_ns);

/* Gets a question of ours that was asked and is in no exchange yet; valid during the call. 0 or a
 * negative enum um_err. */
typedef int (*um_question_fn)(void *ctx, const struct um_message *question);

/* Gives out the question of each leg that waits. 0 or what `take` returned. */
int um_authentication_each_waiting(const struct um_authentication *authentication,
                                   um_question_fn take, void *ctx);

/* Nothing more comes: emits what waits. */
int um_authentication_end(struct um_authentication *authentication);

#endif
