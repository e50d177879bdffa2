/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Every connection is two sides that count their bytes; side 0 is the client. What an event sends
 * is cut into segments, and the other side acknowledges the last of them a moment later.
 */
#include "samples/maker/tcp.h"

#include <stdlib.h>
#include <string.h>

#include "samples/maker/frame.h"
#include "samples/maker/http.h"

static const int64_t STEP_US = 100;     /* between the frames of a handshake */
static const int64_t PACE_US = 10;      /* between segments, when the dialogue does not say */
static const int64_t ACK_AFTER_US = 50; /* from a segment to its acknowledgement */

enum ending {
    ENDING_NONE,
    ENDING_FIN,
    ENDING_RESET,
};

struct side {
    struct um_host host;
    uint32_t next;   /* sequence number of its next byte */
    uint16_t number; /* IPv4 identification of its next packet */
    enum ending ending;
    bool unseen; /* its frames are not captured */
};

struct connection {
    const char *name;
    const struct um_event *opened;
    struct side sides[2];
    size_t segment_max;
};

struct run {
    struct um_pool *pool;
    struct connection *connections;
    size_t connection_count;
    struct um_frames *out;
};

static struct connection *
find_connection(const struct run *run, const struct um_event *event)
{
    for (size_t i = run->connection_count; i > 0; i--) {
        if (strcmp(run->connections[i - 1].name, event->connection) == 0)
            return &run->connections[i - 1];
    }
    um_place_die(&event->place, "no connection%s%s is open", *event->connection ? " " : "",
                 event->connection);
}

/* Takes the sequence numbers along; a frame only where it is captured. */
static void
send_segment(struct run *run, struct connection *connection, bool from_server, int64_t time_us,
             struct um_segment segment, bool captured)
{
    struct side *from = &connection->sides[from_server];
    const struct side *to = &connection->sides[!from_server];
    segment.source = &from->host;
    segment.destination = &to->host;
    segment.number = from->number++;
    if (segment.flags & UM_TCP_ACK)
        segment.acknowledged = to->next;
    if (!captured || from->unseen)
        return;
    struct um_frames *out = run->out;
    struct um_frame frame = {.time_us = time_us, .order = out->count, .bytes = {.pool = run->pool}};
    um_frame_make(&segment, &frame.bytes);
    out->items = um_pool_grow(run->pool, out->items, out->count, sizeof *out->items);
    out->items[out->count++] = frame;
}

/* A segment without bytes; SYN and FIN count as one. */
static void
send_flags(struct run *run, struct connection *connection, bool from_server, int64_t time_us,
           unsigned flags)
{
    struct side *from = &connection->sides[from_server];
    struct um_segment segment = {.sequence = from->next, .flags = flags};
    send_segment(run, connection, from_server, time_us, segment, true);
    if (flags & (UM_TCP_SYN | UM_TCP_FIN))
        from->next++;
}

static void
parse_host(const struct um_event *event, const char *text, struct um_host *out)
{
    if (!um_host_parse(text, out))
        um_place_die(&event->place, "no address: \"%s\" (10.0.0.1:80 or [2001:db8::1]:80)", text);
}

static void
choose_direction(const struct um_event *event, struct connection *connection)
{
    const char *only = um_words_option(&event->words, "only");
    if (!only)
        return;
    if (strcmp(only, ">") != 0 && strcmp(only, "<") != 0)
        um_place_die(&event->place, "only is > or <, not %s", only);
    connection->sides[*only == '>'].unseen = true;
}

