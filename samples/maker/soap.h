/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * SOAP bodies of both services, from templates: what a body says stands in an event's words, how it
 * is written in soap.c. Source: [MS-OXWUMS] and the reference pages of the Exchange web services.
 */
#ifndef UM_MAKER_SOAP_H
#define UM_MAKER_SOAP_H

#include "samples/maker/bytes.h"
#include "samples/maker/dialogue.h"

/*
 * Adds the body of a request, reply or fault: the event's own text when it has one, else the
 * template of its operation. UTF-8, declaration included; nothing is escaped, so that a dialogue
 * can hold any markup.
 */
void um_soap_make(const struct um_event *event, struct um_bytes *out);

/* True when the event is one of the successor's service (Exchange.asmx). */
bool um_soap_is_ews(const struct um_event *event);

#endif
