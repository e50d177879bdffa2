/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number is written seven bits a byte, the lowest first; the top bit says that more follow. A
 * text is the number of its symbol and 1, or 0 where there is none; one that few share is written
 * out. Of the four marks those that are there are told, each as the step from the one before; the
 * last packet of a message only when it is not its first. Who goes on polling is told in steps from
 * what was asked before.
 *
 *     flags | common | number | item, tag | call id, client, connection | dial string | marks
 *
 * where the flags say which of them are there: a client that goes on polling is told once.
 */
#include "core/um/packed.h"

#include <assert.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "core/base/room.h"

enum {
    NUMBER_BYTES = 10,
    WRITTEN_OUT_BYTES = 96, /* a longer text becomes a symbol */
    PACKED_BYTES = 32 * NUMBER_BYTES + 2 * WRITTEN_OUT_BYTES,
    MARKS = 4,
};

enum flag {
    HAS_MARK = 1 << 0, /* and three more; of the last packets: is not the first */
    HAS_MORE = 1 << 4, /* item and tag */
    IS_SAME_PARTY = 1 << 5,
    HAS_DIAL_STRING = 1 << 6,
    IS_IN_US = 1 << 7, /* its times are whole microseconds, as in most captures */
};

#define AT(member) offsetof(struct um_exchange_record, member)

static const size_t common_texts[] = {
    AT(state),           AT(cause),        AT(target),          AT(soap_action),
    AT(tls.server_name), AT(http_version), AT(sip_code),        AT(sip_text),
    AT(fault_code),      AT(fault_text),   AT(fault_exception),
};
static const size_t common_words[] = {
    AT(service),    AT(operation),     AT(http_status), AT(authentication_legs),
    AT(unanswered), AT(request_flags), AT(reply_flags), AT(limits_reached),
};
static const size_t common_claims[] = {
    AT(is_fault),           AT(is_service_error),    AT(has_request),
    AT(has_reply),          AT(has_request_message), AT(has_reply_message),
    AT(request_incomplete), AT(reply_incomplete),    AT(authentication_failed),
};
static const size_t marks[MARKS] = {AT(request_first), AT(request_last), AT(reply_first),
                                    AT(reply_last)};

enum {
    TEXTS = sizeof common_texts / sizeof *common_texts,
    WORDS = sizeof common_words / sizeof *common_words,
    CLAIMS = sizeof common_claims / sizeof *common_claims,
};

static_assert(sizeof(enum um_operation) == sizeof(uint32_t) &&
                  sizeof(enum um_service) == sizeof(uint32_t) &&
                  sizeof(enum um_unanswered) == sizeof(uint32_t) &&
                  sizeof(unsigned) == sizeof(uint32_t),
              "words are of one size");

static const void *
in(const struct um_exchange_record *record, size_t offset)
{
    return (const char *)record + offset;
}

static void *
into(struct um_exchange_record *record, size_t offset)
{
    return (char *)record + offset;
}

/* ---- writing ---- */

struct writer {
    struct um_packing *packing;
    uint8_t bytes[PACKED_BYTES];
    size_t len;
    int err; /* sticky */
};

static void
put(struct writer *writer, uint64_t number)
{
    assert(writer->len + NUMBER_BYTES <= PACKED_BYTES);
    for (; number >= 0x80; number >>= 7)
        writer->bytes[writer->len++] = (uint8_t)(number | 0x80);
    writer->bytes[writer->len++] = (uint8_t)number;
}

/* A step forth or back, so that small ones of either kind take few bytes. */
static void
put_step(struct writer *writer, uint64_t from, uint64_t to)
{
    uint64_t step = to - from;
    put(writer, step >> 63 ? ~(step << 1) : step << 1);
}

static void
put_text(struct writer *writer, struct um_span text)
{
    size_t number = 0;
    if (text.data && !writer->err)
        writer->err = um_symbols_add(&writer->packing->texts, text, &number, NULL);
    put(writer, text.data ? number + 1 : 0);
}

static void
put_end(struct writer *writer, const struct um_endpoint *end)
{
    put_text(writer, um_span_of(end->address, end->address_len));
    put(writer, end->port);
}

