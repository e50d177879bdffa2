/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Which vocabulary an XML namespace is, of those that messages are written in. Pure. */
#ifndef UM_UM_VOCABULARY_H
#define UM_UM_VOCABULARY_H

#include "core/base/span.h"

enum um_vocabulary {
    UM_VOCABULARY_OTHER,
    UM_VOCABULARY_NONE, /* no namespace, or a prefix that was not declared */
    UM_VOCABULARY_SOAP11,
    UM_VOCABULARY_SOAP12,
    UM_VOCABULARY_MESSAGES, /* of the service; the two below too */
    UM_VOCABULARY_TYPES,
    UM_VOCABULARY_ERRORS,
};

/* By the namespace's name, with http: or https: before it; `*is_https` tells of the latter. */
enum um_vocabulary um_vocabulary_of(struct um_span uri, bool *is_https);

static inline bool
um_vocabulary_is_soap(enum um_vocabulary vocabulary)
{
    return vocabulary == UM_VOCABULARY_SOAP11 || vocabulary == UM_VOCABULARY_SOAP12;
}

#endif
