/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A leg is kept as an exchange whose messages and texts are copies. A leg without a body is kept
 * too: NTLM may send the body with the last request only, or leave it out in the middle only.
 */
#include "core/um/authentication.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/err.h"

struct leg {
    struct um_exchange exchange; /* its spans and messages are owned */
    unsigned count;              /* legs so far, this one included */
    size_t bytes;                /* of all it owns */
    bool is_asked_again;         /* on its connection; the exchange will come */
    bool is_answered_elsewhere;  /* the same question got through on another connection */
    struct leg *next;
};

struct um_authentication {
    um_exchange_fn emit;
    void *ctx;
    struct leg *first, *last; /* oldest first */
    size_t count, bytes;
};

int
um_authentication_new(um_exchange_fn emit, void *ctx, struct um_authentication **out)
{
    struct um_authentication *authentication = calloc(1, sizeof *authentication);
    if (!authentication)
        return UM_ERR_NOMEM;
    authentication->emit = emit;
    authentication->ctx = ctx;
    *out = authentication;
    return UM_OK;
}

static void
free_leg(struct leg *leg)
{
    if (!leg)
        return;
    free((void *)(uintptr_t)leg->exchange.request.message);
    free((void *)(uintptr_t)leg->exchange.reply.message);
    free((void *)(uintptr_t)leg->exchange.target.data);
    free((void *)(uintptr_t)leg->exchange.soap_action.data);
    free((void *)(uintptr_t)leg->exchange.http_version.data);
    free((void *)(uintptr_t)leg->exchange.tls.server_name.data);
    free(leg);
}

void
um_authentication_free(struct um_authentication *authentication)
{
    if (!authentication)
        return;
    while (authentication->first) {
        struct leg *leg = authentication->first;
        authentication->first = leg->next;
        free_leg(leg);
    }
    free(authentication);
}

/* ---- copies ---- */

static size_t
bytes_of(const struct um_exchange *exchange)
{
    const struct um_message *request = exchange->request.message, *reply = exchange->reply.message;
    return sizeof(struct leg) + (request ? um_message_size(request) : 0) +
           (reply ? um_message_size(reply) : 0) + exchange->target.len + exchange->soap_action.len +
           exchange->tls.server_name.len;
}

static int
own_text(struct um_span *text)
{
    struct um_span from = *text;
    *text = um_span_of(NULL, 0);
    if (from.len == 0)
        return UM_OK;
    uint8_t *copy = malloc(from.len);
    if (!copy)
        return UM_ERR_NOMEM;
    memcpy(copy, from.data, from.len);
    *text = um_span_of(copy, from.len);
    return UM_OK;
}

static int
own_message(struct um_exchange_side *side)
{
    const struct um_message *from = side->message;
    struct um_message *copy = NULL;
    side->message = NULL;
    int err = from ? um_message_copy(from, &copy) : UM_OK;
    side->message = copy;
    return err;
}

static int
keep_leg(const struct um_exchange *exchange, struct leg **out)
{
    struct leg *leg = calloc(1, sizeof *leg);
    if (!leg)
        return UM_ERR_NOMEM;
    leg->exchange = *exchange;
    leg->bytes = bytes_of(exchange);
    /* every pointer becomes a copy or NULL, so that a half-built leg can be freed */
    int err_request = own_message(&leg->exchange.request);
    int err_reply = own_message(&leg->exchange.reply);
    int err_target = own_text(&leg->exchange.target);
    int err_action = own_text(&leg->exchange.soap_action);
    int err_version = own_text(&leg->exchange.http_version);
    int err_name = own_text(&leg->exchange.tls.server_name);
    if (err_request || err_reply || err_target || err_action || err_version || err_name) {
        free_leg(leg);
        return UM_ERR_NOMEM;
    }
    *out = leg;
    return UM_OK;
}

/* ---- repeats ---- */

static bool
is_leg(const struct um_exchange *exchange)
{
    return exchange->request.captured && exchange->reply.captured &&
           (exchange->http_status == 401 || exchange->http_status == 407);
}

