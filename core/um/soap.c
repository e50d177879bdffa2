/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The recogniser: libxml2 tells elements and text, this file keeps where in the envelope it stands
 * and takes what the table of operations knows. Depth 1 is Envelope, 2 Header or Body, 3 the
 * element that decides; below it a path of local names leads to values (soap_names.h).
 *
 * Bodies come to libxml2 as UTF-8 (soap_input.c), so a position in the parser's input is a
 * position in the body whenever the body itself is UTF-8.
 */
#include "core/um/soap.h"

#include <libxml/parser.h>
#include <libxml/xmlerror.h>
#include <stdlib.h>

#include "core/base/arena.h"
#include "core/base/buf.h"
#include "core/um/glance.h"
#include "core/um/soap_input.h"
#include "core/um/soap_names.h"

enum {
    PIECE_MAX_BYTES = 4096,         /* given to libxml2 at once: little is copied before a stop */
    DICTIONARY_MAX_BYTES = 1 << 20, /* names libxml2 remembers, before it is made anew */
};

enum depth { DEPTH_ENVELOPE = 1, DEPTH_PART, DEPTH_OPERATION };

struct um_soap {
    struct um_limits limits;
    xmlParserCtxtPtr xml; /* NULL until the first body */
    int result;           /* UM_MORE until the body has been decided */

    struct um_soap_input input;

    /* the namespace looked up last; NULL is none */
    const xmlChar *last_uri;
    enum um_vocabulary last_vocabulary;

    /* where we stand */
    size_t depth;
    size_t skip_depth;        /* nothing at or below this depth matters; 0: no such */
    struct um_soap_path path; /* the repeated name of a reply adds nothing to it */

    /* the value being read */
    enum um_field_id field; /* UM_FIELD_COUNT: none */
    size_t field_depth;
    size_t field_offset;
    bool has_field_position;
    bool is_field_cut;
    struct um_buf text;

    struct um_message message;
    struct um_arena arena; /* the message's texts */
    struct um_glance glance;
};

/* ---- positions ---- */

/* Offset in the body of what libxml2 reads next; only for bodies that are UTF-8. */
static size_t
position(const struct um_soap *soap)
{
    long consumed = xmlByteConsumed(soap->xml);
    return consumed < 0 ? 0 : soap->input.mark_len + (size_t)consumed;
}

/* How far behind the parser's place the '<' of the tag it has just read stands; 0: not there any
 * more. A '<' stands nowhere else in a tag, not even in its attributes. */
static size_t
distance_to_tag(const struct um_soap *soap)
{
    const xmlChar *base = soap->xml->input->base, *at = soap->xml->input->cur;
    for (const xmlChar *p = at; p > base; p--) {
        if (p[-1] == '<')
            return (size_t)(at - p) + 1;
    }
    return 0;
}

/* ---- deciding ---- */

static void
stop(struct um_soap *soap, enum um_step result)
{
    soap->result = (int)result;
    xmlStopParser(soap->xml);
}

static void
fail(struct um_soap *soap)
{
    stop(soap, UM_BAD);
    soap->result = UM_ERR_NOMEM;
}

static void
refuse(struct um_soap *soap, enum um_message_flag flag)
{
    soap->message.flags |= (unsigned)flag;
    stop(soap, UM_BAD);
}

/* libxml2 gives the same name at the same place, so that most are known from the element before. */
static enum um_vocabulary
vocabulary_of(struct um_soap *soap, const xmlChar *uri)
{
    bool is_https;
    if (uri == soap->last_uri)
        return soap->last_vocabulary;
    soap->last_uri = uri;
    soap->last_vocabulary = um_vocabulary_of(um_span_text((const char *)uri), &is_https);
    if (is_https && soap->last_vocabulary != UM_VOCABULARY_OTHER)
        soap->message.flags |= UM_MESSAGE_NAMESPACE_HTTPS;
    return soap->last_vocabulary;
}

static void
take_name_position(struct um_soap *soap)
{
    size_t distance = um_soap_input_has_positions(&soap->input) ? distance_to_tag(soap) : 0;
    if (distance == 0)
        return;
    bool is_empty = *soap->xml->input->cur == '/';
    soap->message.name_offset = position(soap) - distance;
    soap->message.name_length = distance + (is_empty ? 2 : 1);
}

/* Body's first element child: a message of ours, a fault, or nothing that matters. */
static void
decide(struct um_soap *soap, struct um_span name, enum um_vocabulary vocabulary)
{
    um_soap_names_decide(&soap->message, name, vocabulary);
    if (soap->message.kind == UM_MESSAGE_NONE)
        stop(soap, UM_DONE);
    else
        take_name_position(soap);
}

/* ---- values ---- */

