/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Each body has one place, where the one that came last stays. */
#include "offline/http/repeats.h"

#include <stdlib.h>

struct um_repeat {
    struct um_message *read;
    enum um_http_coding codings[UM_HTTP_CODINGS_MAX];
    size_t coding_count;
    size_t type_len, body_len;
    uint64_t metered_bytes;
    uint8_t bytes[]; /* Content-Type, body */
};

static size_t
place_of(struct um_span encoded)
{
    return um_span_hash_quick(encoded) & (UM_REPEATS - 1);
}

static bool
is_same(const struct um_repeat *repeat, const struct um_http_message *message,
        struct um_span encoded)
{
    struct um_span type = um_span_of(repeat->bytes, repeat->type_len);
    struct um_span body = um_span_of(repeat->bytes + repeat->type_len, repeat->body_len);
    return um_span_equal(body, encoded) && um_span_equal(type, message->content_type) &&
           repeat->coding_count == message->coding_count &&
           memcmp(repeat->codings, message->codings,
                  message->coding_count * sizeof *repeat->codings) == 0;
}

const struct um_message *
um_repeats_find(const struct um_repeats *repeats, const struct um_http_message *message,
                struct um_span encoded)
{
    if (encoded.len > UM_REPEATS_BYTES_MAX)
        return NULL;
    const struct um_repeat *repeat = repeats->places[place_of(encoded)];
    return repeat && is_same(repeat, message, encoded) ? repeat->read : NULL;
}

static void
forget(struct um_repeats *repeats, struct um_repeat **place)
{
    if (!*place)
        return;
    um_meter_give(repeats->meter, (*place)->metered_bytes);
    free((*place)->read);
    free(*place);
    *place = NULL;
}

/* NULL when out of memory. */
static struct um_repeat *
make(const struct um_http_message *message, struct um_span encoded, const struct um_message *read)
{
    struct um_span type = message->content_type;
    struct um_repeat *repeat = malloc(sizeof *repeat + type.len + encoded.len);
    if (!repeat || um_message_copy(read, &repeat->read) != UM_OK) {
        free(repeat);
        return NULL;
    }
    repeat->coding_count = message->coding_count;
    memcpy(repeat->codings, message->codings, message->coding_count * sizeof *message->codings);
    repeat->type_len = type.len;
    repeat->body_len = encoded.len;
    if (type.len > 0)
        memcpy(repeat->bytes, type.data, type.len);
    if (encoded.len > 0)
        memcpy(repeat->bytes + type.len, encoded.data, encoded.len);
    return repeat;
}

int
um_repeats_add(struct um_repeats *repeats, const struct um_http_message *message,
               struct um_span encoded, const struct um_message *read)
{
    uint64_t sent = message->content_type.len + encoded.len, said = um_message_size(read);
    if (sent > UM_REPEATS_BYTES_MAX || said > UM_REPEATS_BYTES_MAX)
        return UM_OK;
    struct um_repeat **place = &repeats->places[place_of(encoded)];
    uint64_t bytes = sizeof **place + sent + said;
    forget(repeats, place);
    if (!um_meter_take(repeats->meter, bytes))
        return UM_OK;
    *place = make(message, encoded, read);
    if (!*place) {
        um_meter_give(repeats->meter, bytes);
        return UM_ERR_NOMEM;
    }
    (*place)->metered_bytes = bytes;
    return UM_OK;
}

void
um_repeats_done(struct um_repeats *repeats)
{
    for (size_t i = 0; i < UM_REPEATS; i++)
        forget(repeats, &repeats->places[i]);
}
