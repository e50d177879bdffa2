/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A connection's steps are numbered; what a step does depends on the kind of actor. */
#include "bench/gen/actor.h"

#include <inttypes.h>
#include <string.h>

enum {
    OPENING,
    ACCEPTING,
    GREETING,
    SENDING_HELLO,
    SENDING_ANSWER,
    ASKING,
    SENDING_REQUEST,
    ANSWERING,
    SENDING_REPLY,
    CLOSING,
    CLOSED
};

static struct um_dice *
dice_of(const struct um_actor_world *world)
{
    return world->flows.dice;
}

/* ---- calls ---- */

static void
begin_call(struct um_actor_world *world, struct um_actor_call *call)
{
    struct um_text id = {0};
    um_text_base64(&id, dice_of(world), sizeof call->id - 1);
    *call = (struct um_actor_call){0};
    memcpy(call->id, id.data, id.len);
    um_text_free(&id);
}

void
um_actor_tell_call(struct um_actor_world *world, struct um_actor *actor)
{
    const struct um_actor_call *call = &actor->call;
    if (call->polls == 0)
        return;
    world->calls++;
    if (!world->truth)
        return;
    (void)fprintf(world->truth, "{\"call_id\": \"%s\", \"polls\": %u, \"seen\": %u, \"states\": [",
                  call->id, call->polls, call->seen_polls);
    for (size_t i = 0; i < call->seen_state_count; i++)
        (void)fprintf(world->truth, "%s\"%s\"", i > 0 ? ", " : "",
                      um_bench_state_name(call->seen_states[i]));
    (void)fprintf(world->truth, "]}\n");
}

/* The state that the next poll is told. */
static enum um_bench_state
go_on(struct um_dice *dice, struct um_actor_call *call)
{
    if (call->is_begun && call->state != UM_BENCH_STATE_DISCONNECTED && um_dice_permille(dice, 400))
        call->state++;
    call->is_begun = true;
    return call->state;
}

/* A poll has its reply. */
static void
note_poll(struct um_actor_world *world, struct um_actor *actor)
{
    struct um_actor_call *call = &actor->call;
    size_t count = call->seen_state_count;
    world->poll_replies++;
    world->hit_polls += actor->is_hit;
    call->polls++;
    call->seen_polls += !actor->is_hit;
    if (!actor->is_hit && (count == 0 || call->seen_states[count - 1] != call->state))
        call->seen_states[call->seen_state_count++] = call->state;
    if (call->state == UM_BENCH_STATE_DISCONNECTED) {
        um_actor_tell_call(world, actor);
        begin_call(world, call);
    }
}

/* ---- what is said ---- */

static struct um_bodies_coding
choose_coding(struct um_actor_world *world)
{
    struct um_bodies_coding coding;
    coding.gzip = um_dice_permille(dice_of(world), world->gzip_permille);
    coding.chunked = um_dice_permille(dice_of(world), world->chunked_permille);
    return coding;
}

/* Bytes of a message, in TLS where there is some: the client ends the handshake with them. */
static void
say(struct um_actor_world *world, struct um_actor *actor, int side, const uint8_t *data, size_t len)
{
    struct um_text *sealed = &actor->sealed;
    if (world->tls == UM_SEAL_NONE) {
        um_bench_flow_say(&actor->flow, side, data, len);
        return;
    }
    sealed->len = 0;
    if (!actor->seal.is_open)
        um_seal_finish(&actor->seal, sealed);
    world->records += um_seal_data(&actor->seal, side, data, len, sealed);
    world->record_bytes += len;
    um_bench_flow_say(&actor->flow, side, sealed->data, sealed->len);
}

static void
say_message(struct um_actor_world *world, struct um_actor *actor, int side)
{
    say(world, actor, side, actor->message.data, actor->message.len);
}

/* What comes before the first message. */
static void
greet(struct um_actor_world *world, struct um_actor *actor)
{
    if (world->tls == UM_SEAL_NONE) {
        actor->step = ASKING;
        return;
    }
    actor->sealed.len = 0;
    um_seal_begin(&actor->seal, world->tls, dice_of(world), world->keys);
    um_seal_hello(&actor->seal, &actor->sealed);
    um_bench_flow_say(&actor->flow, 0, actor->sealed.data, actor->sealed.len);
    actor->step = SENDING_HELLO;
}

static void
answer_hello(struct um_actor *actor)
{
    actor->sealed.len = 0;
    um_seal_answer(&actor->seal, &actor->sealed);
    um_bench_flow_say(&actor->flow, 1, actor->sealed.data, actor->sealed.len);
    actor->step = SENDING_ANSWER;
}

