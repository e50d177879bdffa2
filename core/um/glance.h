/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A first look at a body: most that are SOAP are of some other service, and their beginning says so
 * to anybody who reads no more XML than tags and quotes. Only refuses; whatever is not plain is
 * left to soap.h, which alone decides what is ours.
 */
#ifndef UM_UM_GLANCE_H
#define UM_UM_GLANCE_H

#include "core/base/span.h"

enum {
    UM_GLANCE_SEEN = 8,
    UM_GLANCE_BYTES = 512, /* of a beginning; longer ones are not remembered */
};

/*
 * Beginnings that were foreign: those who speak begin all their messages alike, so that most are
 * told by comparing. Changes no answer. Zeroed: none.
 */
struct um_glance {
    struct um_glance_seen {
        size_t len; /* 0: free */
        uint8_t bytes[UM_GLANCE_BYTES];
    } seen[UM_GLANCE_SEEN];
    size_t next; /* the one to be replaced */
};

/*
 * True when `beginning`, the first bytes of a body without content coding, shows that it is no
 * message of ours: its root is no Envelope, or the first element in its Body is no operation and no
 * fault, whatever the namespaces are. False: that is not certain, also when the bytes end before.
 */
bool um_glance_is_foreign(struct um_glance *glance, struct um_span beginning);

#endif