static void
keep(struct um_soap *soap, enum um_field_id field, struct um_span text, enum um_field_state state)
{
    struct um_span kept;
    if (um_arena_copy(&soap->arena, text, &kept) != UM_OK) {
        fail(soap);
        return;
    }
    soap->message.fields[field] = (struct um_field){.text = kept, .state = state};
}

/* An element's text begins where its start tag ends. */
static void
begin_field(struct um_soap *soap)
{
    soap->field = um_soap_names_field(&soap->path, &soap->message);
    soap->field_depth = soap->depth;
    soap->is_field_cut = false;
    soap->has_field_position =
        um_soap_input_has_positions(&soap->input) && *soap->xml->input->cur == '>';
    soap->field_offset = soap->has_field_position ? position(soap) + 1 : 0;
    um_buf_clear(&soap->text);
}

/* The element was closed, or (`state` CUT) the body ended inside it. */
static void
end_field(struct um_soap *soap, enum um_field_state state)
{
    enum um_field_id field = soap->field;
    soap->field = UM_FIELD_COUNT;
    if (field == UM_FIELD_COUNT)
        return;
    struct um_span text = um_buf_span(&soap->text);
    if (soap->path.len == 0 && um_span_trim(text).len == 0)
        return; /* an empty reply, or white space before its children */
    if (soap->is_field_cut)
        state = UM_FIELD_CUT;
    keep(soap, field, text, state);
    if (soap->result != UM_MORE || state != UM_FIELD_WHOLE)
        return;
    um_soap_names_tell_service(&soap->path, field, &soap->message);
    size_t distance = soap->has_field_position ? distance_to_tag(soap) : 0;
    if (distance > 0) {
        struct um_field *out = &soap->message.fields[field];
        out->offset = soap->field_offset;
        out->length = position(soap) - distance - soap->field_offset;
    }
}

static void
take_text(void *ctx, const xmlChar *text, int len)
{
    struct um_soap *soap = ctx;
    if (soap->field == UM_FIELD_COUNT || soap->depth != soap->field_depth || len <= 0)
        return;
    size_t left = soap->limits.max[UM_LIMIT_XML_TEXT] - soap->text.len;
    if ((size_t)len > left) {
        soap->is_field_cut = true;
        soap->message.flags |= UM_MESSAGE_LIMIT_TEXT;
    }
    struct um_span piece = um_span_first(um_span_of(text, (size_t)len), left);
    if (um_buf_append(&soap->text, piece) != UM_OK)
        fail(soap);
}

/* ---- elements ---- */

struct attribute {
    struct um_span name, value;
};

/* libxml2 gives five pointers an attribute: name, prefix, URI, value's begin and end. */
static struct attribute
attribute_at(const xmlChar *const *attributes, int i)
{
    const xmlChar *const *a = attributes + (size_t)i * 5;
    return (struct attribute){.name = um_span_text((const char *)a[0]),
                              .value = um_span_of(a[3], (size_t)(a[4] - a[3]))};
}

/* Into soap->text: libxml2 gives every '&' of an attribute, however it was written, as "&#38;". */
static int
unescape(struct um_soap *soap, struct um_span value)
{
    struct um_span escaped = um_span_text("&#38;");
    int err = UM_OK;
    um_buf_clear(&soap->text);
    while (value.len > 0 && !err) {
        size_t at = um_span_search(value, escaped);
        bool is_found = at < value.len;
        err = um_buf_append(&soap->text, um_span_first(value, is_found ? at + 1 : at));
        value = um_span_from(value, is_found ? at + escaped.len : at);
    }
    return err;
}

static void
keep_attribute(struct um_soap *soap, enum um_field_id field, struct um_span value)
{
    if (unescape(soap, value) != UM_OK) {
        fail(soap);
        return;
    }
    struct um_span text = um_buf_span(&soap->text);
    struct um_span kept = um_span_first(text, soap->limits.max[UM_LIMIT_XML_TEXT]);
    bool is_cut = kept.len < text.len;
    if (is_cut)
        soap->message.flags |= UM_MESSAGE_LIMIT_TEXT;
    keep(soap, field, kept, is_cut ? UM_FIELD_CUT : UM_FIELD_WHOLE);
    um_buf_clear(&soap->text);
    if (soap->result != UM_MORE)
        return;
    um_soap_names_tell_service(&soap->path, field, &soap->message);
    /* a value without references stands in the input as it is */
    const uint8_t *base = soap->xml->input->base, *end = soap->xml->input->cur;
    if (!is_cut && um_soap_input_has_positions(&soap->input) && value.data >= base &&
        value.data < end) {
        soap->message.fields[field].offset = position(soap) - (size_t)(end - value.data);
        soap->message.fields[field].length = value.len;
    }
}