static void
say_sealed(struct um_actor_world *world, struct um_actor *actor, int side, size_t most)
{
    uint32_t len = um_dice_between(dice_of(world), 1, (uint32_t)most);
    um_bodies_sealed(&world->bodies, len, &actor->message);
    say_message(world, actor, side);
}

static void
ask(struct um_actor_world *world, struct um_actor *actor)
{
    struct um_bodies *bodies = &world->bodies;
    world->requests++;
    actor->is_hit = false;
    actor->is_poll =
        actor->kind == UM_ACTOR_SOAP && um_dice_permille(dice_of(world), actor->poll_permille);
    if (actor->kind != UM_ACTOR_SOAP) {
        um_bodies_get(bodies, &actor->message);
    } else if (actor->is_poll) {
        world->polls++;
        um_bodies_poll(bodies, actor->call.id, choose_coding(world), &actor->message);
    } else {
        um_bodies_find_item(bodies, choose_coding(world), &actor->message);
    }
    say_message(world, actor, 0);
}

static void
answer(struct um_actor_world *world, struct um_actor *actor)
{
    struct um_bodies *bodies = &world->bodies;
    if (actor->kind == UM_ACTOR_DOWNLOAD)
        um_bodies_download_head(actor->chunks * UM_BODIES_NOISE_BYTES, &actor->message);
    else if (actor->kind == UM_ACTOR_WEB)
        um_bodies_page(bodies, &actor->message);
    else if (actor->is_poll)
        um_bodies_call_info(bodies, go_on(dice_of(world), &actor->call), choose_coding(world),
                            &actor->message);
    else
        um_bodies_items(bodies, choose_coding(world), &actor->message);
    say_message(world, actor, 1);
}

/* What a side says first on a connection of this kind, and then. */
static void
begin_round(struct um_actor_world *world, struct um_actor *actor)
{
    bool is_first = actor->round++ == 0;
    struct um_dice *dice = dice_of(world);
    struct um_bodies *bodies = &world->bodies;
    switch (actor->kind) {
    case UM_ACTOR_CHAT: {
        uint32_t at = um_dice_between(dice, 16, 16000);
        um_bench_flow_say(&actor->flow, um_dice_permille(dice, 500), bodies->noise + at,
                          um_dice_between(dice, 1, 20));
        break;
    }
    case UM_ACTOR_BULK:
    case UM_ACTOR_TLS:
        if (!is_first) {
            say_sealed(world, actor, 0, 2000);
            break;
        }
        world->tls_connections++;
        um_bodies_client_hello(bodies, &actor->message);
        say_message(world, actor, 0);
        break;
    default:
        ask(world, actor);
    }
}

static void
answer_round(struct um_actor_world *world, struct um_actor *actor)
{
    bool is_hidden = actor->kind == UM_ACTOR_BULK || actor->kind == UM_ACTOR_TLS;
    bool is_first = actor->round == 1;
    if (actor->kind == UM_ACTOR_CHAT) {
        um_bench_flow_say(&actor->flow, 1, actor->flow.message, 1);
    } else if (is_hidden && is_first) {
        um_bodies_server_hello(&world->bodies, &actor->message);
        say_message(world, actor, 1);
    } else if (is_hidden) {
        say_sealed(world, actor, 1, 60000);
    } else {
        answer(world, actor);
    }
}

static void
end_round(struct um_actor_world *world, struct um_actor *actor)
{
    if (actor->kind == UM_ACTOR_WEB || actor->kind == UM_ACTOR_SOAP ||
        actor->kind == UM_ACTOR_DOWNLOAD)
        world->replies++;
    if (actor->is_poll)
        note_poll(world, actor);
}

/* ---- connections ---- */

static unsigned
rounds_of(const struct um_actor_world *world, enum um_actor_kind kind)
{
    struct um_dice *dice = dice_of(world);
    switch (kind) {
    case UM_ACTOR_SOAP:
        if (world->requests_max > 0)
            return um_dice_between(dice, 1, world->requests_max);
        return um_dice_between(dice, 20, 200);
    case UM_ACTOR_WEB:
    case UM_ACTOR_TLS:
    case UM_ACTOR_CHAT:
        return um_dice_between(dice, 4, 12);
    default:
        return 1;
    }
}

static uint16_t
port_of(struct um_dice *dice, enum um_actor_kind kind)
{
    static const uint16_t ports[UM_ACTOR_KIND_COUNT] = {443, 80, 80, 80, 443, 23, 0};
    return kind == UM_ACTOR_SCAN ? (uint16_t)um_dice_between(dice, 1, UINT16_MAX) : ports[kind];
}