static bool
is_same_field(const struct um_message *a, const struct um_message *b, enum um_field_id field)
{
    return um_span_equal(um_message_text(a, field), um_message_text(b, field));
}

static bool
has_question(const struct um_exchange *leg)
{
    return leg->request.message && leg->request.message->kind != UM_MESSAGE_NONE;
}

static bool
is_same_question(const struct um_exchange *leg, const struct um_exchange *next)
{
    const struct um_message *a = leg->request.message, *b = next->request.message;
    return b && a->operation == b->operation && is_same_field(a, b, UM_FIELD_CALL_ID) &&
           is_same_field(a, b, UM_FIELD_DIAL_STRING) && is_same_field(a, b, UM_FIELD_ENTRY_ID) &&
           is_same_field(a, b, UM_FIELD_ITEM_ID);
}

static bool
is_same_address(const struct um_endpoint *a, const struct um_endpoint *b)
{
    struct um_endpoint left = *a, right = *b;
    left.port = right.port = 0;
    return um_endpoint_equal(&left, &right);
}

/* Asked once more where it was refused. NTLM's leg without a body asks nothing yet. */
static bool
is_repeat_in_place(const struct leg *leg, const struct um_exchange *next)
{
    const struct um_exchange *refused = &leg->exchange;
    return refused->connection == next->connection &&
           um_span_equal(refused->target, next->target) &&
           (!has_question(refused) || is_same_question(refused, next));
}

/* Asked on another connection of the same client, after it was refused, and not where it was. */
static bool
is_repeat_elsewhere(const struct leg *leg, const struct um_exchange *next)
{
    const struct um_exchange *refused = &leg->exchange;
    return refused->connection != next->connection && !leg->is_asked_again &&
           has_question(refused) && next->request.first.frame > refused->reply.first.frame &&
           is_same_address(&refused->client, &next->client) &&
           um_endpoint_equal(&refused->server, &next->server) &&
           um_span_equal(refused->target, next->target) && is_same_question(refused, next);
}

/* Asked again where it was refused, in a request that is lost: a reply without one answers it. */
static bool
is_lost_repeat(const struct leg *leg, const struct um_exchange *next)
{
    const struct um_exchange *refused = &leg->exchange;
    const struct um_message *reply = next->reply.message;
    return refused->connection == next->connection && !leg->is_asked_again &&
           has_question(refused) && next->reply.first.frame > refused->reply.first.frame && reply &&
           reply->kind == UM_MESSAGE_REPLY &&
           reply->operation == refused->request.message->operation;
}

/* The question that a bodiless leg goes on with: the newest that waits on its connection. */
static struct leg *
question_behind(const struct um_authentication *authentication, const struct um_exchange *leg)
{
    struct leg *newest = NULL;
    for (struct leg *at = authentication->first; at; at = at->next) {
        if (has_question(&at->exchange) && at->exchange.connection == leg->connection &&
            um_span_equal(at->exchange.target, leg->target))
            newest = at;
    }
    return newest;
}

/* Takes the leg behind `before` off the list; with NULL, the oldest. There is one. */
static struct leg *
take_behind(struct um_authentication *authentication, struct leg *before)
{
    struct leg **at = before ? &before->next : &authentication->first;
    struct leg *leg = *at;
    assert(leg);
    *at = leg->next;
    if (authentication->last == leg)
        authentication->last = before;
    authentication->count--;
    authentication->bytes -= leg->bytes;
    return leg;
}

/* The oldest leg that waits for `next`, taken off the list; NULL when there is none. */
static struct leg *
take_oldest(struct um_authentication *authentication, const struct um_exchange *next,
            bool (*is_repeat)(const struct leg *leg, const struct um_exchange *next))
{
    struct leg *before = NULL;
    struct leg *leg = authentication->first;
    while (leg && !is_repeat(leg, next)) {
        before = leg;
        leg = leg->next;
    }
    return leg ? take_behind(authentication, before) : NULL;
}

/*
 * Ends what `next` repeats: the count of legs before it. A connection's own legs come first. One
 * that is refused itself goes on with a leg of another connection only if it answers a challenge:
 * two clients that are both refused at first go on each by itself.
 */
