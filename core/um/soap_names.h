/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What the names of elements mean, wherever they come from: the parts of an envelope, the operation
 * that a message is of, and the path below it by which a value is found in the table of operations.
 */
#ifndef UM_UM_SOAP_NAMES_H
#define UM_UM_SOAP_NAMES_H

#include "core/um/message.h"
#include "core/um/vocabulary.h"

enum { UM_SOAP_PATH_MAX = 160 }; /* bytes: longer than any path in the table */

/* Local names below the operation's element, joined by '/'. Zeroed: that element itself. */
struct um_soap_path {
    char names[UM_SOAP_PATH_MAX];
    size_t len;
};

/* Goes to the element or attribute of that name; false when the path would be longer than any. */
bool um_soap_names_push(struct um_soap_path *path, struct um_span name);

/* Takes the last name off; none when there is none. */
void um_soap_names_pop(struct um_soap_path *path);

bool um_soap_names_is_envelope(struct um_span name, enum um_vocabulary vocabulary);
bool um_soap_names_is_body(struct um_span name, enum um_vocabulary vocabulary);

/* Body's first element child tells the message's kind, operation and service. */
void um_soap_names_decide(struct um_message *message, struct um_span name,
                          enum um_vocabulary vocabulary);

/* In a reply, is it the reply's own name once more? */
bool um_soap_names_is_repeated(const struct um_message *message, struct um_span name,
                               enum um_vocabulary vocabulary);

/* The field at the path; UM_FIELD_COUNT: none of ours, or it has its value already. */
enum um_field_id um_soap_names_field(const struct um_soap_path *path,
                                     const struct um_message *message);

/* PlayOnPhone has one name in both services: the fields that are there tell them apart. */
void um_soap_names_tell_service(const struct um_soap_path *path, enum um_field_id field,
                                struct um_message *message);

#endif
