/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Reading what packed.c packed: its own writing, so that nothing is checked but that a page is
 * there. */
#include "core/um/packed.h"

#include <assert.h>

#include "core/base/err.h"
#include "core/um/packed_layout.h"

struct reader {
    struct um_packing *packing;
    const struct um_packed_list *list;
    struct um_arena *arena;
    const uint8_t *at; /* what was written here: its end need not be looked for */
    int err;           /* sticky */
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
    for (size_t i = 0; i < UM_PACKED_TEXTS; i++)
        *(struct um_span *)um_packed_into(out, um_packed_texts[i]) = take_text(reader);
    out->tls.version = (const char *)take_text(reader).data;
    out->tls.suite = (const char *)take_text(reader).data;
    for (size_t i = 0; i < UM_PACKED_WORDS; i++)
        *(uint32_t *)um_packed_into(out, um_packed_words[i]) = (uint32_t)take(reader);
    uint64_t claims = take(reader);
    for (size_t i = 0; i < UM_PACKED_CLAIMS; i++)
        *(bool *)um_packed_into(out, um_packed_claims[i]) = claims >> i & 1;
    take_end(reader, &out->server);
}

/* A text as it stands in its page. */
static struct um_span
take_written_out(struct reader *reader)
{
    uint64_t what = take(reader);
    if (what == UM_PACKED_TEXT_NONE)
        return um_span_of(NULL, 0);
    if (what == UM_PACKED_TEXT_SYMBOL)
        return take_text(reader);
    struct um_span text = um_span_of(reader->at, (size_t)what - UM_PACKED_TEXT_WRITTEN_OUT);
    reader->at += text.len;
    return text;
}

int
um_packed_name_at(struct um_packing *packing, uint32_t place, struct um_span *out)
{
    struct reader reader = {.packing = packing};
    int err = um_pages_at(&packing->pages, place, &reader.at);
    if (!err)
        *out = take_written_out(&reader);
    return err;
}

/* A text that outlives its page. */
static struct um_span
take_kept(struct reader *reader)
{
    struct um_span text = um_span_of(NULL, 0), kept = text;
    if (*reader->at == UM_PACKED_TEXT_OF_NAME) {
        reader->at++;
        reader->err = um_packed_name_at(reader->packing, reader->list->name, &text);
        text = um_span_from(text, 1);
    } else {
        text = take_written_out(reader);
    }
    if (text.data && !reader->err)
        reader->err = um_arena_copy(reader->arena, text, &kept);
    return kept;
}

static void
take_marks(struct reader *reader, unsigned flags, const struct um_mark *since,
           struct um_exchange_record *out)
{
    int64_t unit = um_packed_unit_ns(flags), time = since->time_ns / unit;
    uint64_t frame = since->frame;
    for (size_t i = 0; i < UM_PACKED_MARKS; i++) {
        struct um_mark *mark = um_packed_into(out, um_packed_marks[i]);
        if (flags & (unsigned)UM_PACKED_MARK << i) {
            frame = take_step(reader, frame);
            time = (int64_t)take_step(reader, (uint64_t)time);
            /* unsigned, for um_packed_read_last: its steps begin elsewhere and lead anywhere */
            *mark = (struct um_mark){.frame = frame,
                                     .time_ns = (int64_t)((uint64_t)time * (uint64_t)unit)};
        } else if (um_packed_is_last_packet(i)) {
            *mark = *(const struct um_mark *)um_packed_in(out, um_packed_marks[i - 1]);
        }
    }
}

static void
take_party(struct reader *reader, struct um_exchange_record *out)
{
    out->call_id = take_kept(reader);
    take_end(reader, &out->client);
    out->connection = take(reader);
    if (!reader->err)
        reader->err = um_call_id_parse(out->call_id, reader->arena, &out->id);
    out->id.plain = um_span_of(NULL, 0);
}

static void
copy_party(const struct um_exchange_record *before, struct um_exchange_record *out)
{
    out->call_id = before->call_id;
    out->id = before->id;
    out->client = before->client;
    out->connection = before->connection;
}

/* `before` is the record before it in its list, or NULL. */
static void
take_own(struct reader *own, const struct um_exchange_record *before,
         struct um_exchange_record *out)
{
    struct um_mark since = {.time_ns = own->packing->base_ns};
    unsigned flags = *own->at++;
    assert(before || !(flags & UM_PACKED_SAME_PARTY));
    struct reader common = {.packing = own->packing};
    common.at = um_symbols_at(&own->packing->commons, (size_t)take(own)).data;
    take_common(&common, out);
    out->call = SIZE_MAX;
    out->number = take_step(own, flags & UM_PACKED_SAME_PARTY ? before->number : 0);
    out->item = flags & UM_PACKED_MORE ? take(own) : 0;
    out->tag = flags & UM_PACKED_MORE ? take(own) : 0;
    if (flags & UM_PACKED_SAME_PARTY) {
        copy_party(before, out);
        since = um_packed_start(before);
    } else {
        take_party(own, out);
    }
    if (flags & UM_PACKED_DIAL_STRING)
        out->dial_string = take_kept(own);
    take_marks(own, flags, &since, out);
}

/* Reads the record of that place. */
static int
read_at(struct reader *reader, uint32_t place, const struct um_exchange_record *before,
        struct um_exchange_record *out)
{
    struct um_exchange_record record = {0};
    reader->err = um_pages_at(&reader->packing->pages, place, &reader->at);
    if (reader->err)
        return reader->err;
    reader->at += UM_PACKED_BEFORE_BYTES;
    take_own(reader, before, &record);
    if (!reader->err)
        *out = record;
    return reader->err;
}

/* The places of the list's records, from the first to the last. */
static int
find_places(struct um_packing *packing, const struct um_packed_list *list, uint32_t *places)
{
    uint32_t place = list->last;
    for (size_t i = list->count; i-- > 0;) {
        const uint8_t *bytes;
        int err = um_pages_at(&packing->pages, place, &bytes);
        if (err)
            return err;
        places[i] = place;
        memcpy(&place, bytes, UM_PACKED_BEFORE_BYTES);
    }
    return UM_OK;
}

int
um_packed_read(struct um_packing *packing, const struct um_packed_list *list,
               struct um_arena *arena, struct um_exchange_record **out)
{
    struct reader reader = {.packing = packing, .list = list, .arena = arena};
    struct um_exchange_record *records = um_arena_array(arena, list->count, sizeof *records);
    uint32_t *places = um_arena_array(arena, list->count, sizeof *places);
    int err = records && places ? find_places(packing, list, places) : UM_ERR_NOMEM;
    for (size_t i = 0; i < list->count && !err; i++)
        err = read_at(&reader, places[i], i > 0 ? &records[i - 1] : NULL, &records[i]);
    if (!err)
        *out = records;
    return err;
}

int
um_packed_read_last(struct um_packing *packing, const struct um_packed_list *list,
                    const struct um_exchange_record *record, struct um_arena *arena,
                    struct um_exchange_record *out)
{
    struct reader reader = {.packing = packing, .list = list, .arena = arena};
    struct um_exchange_record before = *record;
    int err = record->call_id.data ? um_arena_copy(arena, record->call_id, &before.call_id) : UM_OK;
    if (!err)
        err = read_at(&reader, list->last, &before, out);
    if (err)
        return err;
    out->number = record->number; /* its steps began at one that is not known here */
    for (size_t i = 0; i < UM_PACKED_MARKS; i++)
        *(struct um_mark *)um_packed_into(out, um_packed_marks[i]) =
            *(const struct um_mark *)um_packed_in(record, um_packed_marks[i]);
    return UM_OK;
}
