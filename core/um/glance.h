/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A first look at a body: most that are SOAP are of some other service, and their beginning says so
 * to anybody who reads no more XML than tags and quotes. Only refuses; whatever is not plain is
 * left to soap.h, which alone decides what is ours. Pure.
 */
#ifndef UM_UM_GLANCE_H
#define UM_UM_GLANCE_H

#include "core/base/span.h"

/*
 * True when `beginning`, the first bytes of a body without content coding, shows that it is no
 * message of ours: its root is no Envelope, or the first element in its Body is no operation and no
 * fault, whatever the namespaces are. False: that is not certain, also when the bytes end before.
 */
bool um_glance_is_foreign(struct um_span beginning);

#endif
