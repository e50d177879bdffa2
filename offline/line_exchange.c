/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The mirror of report/json_messages.c: key by key what is written there. */
#include "offline/line_exchange.h"

#include <stdlib.h>

struct reader {
    struct um_line *line;
    struct um_symbols *texts;
    int err; /* sticky */
};

static void
blame(struct reader *reader, const char *key)
{
    if (!reader->line->wrong)
        reader->line->wrong = key;
}

static struct um_span
keep(struct reader *reader, struct um_span text)
{
    struct um_span kept = um_span_of(NULL, 0);
    if (text.data && !reader->err)
        reader->err = um_symbols_add(reader->texts, text, NULL, &kept);
    return kept;
}

static struct um_span
read_text(struct reader *reader, struct um_line_value object, const char *key)
{
    return keep(reader, um_line_text(reader->line, object, key));
}

static int
hex_value(uint8_t c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A text that may be told in hexadecimal as well, where JSON could not hold it. */
static struct um_span
read_bytes(struct reader *reader, struct um_line_value object, const char *key, const char *hex_key)
{
    struct um_span hex = um_line_text(reader->line, object, hex_key);
    struct um_arena scratch = {0};
    if (hex.len == 0)
        return read_text(reader, object, key);
    uint8_t *bytes = um_arena_alloc(&scratch, hex.len / 2);
    if (!bytes)
        reader->err = UM_ERR_NOMEM;
    for (size_t i = 0; bytes && i < hex.len / 2; i++) {
        int high = hex_value(hex.data[2 * i]), low = hex_value(hex.data[2 * i + 1]);
        if (high < 0 || low < 0)
            blame(reader, hex_key);
        bytes[i] = (uint8_t)((unsigned)high << 4 | (unsigned)low);
    }
    struct um_span kept = keep(reader, um_span_of(bytes, hex.len / 2));
    um_arena_done(&scratch);
    return kept;
}

/* The place of a word in a list of `count`; `count` and wrong when it is not there. */
static unsigned
find_word(struct reader *reader, struct um_span word, const char *key,
          const char *(*text_of)(unsigned), unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (um_span_equal(word, um_span_text(text_of(i))))
            return i;
    }
    blame(reader, key);
    return count;
}

static uint32_t
read_bits(struct reader *reader, struct um_line_value object, const char *key,
          const char *(*text_of)(unsigned), unsigned count)
{
    struct um_line_value names = um_line_at(reader->line, object, key);
    size_t length = um_line_length(reader->line, names, key);
    uint32_t bits = 0;
    for (size_t i = 0; i < length; i++) {
        struct um_span name = um_line_as_text(reader->line, um_line_element(names, i), key);
        unsigned bit = find_word(reader, name, key, text_of, count);
        bits |= bit < count ? (uint32_t)1 << bit : 0;
    }
    return bits;
}

static const char *
limit_text(unsigned bit)
{
    return um_limit_name((enum um_limit)bit);
}

static const char *
unanswered_text(unsigned value)
{
    return um_unanswered_text((enum um_unanswered)value);
}

static const char *
service_text(unsigned value)
{
    return um_service_name((enum um_service)(value + UM_SERVICE_UMWS));
}

struct side {
    bool captured, read, incomplete;
    struct um_mark first, last;
    unsigned flags;
};

static struct side
read_side(struct reader *reader, struct um_line_value object, const char *key)
{
    struct um_line *line = reader->line;
    struct um_line_value side = um_line_at(line, object, key);
    if (um_line_is_null(side))
        return (struct side){.captured = false};
    return (struct side){
        .captured = true,
        .read = um_line_flag(line, side, "read"),
        .incomplete = !um_line_flag(line, side, "complete"),
        .first = {um_line_count(line, side, "first_frame"), um_line_time(line, side, "first_time")},
        .last = {um_line_count(line, side, "last_frame"), um_line_time(line, side, "last_time")},
        .flags = read_bits(reader, side, "oddities", um_message_flag_text, UM_MESSAGE_FLAGS),
    };
}

static void
read_sides(struct reader *reader, struct um_line_value object, struct um_exchange_record *out)
{
    struct side request = read_side(reader, object, "request");
    struct side reply = read_side(reader, object, "reply");
    out->has_request = request.captured;
    out->has_request_message = request.read;
    out->request_incomplete = request.incomplete;
    out->request_first = request.first;
    out->request_last = request.last;
    out->request_flags = request.flags;
    out->has_reply = reply.captured;
    out->has_reply_message = reply.read;
    out->reply_incomplete = reply.incomplete;
    out->reply_first = reply.first;
    out->reply_last = reply.last;
    out->reply_flags = reply.flags;
}

