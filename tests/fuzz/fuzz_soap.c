/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Any bytes as a SOAP body. The first byte says how the rest is cut into pieces and whether a
 * charset comes along; what is read in pieces must be what is read whole.
 */
#include <stdlib.h>

#include "core/um/soap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
demand(bool holds)
{
    if (!holds)
        abort();
}

static const struct um_message *
read_body(struct um_soap *soap, struct um_span body, size_t step, struct um_span charset)
{
    demand(um_soap_begin(soap, charset) == UM_OK);
    while (body.len > 0) {
        bool was_message = um_soap_is_message(soap);
        demand(um_soap_push(soap, um_span_first(body, step)) >= 0);
        demand(um_soap_is_message(soap) || !was_message);
        body = um_span_from(body, step);
    }
    return um_soap_end(soap);
}

/* Positions lie in the body, cut values tell none, texts keep to the limit. */
static void
check(const struct um_message *message, size_t body_len, const struct um_limits *limits)
{
    demand(message->name_length <= body_len);
    demand(message->name_offset <= body_len - message->name_length);
    for (size_t i = 0; i < UM_FIELD_COUNT; i++) {
        const struct um_field *field = &message->fields[i];
        demand(field->text.len <= limits->max[UM_LIMIT_XML_TEXT]);
        demand(field->length <= body_len && field->offset <= body_len - field->length);
        demand(field->state == UM_FIELD_WHOLE || field->length == 0);
    }
}

/* How much of a cut value was read before the fault may depend on the pieces: such values never
 * count. */
static void
check_equal(const struct um_message *a, const struct um_message *b)
{
    demand(a->kind == b->kind && a->operation == b->operation && a->service == b->service);
    for (size_t i = 0; i < UM_FIELD_COUNT; i++) {
        bool is_whole = a->fields[i].state == UM_FIELD_WHOLE;
        demand(is_whole == (b->fields[i].state == UM_FIELD_WHOLE));
        demand(!is_whole || um_span_equal(a->fields[i].text, b->fields[i].text));
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const charsets[] = {"", "utf-8", "utf-16", "iso-8859-1"};
    static const size_t steps[] = {1, 2, 3, 16, 100, 255, 256, 4097};
    if (size == 0)
        return 0;
    struct um_span body = um_span_of(data + 1, size - 1);
    struct um_span charset = um_span_text(charsets[data[0] & 3]);
    size_t step = steps[data[0] >> 2 & 7];

    struct um_limits limits;
    um_limits_init(&limits);
    limits.max[UM_LIMIT_XML_DEPTH] = 16;
    limits.max[UM_LIMIT_XML_TEXT] = 64;
    struct um_soap *whole = NULL, *pieces = NULL;
    demand(um_soap_new(&limits, &whole) == UM_OK && um_soap_new(&limits, &pieces) == UM_OK);
    const struct um_message *a = read_body(whole, body, body.len ? body.len : 1, charset);
    const struct um_message *b = read_body(pieces, body, step, charset);
    check(a, body.len, &limits);
    check(b, body.len, &limits);
    check_equal(a, b);
    um_soap_free(whole);
    um_soap_free(pieces);
    return 0;
}