static unsigned
end_repeated(struct um_authentication *authentication, const struct um_exchange *next)
{
    if (!authentication->first)
        return 0;
    bool is_known = next->request.captured;
    struct leg *leg =
        take_oldest(authentication, next, is_known ? is_repeat_in_place : is_lost_repeat);
    if (!leg && is_known && (!is_leg(next) || next->has_credentials))
        leg = take_oldest(authentication, next, is_repeat_elsewhere);
    unsigned count = leg ? leg->count : 0;
    free_leg(leg);
    return count;
}

/* ---- what leaves and what waits ---- */

/* Of the leg behind `before`; with NULL, of the oldest. */
static int
emit_failed(struct um_authentication *authentication, struct leg *before)
{
    struct leg *leg = take_behind(authentication, before);
    leg->exchange.authentication_failed = true;
    leg->exchange.authentication_legs = leg->count - 1;
    int err = leg->is_answered_elsewhere
                  ? UM_OK
                  : authentication->emit(authentication->ctx, &leg->exchange);
    free_leg(leg);
    return err;
}

/* The question got through. Where it was refused besides it may be asked again, or never more. */
static void
note_answered(struct um_authentication *authentication, const struct um_exchange *exchange)
{
    if (!exchange->reply.captured)
        return;
    for (struct leg *leg = authentication->first; leg; leg = leg->next) {
        if (is_repeat_elsewhere(leg, exchange))
            leg->is_answered_elsewhere = true;
    }
}

static int
keep_waiting(struct um_authentication *authentication, const struct um_exchange *exchange,
             unsigned count)
{
    struct leg *leg = NULL;
    int err = keep_leg(exchange, &leg);
    if (err)
        return err;
    leg->count = count;
    *(authentication->last ? &authentication->last->next : &authentication->first) = leg;
    authentication->last = leg;
    authentication->count++;
    authentication->bytes += leg->bytes;
    while (!err && authentication->first != authentication->last &&
           (authentication->count > UM_AUTHENTICATION_WAITING_MAX ||
            authentication->bytes > UM_AUTHENTICATION_BYTES_MAX))
        err = emit_failed(authentication, NULL);
    return err;
}

void
um_authentication_asked(struct um_authentication *authentication, uint64_t connection,
                        struct um_span target, const struct um_message *message)
{
    const struct um_exchange asked = {
        .connection = connection, .target = target, .request = {.message = message}};
    struct leg *leg = authentication->first;
    while (leg && (leg->is_asked_again || !is_repeat_in_place(leg, &asked)))
        leg = leg->next;
    if (leg)
        leg->is_asked_again = true;
}

int
um_authentication_add(struct um_authentication *authentication, struct um_exchange *exchange)
{
    struct leg *question = exchange->request.bodiless && is_leg(exchange)
                               ? question_behind(authentication, exchange)
                               : NULL;
    if (question) {
        question->count++;
        return UM_OK;
    }
    unsigned count = end_repeated(authentication, exchange);
    if (is_leg(exchange))
        return keep_waiting(authentication, exchange, count + 1);
    note_answered(authentication, exchange);
    exchange->authentication_legs = count;
    return authentication->emit(authentication->ctx, exchange);
}

int
um_authentication_give_up(struct um_authentication *authentication, int64_t before_ns)
{
    struct leg *before = NULL, *leg = authentication->first;
    int err = UM_OK;
    while (leg && !err) {
        struct leg *next = leg->next;
        if (leg->is_asked_again || leg->exchange.reply.last.time_ns >= before_ns)
            before = leg;
        else
            err = emit_failed(authentication, before);
        leg = next;
    }
    return err;
}

int
um_authentication_each_waiting(const struct um_authentication *authentication, um_question_fn take,
                               void *ctx)
{
    int err = UM_OK;
    for (const struct leg *leg = authentication->first; leg && !err; leg = leg->next)
        err = has_question(&leg->exchange) ? take(ctx, leg->exchange.request.message) : UM_OK;
    return err;
}

int
um_authentication_end(struct um_authentication *authentication)
{
    int err = UM_OK;
    while (!err && authentication->first)
        err = emit_failed(authentication, NULL);
    return err;
}
