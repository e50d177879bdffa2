/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * One SOAP body that is a message of the UM web service or its successor: what um_soap read, free
 * of XML. Odd traffic is a flag here, never an error.
 */
#ifndef UM_UM_MESSAGE_H
#define UM_UM_MESSAGE_H

#include "core/um/operation.h"

enum um_message_kind {
    UM_MESSAGE_NONE, /* not a message of ours */
    UM_MESSAGE_REQUEST,
    UM_MESSAGE_REPLY,
    UM_MESSAGE_FAULT, /* a SOAP fault: ours only when it answers a request of ours */
};

/* How much of a value stood in the body. */
enum um_field_state {
    UM_FIELD_ABSENT,
    UM_FIELD_CUT,   /* begun, not ended: the body stopped, was malformed or refused inside it */
    UM_FIELD_WHOLE, /* its element was closed */
};

struct um_field {
    struct um_span text; /* UTF-8, entities resolved, white space as it came */
    size_t offset;       /* where the text stands in the body, bytes; see `length` */
    size_t length;       /* its bytes there, CDATA marks and comments inside it included; 0: empty,
                            cut, or not known (not UTF-8, an attribute with references) */
    enum um_field_state state;
};

/* What was odd about a body. */
enum um_message_flag {
    UM_MESSAGE_NAMESPACE_HTTPS = 1 << 0, /* a namespace of ours, or SOAP's, written with https: */
    UM_MESSAGE_MALFORMED = 1 << 1,       /* not well-formed XML */
    UM_MESSAGE_DOCTYPE = 1 << 2,         /* has a document type: refused from there on */
    UM_MESSAGE_LIMIT_DEPTH = 1 << 3,     /* deeper than `xml-depth`: left there */
    UM_MESSAGE_LIMIT_TEXT = 1 << 4,      /* a text longer than `xml-text`: that value is cut */
    UM_MESSAGE_CUT = 1 << 5,             /* the body ended before the message did */
    UM_MESSAGE_SOAP12 = 1 << 6,          /* SOAP 1.2 envelope */
};

enum { UM_MESSAGE_FLAGS = 7 };

/* "malformed" and the like, of the flag 1 << bit. Static. */
const char *um_message_flag_text(unsigned bit);

struct um_message {
    enum um_message_kind kind;
    enum um_service service;
    enum um_operation operation; /* NONE for a fault */
    unsigned flags;              /* enum um_message_flag */
    size_t name_offset; /* where the operation's (or Fault's) start tag stands in the body */
    size_t name_length; /* from '<' to '>'; 0: not known */
    struct um_field fields[UM_FIELD_COUNT];
};

/* True when the value stood whole in the body; only such values count. An empty one counts. */
bool um_message_has(const struct um_message *message, enum um_field_id field);

/* The text of a whole value without white space at its ends; empty when it is not there. */
struct um_span um_message_text(const struct um_message *message, enum um_field_id field);

/*
 * What follows the last colon, without white space at its ends: prefixes of fault names may be
 * undeclared, so they tell nothing.
 */
struct um_span um_message_local_name(struct um_span name);

/*
 * The fault's name: the exception when told, else the code, without anything up to the last colon;
 * empty when `message` is no fault. For a successor's error reply its ResponseCode.
 */
struct um_span um_message_fault_name(const struct um_message *message);

/* True for a successor's reply with @ResponseClass "Error". */
bool um_message_is_service_error(const struct um_message *message);

/*
 * A copy in one block of the heap, its texts included; the caller frees it with free(). 0 or
 * UM_ERR_NOMEM; `out` is set on success only.
 */
int um_message_copy(const struct um_message *message, struct um_message **out);

/* Bytes that um_message_copy would take. */
size_t um_message_size(const struct um_message *message);

#endif