static void
take_attribute(struct um_soap *soap, const struct attribute *attribute)
{
    size_t path_len = soap->path.len;
    char name[UM_SOAP_PATH_MAX];
    if (attribute->name.len >= sizeof name)
        return;
    name[0] = '@';
    memcpy(name + 1, attribute->name.data, attribute->name.len);
    if (!um_soap_names_push(&soap->path, um_span_of(name, attribute->name.len + 1)))
        return;
    enum um_field_id field = um_soap_names_field(&soap->path, &soap->message);
    if (field != UM_FIELD_COUNT)
        keep_attribute(soap, field, attribute->value);
    soap->path.len = path_len;
}

/* An element below the one that decided. */
static void
start_value(struct um_soap *soap, struct um_span name, enum um_vocabulary vocabulary)
{
    const struct um_message *message = &soap->message;
    bool is_fault = message->kind == UM_MESSAGE_FAULT;
    if (soap->field != UM_FIELD_COUNT && soap->path.len == 0)
        soap->field = UM_FIELD_COUNT; /* the operation's own text counts when it has no children */
    if (soap->depth == DEPTH_OPERATION + 1 &&
        um_soap_names_is_repeated(message, name, vocabulary)) {
        begin_field(soap); /* the reply's name repeated: it adds nothing to the path */
        return;
    }
    if ((vocabulary == UM_VOCABULARY_OTHER && !is_fault) || soap->field != UM_FIELD_COUNT ||
        !um_soap_names_push(&soap->path, name)) {
        soap->skip_depth = soap->depth;
        return;
    }
    begin_field(soap);
}

static void
start_in_envelope(struct um_soap *soap, struct um_span name, enum um_vocabulary vocabulary)
{
    if (soap->depth == DEPTH_ENVELOPE) {
        if (!um_soap_names_is_envelope(name, vocabulary))
            stop(soap, UM_DONE);
        else if (vocabulary == UM_VOCABULARY_SOAP12)
            soap->message.flags |= UM_MESSAGE_SOAP12;
    } else if (!um_soap_names_is_body(name, vocabulary)) {
        soap->skip_depth = soap->depth;
    }
}

static void
start_element(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri,
              int namespace_count, const xmlChar **namespaces, int attribute_count,
              int defaulted_count, const xmlChar **attributes)
{
    struct um_soap *soap = ctx;
    (void)prefix;
    (void)namespace_count;
    (void)namespaces;
    (void)defaulted_count;
    soap->depth++;
    if (soap->depth > soap->limits.max[UM_LIMIT_XML_DEPTH]) {
        refuse(soap, UM_MESSAGE_LIMIT_DEPTH);
        return;
    }
    if (soap->skip_depth != 0)
        return;
    struct um_span name = um_span_text((const char *)local);
    enum um_vocabulary vocabulary = vocabulary_of(soap, uri);
    if (soap->depth < DEPTH_OPERATION) {
        start_in_envelope(soap, name, vocabulary);
        return;
    }
    if (soap->depth == DEPTH_OPERATION && soap->message.kind != UM_MESSAGE_NONE) {
        soap->skip_depth = soap->depth; /* only Body's first element child counts */
    } else if (soap->depth == DEPTH_OPERATION) {
        decide(soap, name, vocabulary);
        if (soap->result == UM_MORE)
            begin_field(soap);
    } else {
        start_value(soap, name, vocabulary);
    }
    for (int i = 0; i < attribute_count && soap->skip_depth == 0 && soap->result == UM_MORE; i++) {
        struct attribute attribute = attribute_at(attributes, i);
        take_attribute(soap, &attribute);
    }
}

static void
end_element(void *ctx, const xmlChar *local, const xmlChar *prefix, const xmlChar *uri)
{
    struct um_soap *soap = ctx;
    (void)local;
    (void)prefix;
    (void)uri;
    size_t depth = soap->depth--;
    if (soap->skip_depth != 0) {
        if (soap->skip_depth == depth)
            soap->skip_depth = 0;
        return;
    }
    if (depth == DEPTH_ENVELOPE) {
        stop(soap, UM_DONE);
        return;
    }
    if (soap->field != UM_FIELD_COUNT && soap->field_depth == depth)
        end_field(soap, UM_FIELD_WHOLE);
    if (depth > DEPTH_OPERATION)
        um_soap_names_pop(&soap->path);
}

static void
refuse_document_type(void *ctx, const xmlChar *name, const xmlChar *external, const xmlChar *system)
{
    (void)name;
    (void)external;
    (void)system;
    refuse(ctx, UM_MESSAGE_DOCTYPE);
}