static void
put_common(struct writer *writer, const struct um_exchange_record *record)
{
    uint64_t claims = 0;
    for (size_t i = 0; i < TEXTS; i++)
        put_text(writer, *(const struct um_span *)in(record, common_texts[i]));
    put_text(writer, um_span_text(record->tls.version));
    put_text(writer, um_span_text(record->tls.suite));
    for (size_t i = 0; i < WORDS; i++)
        put(writer, *(const uint32_t *)in(record, common_words[i]));
    for (size_t i = 0; i < CLAIMS; i++)
        claims |= (uint64_t) * (const bool *)in(record, common_claims[i]) << i;
    put(writer, claims);
    put_end(writer, &record->server);
}

static bool
is_there(const struct um_mark *mark)
{
    return mark->frame != 0 || mark->time_ns != 0;
}

static int64_t
unit_ns(unsigned flags)
{
    return flags & IS_IN_US ? 1000 : 1;
}

/* Is the mark that of a message's last packet? One that is not told is that of the first. */
static bool
is_last_packet(size_t mark)
{
    return mark % 2 == 1;
}

static bool
is_told(const struct um_exchange_record *record, size_t mark)
{
    const struct um_mark *own = in(record, marks[mark]);
    if (!is_last_packet(mark))
        return is_there(own);
    const struct um_mark *first = in(record, marks[mark - 1]);
    return own->frame != first->frame || own->time_ns != first->time_ns;
}

/* The first packet of a record. */
static struct um_mark
start_of(const struct um_exchange_record *record)
{
    return is_there(&record->request_first) ? record->request_first : record->reply_first;
}

/* `since`: where the steps begin. */
static void
put_marks(struct writer *writer, const struct um_exchange_record *record, unsigned flags,
          const struct um_mark *since)
{
    int64_t unit = unit_ns(flags), before = since->time_ns / unit;
    uint64_t before_frame = since->frame;
    for (size_t i = 0; i < MARKS; i++) {
        const struct um_mark *mark = in(record, marks[i]);
        if (!(flags & (unsigned)HAS_MARK << i))
            continue;
        put_step(writer, before_frame, mark->frame);
        put_step(writer, (uint64_t)before, (uint64_t)(mark->time_ns / unit));
        before_frame = mark->frame;
        before = mark->time_ns / unit;
    }
}

/* What a text begins with; of one that is written out its length is added. */
enum text { TEXT_NONE, TEXT_SYMBOL, TEXT_OF_NAME, TEXT_WRITTEN_OUT };

static void
put_written_out(struct writer *writer, struct um_span text)
{
    bool is_short = text.len <= WRITTEN_OUT_BYTES;
    put(writer, !text.data ? TEXT_NONE : is_short ? TEXT_WRITTEN_OUT + text.len : TEXT_SYMBOL);
    if (!is_short)
        put_text(writer, text);
    for (size_t i = 0; text.data && is_short && i < text.len; i++)
        writer->bytes[writer->len++] = text.data[i];
}

/* ---- who asks ---- */

static struct um_packed_party *
party_of(struct um_packing *packing, size_t list)
{
    return &packing->parties[list & (UM_PACKING_PARTIES - 1)];
}

static bool
is_same_party(const struct um_packed_party *party, const struct um_exchange_record *record,
              size_t list)
{
    return party->list == SIZE_MAX - list && list != SIZE_MAX &&
           party->connection == record->connection &&
           um_span_equal(party->call_id, record->call_id) &&
           um_endpoint_equal(&party->client, &record->client);
}

void
um_packing_forget(struct um_packing *packing, size_t list)
{
    struct um_packed_party *party = party_of(packing, list);
    if (party->list == SIZE_MAX - list)
        *party = (struct um_packed_party){0};
}

/* ---- a whole record ---- */

