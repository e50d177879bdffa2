/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Packing; how it looks stands in packed_layout.h. */
#include "core/um/packed.h"

#include <assert.h>

#include "core/base/err.h"
#include "core/um/packed_layout.h"

enum {
    NUMBER_BYTES = 10,
    PACKED_BYTES = 32 * NUMBER_BYTES + 2 * UM_PACKED_TEXT_BYTES,
};

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
    for (size_t i = 0; i < UM_PACKED_TEXTS; i++)
        put_text(writer, *(const struct um_span *)um_packed_in(record, um_packed_texts[i]));
    put_text(writer, um_span_text(record->tls.version));
    put_text(writer, um_span_text(record->tls.suite));
    for (size_t i = 0; i < UM_PACKED_WORDS; i++)
        put(writer, *(const uint32_t *)um_packed_in(record, um_packed_words[i]));
    for (size_t i = 0; i < UM_PACKED_CLAIMS; i++)
        claims |= (uint64_t) * (const bool *)um_packed_in(record, um_packed_claims[i]) << i;
    put(writer, claims);
    put_end(writer, &record->server);
}

static bool
is_told(const struct um_exchange_record *record, size_t mark)
{
    const struct um_mark *own = um_packed_in(record, um_packed_marks[mark]);
    if (!um_packed_is_last_packet(mark))
        return um_packed_is_there(own);
    const struct um_mark *first = um_packed_in(record, um_packed_marks[mark - 1]);
    return own->frame != first->frame || own->time_ns != first->time_ns;
}

/* `since`: where the steps begin. */
static void
put_marks(struct writer *writer, const struct um_exchange_record *record, unsigned flags,
          const struct um_mark *since)
{
    int64_t unit = um_packed_unit_ns(flags), before = since->time_ns / unit;
    uint64_t before_frame = since->frame;
    for (size_t i = 0; i < UM_PACKED_MARKS; i++) {
        const struct um_mark *mark = um_packed_in(record, um_packed_marks[i]);
        if (!(flags & (unsigned)UM_PACKED_MARK << i))
            continue;
        put_step(writer, before_frame, mark->frame);
        put_step(writer, (uint64_t)before, (uint64_t)(mark->time_ns / unit));
        before_frame = mark->frame;
        before = mark->time_ns / unit;
    }
}

static void
put_written_out(struct writer *writer, struct um_span text)
{
    bool is_short = text.len <= UM_PACKED_TEXT_BYTES;
    put(writer, !text.data ? UM_PACKED_TEXT_NONE
                : is_short ? UM_PACKED_TEXT_WRITTEN_OUT + text.len
                           : UM_PACKED_TEXT_SYMBOL);
    if (!is_short)
        put_text(writer, text);
    for (size_t i = 0; text.data && is_short && i < text.len; i++)
        writer->bytes[writer->len++] = text.data[i];
}

/* ---- who asks ---- */

static struct um_packed_party *
party_of(struct um_packing *packing, size_t number)
{
    return &packing->parties[number & (UM_PACKING_PARTIES - 1)];
}

/* Does the CallId read as the list's name does, behind its letter? */
static bool
is_of_name(const struct um_packed_list *list, const struct um_exchange_record *record)
{
    return list->name != 0 && record->id.guid[0] == '\0' && record->id.key.len > 0 &&
           um_span_equal(record->call_id, record->id.key);
}

static bool
is_same_party(const struct um_packed_party *party, const struct um_exchange_record *record,
              size_t number, const struct um_packed_list *list)
{
    if (party->list != SIZE_MAX - number || number == SIZE_MAX ||
        party->connection != record->connection ||
        !um_endpoint_equal(&party->client, &record->client))
        return false;
    return party->is_of_name ? is_of_name(list, record)
                             : um_span_equal(party->call_id, record->call_id);
}

/* Who asked last in the list. */
static void
note_party(struct um_packed_party *party, const struct um_exchange_record *record, size_t number,
           const struct um_packed_list *list)
{
    struct um_span call_id = record->call_id;
    party->is_of_name = is_of_name(list, record);
    bool fits = party->is_of_name || call_id.len <= UM_PACKED_TEXT_BYTES;
    party->list = fits ? SIZE_MAX - number : 0;
    party->call_id = um_span_of(party->text, fits && !party->is_of_name ? call_id.len : 0);
    if (party->call_id.len > 0)
        memcpy(party->text, call_id.data, call_id.len);
    party->client = record->client;
    party->connection = record->connection;
}