/* Takes what libxml2 would print. Undeclared prefixes are no fatal error: it goes on by itself. */
static void
#if LIBXML_VERSION >= 21200
take_error(void *ctx, const xmlError *error)
#else
take_error(void *ctx, xmlErrorPtr error)
#endif
{
    struct um_soap *soap = ctx;
    if (soap->result != UM_MORE || error->level != XML_ERR_FATAL)
        return;
    if (error->code == XML_ERR_NO_MEMORY) {
        soap->result = UM_ERR_NOMEM;
        return;
    }
    soap->message.flags |= UM_MESSAGE_MALFORMED;
    soap->result = UM_BAD;
}

/* ---- the parser ---- */

static xmlParserCtxtPtr
new_parser(struct um_soap *soap)
{
    xmlSAXHandler handler = {
        .initialized = XML_SAX2_MAGIC,
        .startElementNs = start_element,
        .endElementNs = end_element,
        .characters = take_text,
        .ignorableWhitespace = take_text,
        .cdataBlock = take_text,
        .internalSubset = refuse_document_type,
        .serror = take_error,
    };
    return xmlCreatePushParserCtxt(&handler, soap, NULL, 0, NULL);
}

/* One context serves body after body; made anew when hostile names have filled its dictionary. */
static int
reset_parser(struct um_soap *soap)
{
    if (soap->xml && xmlDictGetUsage(soap->xml->dict) > DICTIONARY_MAX_BYTES) {
        xmlFreeParserCtxt(soap->xml);
        soap->xml = NULL;
    }
    if (!soap->xml)
        soap->xml = new_parser(soap);
    else if (xmlCtxtResetPush(soap->xml, NULL, 0, NULL, NULL) != 0)
        return UM_ERR_NOMEM;
    if (!soap->xml)
        return UM_ERR_NOMEM;
    /* our own limits decide, and our own conversion has been done */
    xmlCtxtUseOptions(soap->xml, XML_PARSE_NONET | XML_PARSE_HUGE | XML_PARSE_IGNORE_ENC);
    return UM_OK;
}

static void
parse(struct um_soap *soap, struct um_span utf8)
{
    while (utf8.len > 0 && soap->result == UM_MORE) {
        struct um_span piece = um_span_first(utf8, PIECE_MAX_BYTES);
        int code = xmlParseChunk(soap->xml, (const char *)piece.data, (int)piece.len, 0);
        if (code == XML_ERR_NO_MEMORY && soap->result == UM_MORE)
            soap->result = UM_ERR_NOMEM;
        utf8 = um_span_from(utf8, piece.len);
    }
}

int
um_soap_new(const struct um_limits *limits, struct um_soap **out)
{
    struct um_soap *soap = calloc(1, sizeof *soap);
    if (!soap)
        return UM_ERR_NOMEM;
    soap->limits = *limits;
    soap->result = UM_BAD; /* no body has begun */
    *out = soap;
    return UM_OK;
}

void
um_soap_free(struct um_soap *soap)
{
    if (!soap)
        return;
    if (soap->xml)
        xmlFreeParserCtxt(soap->xml);
    um_soap_input_done(&soap->input);
    um_buf_done(&soap->text);
    um_arena_done(&soap->arena);
    free(soap);
}

int
um_soap_begin(struct um_soap *soap, struct um_span charset)
{
    um_arena_reset(&soap->arena);
    um_soap_input_begin(&soap->input, charset);
    um_buf_clear(&soap->text);
    soap->message = (struct um_message){0};
    soap->last_uri = NULL;
    soap->last_vocabulary = UM_VOCABULARY_NONE;
    soap->depth = soap->skip_depth = soap->path.len = 0;
    soap->field = UM_FIELD_COUNT;
    soap->result = UM_MORE;
    int err = reset_parser(soap);
    if (err)
        soap->result = err;
    return err;
}

int
um_soap_push(struct um_soap *soap, struct um_span bytes)
{
    bool is_first = um_soap_input_is_new(&soap->input);
    if (soap->result == UM_MORE && is_first && um_glance_is_foreign(&soap->glance, bytes))
        soap->result = UM_DONE;
    while (soap->result == UM_MORE && bytes.len > 0) {
        struct um_span utf8;
        int err = um_soap_input_next(&soap->input, &bytes, &utf8);
        if (err)
            soap->result = err;
        else
            parse(soap, utf8);
    }
    return soap->result;
}

bool
um_soap_is_message(const struct um_soap *soap)
{
    return soap->message.kind != UM_MESSAGE_NONE;
}

const struct um_message *
um_soap_end(struct um_soap *soap)
{
    end_field(soap, UM_FIELD_CUT);
    if (soap->result == UM_MORE && um_soap_is_message(soap))
        soap->message.flags |= UM_MESSAGE_CUT;
    return &soap->message;
}