static void
read_fault(struct reader *reader, struct um_line_value object, struct um_exchange_record *out)
{
    struct um_line_value fault = um_line_at(reader->line, object, "fault");
    if (um_line_is_null(fault))
        return;
    struct um_span kind = um_line_text(reader->line, fault, "kind");
    out->is_fault = um_span_equal(kind, um_span_text("soap"));
    out->is_service_error = um_span_equal(kind, um_span_text("service"));
    if (!out->is_fault && !out->is_service_error)
        blame(reader, "kind");
    out->fault_code = read_text(reader, fault, "code");
    out->fault_text = read_text(reader, fault, "text");
    out->fault_exception = read_text(reader, fault, "exception");
}

static void
read_call_id(struct reader *reader, struct um_line_value object, struct um_exchange_record *out)
{
    struct um_call_id id;
    struct um_arena scratch = {0};
    struct um_span text = um_line_text(reader->line, object, "call_id");
    int err = um_call_id_parse(text, &scratch, &id);
    if (err) {
        reader->err = err;
    } else if (id.key.len > 0) {
        out->call_id = keep(reader, text);
        id.key = keep(reader, id.key);
        id.server = id.server.len > 0 ? keep(reader, id.server) : um_span_of(NULL, 0);
        id.plain = um_span_of(NULL, 0);
        out->id = id;
    }
    um_arena_done(&scratch);
}

/* Sixteen hexadecimal digits; null is 0. */
static uint64_t
read_item(struct reader *reader, struct um_line_value object)
{
    struct um_span text = um_line_text(reader->line, object, "item");
    uint64_t item = 0;
    for (size_t i = 0; i < text.len; i++) {
        int value = hex_value(text.data[i]);
        if (value < 0 || text.len != 16)
            blame(reader, "item");
        item = item << 4 | (unsigned)value;
    }
    return item;
}

static void
read_what(struct reader *reader, struct um_line_value object, struct um_exchange_record *out)
{
    struct um_line *line = reader->line;
    struct um_span service = um_line_text(line, object, "service");
    struct um_span operation = um_line_text(line, object, "operation");
    out->service =
        (enum um_service)(find_word(reader, service, "service", service_text, 2) + UM_SERVICE_UMWS);
    out->operation = um_operation_of(operation);
    if (operation.data && out->operation == UM_OPERATION_NONE)
        blame(reader, "operation");
    out->state = read_text(reader, object, "state");
    out->cause = read_text(reader, object, "cause");
    out->dial_string = read_text(reader, object, "dial_string");
    out->sip_code = read_text(reader, object, "sip_code");
    out->sip_text = read_text(reader, object, "sip_text");
    out->item = read_item(reader, object);
}

/* Texts that are static where they were made live with the others here. */
static void
read_tls(struct reader *reader, struct um_line_value object, struct um_exchange_record *out)
{
    struct um_line_value tls = um_line_at(reader->line, object, "tls");
    out->http_version = read_text(reader, object, "http_version");
    if (um_line_is_null(tls))
        return;
    out->tls.version = (const char *)read_text(reader, tls, "version").data;
    out->tls.suite = (const char *)read_text(reader, tls, "suite").data;
    out->tls.server_name = read_text(reader, tls, "server_name");
    out->tls.is_unverified = !um_line_flag(reader->line, tls, "verified");
}

static void
read_where(struct reader *reader, struct um_line_value object, struct um_exchange_record *out)
{
    struct um_line *line = reader->line;
    struct um_line_value status = um_line_at(line, object, "http_status");
    struct um_span unanswered = um_line_text(line, object, "unanswered");
    if (!um_line_is_null(status))
        out->http_status = (unsigned)um_line_as_count(line, status, "http_status");
    out->client = um_line_endpoint(line, object, "client");
    out->server = um_line_endpoint(line, object, "server");
    out->target = read_bytes(reader, object, "target", "target_hex");
    out->soap_action = read_bytes(reader, object, "soap_action", "soap_action_hex");
    out->connection = um_line_count(line, object, "connection");
    out->authentication_legs = (unsigned)um_line_count(line, object, "authentication_legs");
    out->authentication_failed = um_line_flag(line, object, "authentication_failed");
    out->limits_reached =
        read_bits(reader, object, "limits_reached", limit_text, (unsigned)UM_LIMIT_COUNT);
    if (unanswered.len > 0)
        out->unanswered = (enum um_unanswered)find_word(reader, unanswered, "unanswered",
                                                        unanswered_text, UM_UNANSWERED_COUNT);
}

int
um_line_exchange(struct um_line *line, struct um_symbols *texts, struct um_exchange_record *out)
{
    struct reader reader = {.line = line, .texts = texts};
    struct um_line_value root = um_line_root(line);
    *out = (struct um_exchange_record){.number = um_line_count(line, root, "number"),
                                       .call = SIZE_MAX};
    read_what(&reader, root, out);
    read_call_id(&reader, root, out);
    read_fault(&reader, root, out);
    read_where(&reader, root, out);
    read_tls(&reader, root, out);
    read_sides(&reader, root, out);
    return reader.err;
}