static void
open_connection(struct run *run, const struct um_event *event)
{
    uint32_t nth = (uint32_t)run->connection_count + 1;
    struct connection made = {.name = event->connection, .opened = event};
    parse_host(event, event->client, &made.sides[0].host);
    parse_host(event, event->server, &made.sides[1].host);
    if (made.sides[0].host.is_v6 != made.sides[1].host.is_v6)
        um_place_die(&event->place, "both ends are IPv4, or both IPv6");
    made.sides[0].next = um_words_number(&event->words, &event->place, "sequence", nth * 1000003);
    made.sides[1].next = nth * 7000009;
    made.segment_max = um_frame_payload_max(&made.sides[0].host);
    choose_direction(event, &made);

    run->connections =
        um_pool_grow(run->pool, run->connections, run->connection_count, sizeof *run->connections);
    struct connection *connection = &run->connections[run->connection_count++];
    *connection = made;
    send_flags(run, connection, false, event->time_us, UM_TCP_SYN);
    send_flags(run, connection, true, event->time_us + STEP_US, UM_TCP_SYN | UM_TCP_ACK);
    send_flags(run, connection, false, event->time_us + 2 * STEP_US, UM_TCP_ACK);
}

/* How one event's bytes are cut and what became of the pieces. */
struct cutting {
    const struct um_event *event;
    const uint8_t *data;
    size_t len, segment_max;
    uint32_t first; /* sequence number */
    uint32_t count; /* segments */
    int64_t pace_us;
};

static struct cutting
cut(const struct connection *connection, const struct um_event *event, const struct um_bytes *bytes)
{
    const struct um_words *own = &event->words, *shared = &connection->opened->words;
    const struct um_place *place = &event->place;
    struct cutting cutting = {.event = event,
                              .data = bytes->data,
                              .len = bytes->len,
                              .first = connection->sides[event->from_server].next,
                              .pace_us = PACE_US};
    uint32_t max = um_words_number(shared, place, "segment", (uint32_t)connection->segment_max);
    max = um_words_number(own, place, "segment", max);
    if (max == 0 || max > connection->segment_max)
        um_place_die(place, "a segment has 1 to %zu bytes", connection->segment_max);
    uint32_t sent = um_words_number(own, place, "cut", (uint32_t)bytes->len);
    if (sent > bytes->len)
        um_place_die(place, "cannot be cut at %u: the message has %zu bytes", sent, bytes->len);
    cutting.len = sent;
    cutting.segment_max = max;
    cutting.count = (uint32_t)((cutting.len + max - 1) / max);
    const char *pace = um_words_option(own, "pace");
    if (pace && (!um_words_parse_seconds(pace, &cutting.pace_us) || cutting.pace_us < 0))
        um_place_die(place, "pace wants seconds, not %s", pace);
    return cutting;
}

static void
check_list(const struct cutting *cutting, const char *key)
{
    uint32_t greatest = um_words_list_max(&cutting->event->words, &cutting->event->place, key);
    if (greatest > cutting->count)
        um_place_die(&cutting->event->place, "%s=%u, but the message has %u segments", key,
                     greatest, cutting->count);
}

static void
send_piece(struct run *run, struct connection *connection, const struct cutting *cutting,
           uint32_t index, int64_t time_us, bool captured)
{
    size_t at = (size_t)index * cutting->segment_max;
    size_t left = cutting->len - at;
    size_t len = left < cutting->segment_max ? left : cutting->segment_max;
    struct um_segment segment = {
        .sequence = cutting->first + (uint32_t)at,
        .flags = UM_TCP_ACK | (len == left ? (unsigned)UM_TCP_PSH : 0),
        .payload = cutting->data + at,
        .len = len,
    };
    send_segment(run, connection, cutting->event->from_server, time_us, segment, captured);
}

/* Sends the pieces that the option `key` lists; the time behind them. */
static int64_t
send_again(struct run *run, struct connection *connection, const struct cutting *cutting,
           const char *key, int64_t time_us)
{
    const struct um_event *event = cutting->event;
    check_list(cutting, key);
    for (uint32_t i = 0; i < cutting->count; i++) {
        if (!um_words_lists(&event->words, &event->place, key, i + 1))
            continue;
        send_piece(run, connection, cutting, i, time_us, true);
        time_us += cutting->pace_us;
    }
    return time_us;
}