static unsigned
flags_of(struct um_packing *packing, const struct um_exchange_record *record, size_t list)
{
    unsigned flags = is_same_party(party_of(packing, list), record, list) ? IS_SAME_PARTY : 0;
    if (record->item != 0 || record->tag != 0)
        flags |= HAS_MORE;
    if (record->dial_string.data)
        flags |= HAS_DIAL_STRING;
    bool is_in_us = true;
    for (size_t i = 0; i < MARKS; i++) {
        const struct um_mark *mark = in(record, marks[i]);
        flags |= is_told(record, i) ? (unsigned)HAS_MARK << i : 0;
        is_in_us = is_in_us && mark->time_ns % 1000 == 0;
    }
    return is_in_us ? flags | IS_IN_US : flags;
}

/* A name of the list that is a letter and the CallId, where that tells no GUID; else empty. */
static struct um_span
name_with(const struct um_packing *packing, size_t list, struct um_span call_id)
{
    struct um_span name = um_span_of(NULL, 0);
    if (packing->names && list < packing->names->count && call_id.len > 0)
        name = um_symbols_at(packing->names, list);
    return um_span_equal(um_span_from(name, 1), call_id) ? name : um_span_of(NULL, 0);
}

static void
put_call_id(struct writer *writer, struct um_span call_id, size_t list)
{
    if (name_with(writer->packing, list, call_id).len == 0) {
        put_written_out(writer, call_id);
        return;
    }
    put(writer, TEXT_OF_NAME);
    put(writer, list);
}

/* Writes what is the record's own; *call_id_at becomes where its CallId stands, if it does. */
static void
put_own(struct writer *writer, const struct um_exchange_record *record, size_t common, size_t list,
        unsigned flags, size_t *call_id_at)
{
    const struct um_packed_party none = {.since = {.time_ns = writer->packing->base_ns}};
    const struct um_packed_party *before =
        flags & IS_SAME_PARTY ? party_of(writer->packing, list) : &none;
    writer->bytes[writer->len++] = (uint8_t)flags;
    put(writer, common);
    put_step(writer, before->number, record->number);
    if (flags & HAS_MORE) {
        put(writer, record->item);
        put(writer, record->tag);
    }
    if (!(flags & IS_SAME_PARTY)) {
        put_call_id(writer, record->call_id, list);
        *call_id_at = writer->len > record->call_id.len ? writer->len - record->call_id.len : 0;
        put_end(writer, &record->client);
        put(writer, record->connection);
    }
    if (flags & HAS_DIAL_STRING)
        put_written_out(writer, record->dial_string);
    put_marks(writer, record, flags, &before->since);
}

/* ---- places ---- */

enum { BLOCK_BITS = 16, BLOCK_BYTES = 1 << BLOCK_BITS, LINK_BYTES = sizeof(uint32_t) };

static uint8_t *
place_of(const struct um_packing *packing, uint32_t packed)
{
    return packing->blocks[packed >> BLOCK_BITS] + (packed & (BLOCK_BYTES - 1));
}

static int
add_block(struct um_packing *packing)
{
    uint8_t **blocks = um_room_for_one(packing->blocks, &packing->block_capacity,
                                       packing->block_count, sizeof *blocks);
    if (!blocks)
        return UM_ERR_NOMEM;
    packing->blocks = blocks;
    uint8_t *block = packing->block_count < BLOCK_BYTES ? malloc(BLOCK_BYTES) : NULL;
    if (!block)
        return UM_ERR_NOMEM;
    packing->used = packing->block_count == 0 ? 1 : 0; /* no record is at 0 */
    packing->blocks[packing->block_count++] = block;
    return UM_OK;
}

/* Room for `len` bytes and for the place of what follows. */
static int
add_bytes(struct um_packing *packing, size_t len, uint32_t *packed, uint8_t **bytes)
{
    static const uint32_t none;
    bool has_room = packing->block_count > 0 && LINK_BYTES + len <= BLOCK_BYTES - packing->used;
    int err = has_room ? UM_OK : add_block(packing);
    if (err)
        return err;
    *packed = (uint32_t)((packing->block_count - 1) << BLOCK_BITS | packing->used);
    packing->used += LINK_BYTES + len;
    memcpy(place_of(packing, *packed), &none, LINK_BYTES);
    *bytes = place_of(packing, *packed) + LINK_BYTES;
    return UM_OK;
}