void
um_actor_start(struct um_actor_world *world, struct um_actor *actor, enum um_actor_kind kind,
               uint32_t slot)
{
    struct um_dice *dice = dice_of(world);
    struct um_bench_flow *flow = &actor->flow;
    bool is_large = kind == UM_ACTOR_BULK || kind == UM_ACTOR_DOWNLOAD;
    *flow = (struct um_bench_flow){0};
    flow->ends[0].address = 0x0a000001 + slot;
    flow->ends[0].port = (uint16_t)um_dice_between(dice, 1025, UINT16_MAX);
    flow->ends[1].address = 0xc6120001 + slot % 250;
    flow->ends[1].port = world->tls == UM_SEAL_NONE ? port_of(dice, kind) : 443;
    for (int i = 0; i < 2; i++)
        flow->seq[i] = um_dice_roll(dice);
    actor->kind = kind;
    actor->step = OPENING;
    actor->is_alive = true;
    actor->is_poll = false;
    actor->round = 0;
    actor->rounds = rounds_of(world, kind);
    actor->chunks = is_large ? um_dice_between(dice, 2, 20) : 0;
    if (kind == UM_ACTOR_SOAP) {
        um_actor_tell_call(world, actor); /* it was left open */
        begin_call(world, &actor->call);
    }
    world->connections++;
}

/* Nobody listens: tried three times at most, refused now and then. */
static void
scan(struct um_actor_world *world, struct um_actor *actor)
{
    struct um_dice *dice = dice_of(world);
    struct um_bench_flow *flow = &actor->flow;
    bool is_refused = um_dice_permille(dice, 300);
    if (actor->round > 0)
        flow->seq[0]--; /* the same again */
    um_bench_flow_signal(&world->flows, flow, 0, UM_WIRE_SYN);
    if (is_refused)
        um_bench_flow_signal(&world->flows, flow, 1, UM_WIRE_RST | UM_WIRE_ACK);
    actor->is_alive = !is_refused && ++actor->round < 3 && um_dice_permille(dice, 500);
}

/* The message has been sent: what comes next. */
static void
after_message(struct um_actor_world *world, struct um_actor *actor)
{
    if (actor->step == SENDING_HELLO) {
        answer_hello(actor);
        return;
    }
    if (actor->step == SENDING_ANSWER) {
        actor->step = ASKING;
        return;
    }
    actor->is_hit = actor->is_hit || actor->flow.has_gone;
    if (actor->step == SENDING_REQUEST) {
        actor->step = ANSWERING;
        return;
    }
    if (actor->chunks > 0) {
        actor->chunks--;
        say(world, actor, 1, world->bodies.noise, UM_BODIES_NOISE_BYTES);
        return;
    }
    end_round(world, actor);
    actor->step = ASKING;
}

static void
close_some(struct um_actor_world *world, struct um_actor *actor)
{
    um_bench_flow_signal(&world->flows, &actor->flow, 0, UM_WIRE_FIN | UM_WIRE_ACK);
    um_bench_flow_signal(&world->flows, &actor->flow, 1, UM_WIRE_FIN | UM_WIRE_ACK);
    um_bench_flow_signal(&world->flows, &actor->flow, 0, UM_WIRE_ACK);
    actor->is_alive = false;
}

void
um_actor_step(struct um_actor_world *world, struct um_actor *actor)
{
    struct um_bench_flow *flow = &actor->flow;
    switch (actor->kind == UM_ACTOR_SCAN ? CLOSED : actor->step) {
    case OPENING:
        um_bench_flow_signal(&world->flows, flow, 0, UM_WIRE_SYN);
        actor->step = ACCEPTING;
        break;
    case ACCEPTING:
        um_bench_flow_signal(&world->flows, flow, 1, UM_WIRE_SYN | UM_WIRE_ACK);
        um_bench_flow_signal(&world->flows, flow, 0, UM_WIRE_ACK);
        actor->step = GREETING;
        break;
    case GREETING:
        greet(world, actor);
        break;
    case ASKING:
        if (actor->round == actor->rounds || world->is_ending) {
            actor->step = CLOSING;
            break;
        }
        begin_round(world, actor);
        actor->step = SENDING_REQUEST;
        break;
    case ANSWERING:
        answer_round(world, actor);
        actor->step = SENDING_REPLY;
        break;
    case SENDING_HELLO:
    case SENDING_ANSWER:
    case SENDING_REQUEST:
    case SENDING_REPLY:
        if (um_bench_flow_step(&world->flows, flow))
            after_message(world, actor);
        break;
    case CLOSING:
        close_some(world, actor);
        break;
    default:
        scan(world, actor);
    }
}