static void
send_bytes(struct run *run, struct connection *connection, const struct um_event *event,
           const struct um_bytes *bytes)
{
    struct cutting cutting = cut(connection, event, bytes);
    int64_t time_us = event->time_us;
    check_list(&cutting, "lose");
    for (uint32_t i = 0; i < cutting.count; i++) {
        if (um_words_lists(&event->words, &event->place, "late", i + 1))
            continue;
        bool lost = um_words_lists(&event->words, &event->place, "lose", i + 1);
        send_piece(run, connection, &cutting, i, time_us, !lost);
        time_us += cutting.pace_us;
    }
    time_us = send_again(run, connection, &cutting, "late", time_us);
    time_us = send_again(run, connection, &cutting, "twice", time_us);
    connection->sides[event->from_server].next += (uint32_t)cutting.len;
    send_flags(run, connection, !event->from_server, time_us - cutting.pace_us + ACK_AFTER_US,
               UM_TCP_ACK);
}

static void
send_lost(struct run *run, struct connection *connection, const struct um_event *event)
{
    const char *text = um_words_plain(&event->words, 0);
    uint32_t len;
    if (!text || !um_words_parse_number(text, &len))
        um_place_die(&event->place, "lost wants a number of bytes");
    connection->sides[event->from_server].next += len;
    send_flags(run, connection, !event->from_server, event->time_us + ACK_AFTER_US, UM_TCP_ACK);
}

static void
send_fin(struct run *run, struct connection *connection, bool from_server, int64_t time_us)
{
    if (connection->sides[from_server].ending != ENDING_NONE)
        return;
    send_flags(run, connection, from_server, time_us, UM_TCP_FIN | UM_TCP_ACK);
    connection->sides[from_server].ending = ENDING_FIN;
}

static void
close_both(struct run *run, struct connection *connection, const struct um_event *event)
{
    bool first = event->from_server;
    send_fin(run, connection, first, event->time_us);
    send_fin(run, connection, !first, event->time_us + STEP_US);
    send_flags(run, connection, first, event->time_us + 2 * STEP_US, UM_TCP_ACK);
}

static void
reset(struct run *run, struct connection *connection, const struct um_event *event)
{
    const char *heeded = um_words_option(&event->words, "heeded");
    send_flags(run, connection, event->from_server, event->time_us, UM_TCP_RST | UM_TCP_ACK);
    if (heeded && strcmp(heeded, "no") == 0)
        return;
    connection->sides[0].ending = ENDING_RESET;
    connection->sides[1].ending = ENDING_RESET;
}

static void
carry_out(struct run *run, const struct um_event *event)
{
    if (event->verb == UM_VERB_CLOCK)
        return;
    if (event->verb == UM_VERB_OPEN) {
        open_connection(run, event);
        return;
    }
    struct um_bytes bytes = {.pool = run->pool};
    struct connection *connection = find_connection(run, event);
    if (connection->sides[event->from_server].ending != ENDING_NONE)
        um_place_die(&event->place, "this side has closed");
    switch (event->verb) {
    case UM_VERB_LOST:
        send_lost(run, connection, event);
        break;
    case UM_VERB_CLOSE:
        close_both(run, connection, event);
        break;
    case UM_VERB_FIN:
        send_fin(run, connection, event->from_server, event->time_us);
        send_flags(run, connection, !event->from_server, event->time_us + STEP_US, UM_TCP_ACK);
        break;
    case UM_VERB_RESET:
        reset(run, connection, event);
        break;
    case UM_VERB_BYTES:
        um_bytes_add(&bytes, event->text, event->text_len);
        send_bytes(run, connection, event, &bytes);
        break;
    default:
        um_http_make(run->pool, event, &bytes);
        send_bytes(run, connection, event, &bytes);
        break;
    }
}

static int
by_time(const void *left, const void *right)
{
    const struct um_frame *a = left, *b = right;
    if (a->time_us != b->time_us)
        return a->time_us < b->time_us ? -1 : 1;
    return (a->order > b->order) - (a->order < b->order);
}

void
um_tcp_run(struct um_pool *pool, const struct um_dialogue *dialogue, struct um_frames *out)
{
    struct run run = {.pool = pool, .out = out};
    *out = (struct um_frames){0};
    for (size_t i = 0; i < dialogue->count; i++)
        carry_out(&run, &dialogue->events[i]);
    if (out->count > 1)
        qsort(out->items, out->count, sizeof *out->items, by_time);
}