uint32_t
um_packed_next(const struct um_packing *packing, uint32_t packed)
{
    uint32_t next;
    memcpy(&next, place_of(packing, packed), LINK_BYTES);
    return next;
}

void
um_packed_link(struct um_packing *packing, uint32_t packed, uint32_t next)
{
    memcpy(place_of(packing, packed), &next, LINK_BYTES);
}

/* Who asked last in the list; `written` is its CallId as it was written out, if it was. */
static void
note_party(struct um_packing *packing, const struct um_exchange_record *record, size_t list,
           const uint8_t *written)
{
    struct um_span name = name_with(packing, list, record->call_id);
    bool is_written = name.len == 0 && record->call_id.len <= WRITTEN_OUT_BYTES;
    um_packing_forget(packing, list);
    if (list == SIZE_MAX || (name.len == 0 && !is_written))
        return;
    *party_of(packing, list) = (struct um_packed_party){
        .list = SIZE_MAX - list,
        .call_id = is_written ? um_span_of(written, record->call_id.len) : um_span_from(name, 1),
        .client = record->client,
        .connection = record->connection,
        .number = record->number,
        .since = start_of(record)};
}

int
um_packed_make(struct um_packing *packing, const struct um_exchange_record *record, size_t list,
               uint32_t *out)
{
    struct writer common = {.packing = packing}, own = {.packing = packing};
    size_t number = 0, call_id_at = 0;
    if (!packing->has_base)
        packing->base_ns = start_of(record).time_ns;
    packing->has_base = true;
    put_common(&common, record);
    int err = common.err ? common.err
                         : um_symbols_add(&packing->commons, um_span_of(common.bytes, common.len),
                                          &number, NULL);
    unsigned flags = flags_of(packing, record, list);
    put_own(&own, record, number, list, flags, &call_id_at);
    if (err || own.err)
        return err ? err : own.err;
    uint32_t packed;
    uint8_t *bytes;
    err = add_bytes(packing, own.len, &packed, &bytes);
    if (err)
        return err;
    memcpy(bytes, own.bytes, own.len);
    if (flags & IS_SAME_PARTY) {
        party_of(packing, list)->number = record->number;
        party_of(packing, list)->since = start_of(record);
    } else {
        note_party(packing, record, list, bytes + call_id_at);
    }
    *out = packed;
    return UM_OK;
}

/* ---- reading ---- */

struct reader {
    const struct um_packing *packing;
    const uint8_t *at; /* what was written here: its end need not be looked for */
};

static uint64_t
take(struct reader *reader)
{
    uint64_t number = 0;
    for (unsigned shift = 0;; shift += 7) {
        uint8_t byte = *reader->at++;
        number |= (uint64_t)(byte & 0x7f) << shift;
        if (byte < 0x80)
            return number;
    }
}

static uint64_t
take_step(struct reader *reader, uint64_t from)
{
    uint64_t step = take(reader);
    return from + (step & 1 ? ~(step >> 1) : step >> 1);
}

static struct um_span
take_text(struct reader *reader)
{
    uint64_t number = take(reader);
    return number > 0 ? um_symbols_at(&reader->packing->texts, (size_t)number - 1)
                      : um_span_of(NULL, 0);
}

static void
take_end(struct reader *reader, struct um_endpoint *out)
{
    struct um_span address = take_text(reader);
    *out = (struct um_endpoint){.address_len = (uint8_t)address.len};
    if (address.len > 0)
        memcpy(out->address, address.data, address.len);
    out->port = (uint16_t)take(reader);
}

static void
take_common(struct reader *reader, struct um_exchange_record *out)
{
    for (size_t i = 0; i < TEXTS; i++)
        *(struct um_span *)into(out, common_texts[i]) = take_text(reader);
    out->tls.version = (const char *)take_text(reader).data;
    out->tls.suite = (const char *)take_text(reader).data;
    for (size_t i = 0; i < WORDS; i++)
        *(uint32_t *)into(out, common_words[i]) = (uint32_t)take(reader);
    uint64_t claims = take(reader);
    for (size_t i = 0; i < CLAIMS; i++)
        *(bool *)into(out, common_claims[i]) = claims >> i & 1;
    take_end(reader, &out->server);
}