/* ---- a whole record ---- */

static unsigned
flags_of(const struct um_exchange_record *record, bool is_of_party)
{
    unsigned flags = is_of_party ? UM_PACKED_SAME_PARTY : 0;
    if (record->item != 0 || record->tag != 0)
        flags |= UM_PACKED_MORE;
    if (record->dial_string.data)
        flags |= UM_PACKED_DIAL_STRING;
    bool is_in_us = true;
    for (size_t i = 0; i < UM_PACKED_MARKS; i++) {
        const struct um_mark *mark = um_packed_in(record, um_packed_marks[i]);
        flags |= is_told(record, i) ? (unsigned)UM_PACKED_MARK << i : 0;
        is_in_us = is_in_us && mark->time_ns % 1000 == 0;
    }
    return is_in_us ? flags | UM_PACKED_IN_US : flags;
}

/* Writes what is the record's own; `party` asked before, NULL: another one did. */
static void
put_own(struct writer *writer, const struct um_exchange_record *record, size_t common,
        const struct um_packed_list *list, const struct um_packed_party *party)
{
    const struct um_packed_party none = {.since = {.time_ns = writer->packing->base_ns}};
    const struct um_packed_party *before = party ? party : &none;
    unsigned flags = flags_of(record, party);
    writer->bytes[writer->len++] = (uint8_t)flags;
    put(writer, common);
    put_step(writer, before->number, record->number);
    if (flags & UM_PACKED_MORE) {
        put(writer, record->item);
        put(writer, record->tag);
    }
    if (!party) {
        if (is_of_name(list, record))
            put(writer, UM_PACKED_TEXT_OF_NAME);
        else
            put_written_out(writer, record->call_id);
        put_end(writer, &record->client);
        put(writer, record->connection);
    }
    if (flags & UM_PACKED_DIAL_STRING)
        put_written_out(writer, record->dial_string);
    put_marks(writer, record, flags, &before->since);
}

/* Puts what was written behind the list's last record. */
static int
append(struct um_packing *packing, const struct writer *own, struct um_packed_list *list)
{
    uint32_t place;
    uint8_t *bytes;
    int err = um_pages_add(&packing->pages, UM_PACKED_BEFORE_BYTES + own->len, &place, &bytes);
    if (err)
        return err;
    memcpy(bytes, &list->last, UM_PACKED_BEFORE_BYTES);
    memcpy(bytes + UM_PACKED_BEFORE_BYTES, own->bytes, own->len);
    list->last = place;
    list->count++;
    return UM_OK;
}

int
um_packed_add(struct um_packing *packing, const struct um_exchange_record *record, size_t number,
              struct um_packed_list *list)
{
    struct writer common = {.packing = packing}, own = {.packing = packing};
    struct um_packed_party *party = party_of(packing, number);
    bool is_of_party = is_same_party(party, record, number, list);
    size_t common_number = 0;
    if (!packing->has_base)
        packing->base_ns = um_packed_start(record).time_ns;
    packing->has_base = true;
    put_common(&common, record);
    int err = common.err ? common.err
                         : um_symbols_add(&packing->commons, um_span_of(common.bytes, common.len),
                                          &common_number, NULL);
    put_own(&own, record, common_number, list, is_of_party ? party : NULL);
    if (!err)
        err = own.err ? own.err : append(packing, &own, list);
    if (err)
        return err;
    if (!is_of_party)
        note_party(party, record, number, list);
    party->number = record->number;
    party->since = um_packed_start(record);
    return UM_OK;
}

int
um_packed_name(struct um_packing *packing, struct um_span name, uint32_t *place)
{
    struct writer writer = {.packing = packing};
    uint8_t *bytes;
    put_written_out(&writer, name);
    int err = writer.err ? writer.err : um_pages_add(&packing->pages, writer.len, place, &bytes);
    if (!err)
        memcpy(bytes, writer.bytes, writer.len);
    return err;
}

void
um_packing_done(struct um_packing *packing)
{
    um_symbols_done(&packing->texts);
    um_symbols_done(&packing->commons);
    um_pages_done(&packing->pages);
    *packing = (struct um_packing){0};
}
