/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A number is written seven bits a byte, the lowest first; the top bit says that more follow. A
 * text is the number of its symbol and 1, or 0 where there is none. Of the four marks those that
 * are there are told, each as the step from the one before.
 */
#include "core/um/packed.h"

#include <assert.h>

#include "core/base/err.h"

enum { NUMBER_BYTES = 10, PACKED_BYTES = 32 * NUMBER_BYTES, MARKS = 4 };

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
static const size_t own_numbers[] = {AT(number), AT(connection), AT(tag), AT(item)};
static const size_t own_texts[] = {AT(call_id), AT(dial_string)};
static const size_t marks[MARKS] = {AT(request_first), AT(request_last), AT(reply_first),
                                    AT(reply_last)};

enum {
    TEXTS = sizeof common_texts / sizeof *common_texts,
    WORDS = sizeof common_words / sizeof *common_words,
    CLAIMS = sizeof common_claims / sizeof *common_claims,
    NUMBERS = sizeof own_numbers / sizeof *own_numbers,
    OWN_TEXTS = sizeof own_texts / sizeof *own_texts,
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

static void
put_marks(struct writer *writer, const struct um_exchange_record *record)
{
    struct um_packing *packing = writer->packing;
    uint64_t present = 0;
    for (size_t i = 0; i < MARKS; i++)
        present |= (uint64_t)is_there(in(record, marks[i])) << i;
    put(writer, present);
    struct um_mark before = {.time_ns = packing->base_ns};
    for (size_t i = 0; i < MARKS; i++) {
        const struct um_mark *mark = in(record, marks[i]);
        if (!(present >> i & 1))
            continue;
        if (!packing->has_base)
            packing->base_ns = before.time_ns = mark->time_ns;
        packing->has_base = true;
        put_step(writer, before.frame, mark->frame);
        put_step(writer, (uint64_t)before.time_ns, (uint64_t)mark->time_ns);
        before = *mark;
    }
}

int
um_packed_make(struct um_packing *packing, const struct um_exchange_record *record,
               struct um_arena *arena, struct um_packed **out)
{
    struct writer common = {.packing = packing}, own = {.packing = packing};
    size_t number = 0;
    put_common(&common, record);
    int err = common.err ? common.err
                         : um_symbols_add(&packing->commons, um_span_of(common.bytes, common.len),
                                          &number, NULL);
    put(&own, number);
    for (size_t i = 0; i < NUMBERS; i++)
        put(&own, *(const uint64_t *)in(record, own_numbers[i]));
    for (size_t i = 0; i < OWN_TEXTS; i++)
        put_text(&own, *(const struct um_span *)in(record, own_texts[i]));
    put_end(&own, &record->client);
    put_marks(&own, record);
    if (err || own.err)
        return err ? err : own.err;
    struct um_packed *packed = um_arena_alloc(arena, sizeof *packed + own.len);
    if (!packed)
        return UM_ERR_NOMEM;
    memcpy(packed->bytes, own.bytes, own.len);
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

static void
take_marks(struct reader *reader, struct um_exchange_record *out)
{
    uint64_t present = take(reader);
    struct um_mark before = {.time_ns = reader->packing->base_ns};
    for (size_t i = 0; i < MARKS; i++) {
        if (!(present >> i & 1))
            continue;
        before.frame = take_step(reader, before.frame);
        before.time_ns = (int64_t)take_step(reader, (uint64_t)before.time_ns);
        *(struct um_mark *)into(out, marks[i]) = before;
    }
}

int
um_packed_read(const struct um_packing *packing, const struct um_packed *packed,
               struct um_arena *arena, struct um_exchange_record *out)
{
    struct um_exchange_record record = {.call = SIZE_MAX};
    struct reader own = {packing, packed->bytes};
    struct reader common = {packing, um_symbols_at(&packing->commons, (size_t)take(&own)).data};
    take_common(&common, &record);
    for (size_t i = 0; i < NUMBERS; i++)
        *(uint64_t *)into(&record, own_numbers[i]) = take(&own);
    for (size_t i = 0; i < OWN_TEXTS; i++)
        *(struct um_span *)into(&record, own_texts[i]) = take_text(&own);
    take_end(&own, &record.client);
    take_marks(&own, &record);
    int err = um_call_id_parse(record.call_id, arena, &record.id);
    record.id.plain = um_span_of(NULL, 0);
    if (!err)
        *out = record;
    return err;
}

void
um_packing_done(struct um_packing *packing)
{
    um_symbols_done(&packing->texts);
    um_symbols_done(&packing->commons);
    *packing = (struct um_packing){0};
}