static struct um_span
take_written_out(struct reader *reader)
{
    uint64_t what = take(reader);
    if (what == TEXT_NONE)
        return um_span_of(NULL, 0);
    if (what == TEXT_SYMBOL)
        return take_text(reader);
    if (what == TEXT_OF_NAME)
        return um_span_from(um_symbols_at(reader->packing->names, (size_t)take(reader)), 1);
    struct um_span text = um_span_of(reader->at, (size_t)what - TEXT_WRITTEN_OUT);
    reader->at += text.len;
    return text;
}

static void
take_marks(struct reader *reader, unsigned flags, const struct um_mark *since,
           struct um_exchange_record *out)
{
    int64_t unit = unit_ns(flags), time = since->time_ns / unit;
    uint64_t frame = since->frame;
    for (size_t i = 0; i < MARKS; i++) {
        struct um_mark *mark = into(out, marks[i]);
        if (flags & (unsigned)HAS_MARK << i) {
            frame = take_step(reader, frame);
            time = (int64_t)take_step(reader, (uint64_t)time);
            *mark = (struct um_mark){.frame = frame, .time_ns = time * unit};
        } else if (is_last_packet(i)) {
            *mark = *(const struct um_mark *)in(out, marks[i - 1]);
        }
    }
}

static int
take_party(struct reader *reader, struct um_arena *arena, struct um_exchange_record *out)
{
    out->call_id = take_written_out(reader);
    take_end(reader, &out->client);
    out->connection = take(reader);
    int err = um_call_id_parse(out->call_id, arena, &out->id);
    out->id.plain = um_span_of(NULL, 0);
    return err;
}

static void
copy_party(const struct um_exchange_record *before, struct um_exchange_record *out)
{
    assert(before);
    out->call_id = before->call_id;
    out->id = before->id;
    out->client = before->client;
    out->connection = before->connection;
}

int
um_packed_read(const struct um_packing *packing, uint32_t packed,
               const struct um_exchange_record *before, struct um_arena *arena,
               struct um_exchange_record *out)
{
    struct um_exchange_record record = {.call = SIZE_MAX};
    struct reader own = {packing, place_of(packing, packed) + LINK_BYTES};
    unsigned flags = *own.at++;
    struct reader common = {packing, um_symbols_at(&packing->commons, (size_t)take(&own)).data};
    take_common(&common, &record);
    record.number = take_step(&own, flags & IS_SAME_PARTY ? before->number : 0);
    record.item = flags & HAS_MORE ? take(&own) : 0;
    record.tag = flags & HAS_MORE ? take(&own) : 0;
    int err = UM_OK;
    if (flags & IS_SAME_PARTY)
        copy_party(before, &record);
    else
        err = take_party(&own, arena, &record);
    if (flags & HAS_DIAL_STRING)
        record.dial_string = take_written_out(&own);
    struct um_mark since = {.time_ns = packing->base_ns};
    if (flags & IS_SAME_PARTY)
        since = start_of(before);
    take_marks(&own, flags, &since, &record);
    if (!err)
        *out = record;
    return err;
}

int
um_packed_read_back(struct um_packing *packing, uint32_t packed,
                    const struct um_exchange_record *record, size_t list, struct um_arena *arena,
                    struct um_exchange_record *out)
{
    const struct um_packed_party *party = party_of(packing, list);
    struct um_exchange_record before = *record;
    if (party->list == SIZE_MAX - list)
        before.call_id = party->call_id;
    int err = um_packed_read(packing, packed, &before, arena, out);
    if (err)
        return err;
    out->number = record->number; /* its steps began at one that is not known here */
    for (size_t i = 0; i < MARKS; i++)
        *(struct um_mark *)into(out, marks[i]) = *(const struct um_mark *)in(record, marks[i]);
    return UM_OK;
}

void
um_packing_done(struct um_packing *packing)
{
    um_symbols_done(&packing->texts);
    um_symbols_done(&packing->commons);
    for (size_t i = 0; i < packing->block_count; i++)
        free(packing->blocks[i]);
    free(packing->blocks);
    *packing = (struct um_packing){0};
}
