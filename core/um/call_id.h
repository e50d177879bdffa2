/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * CallId: opaque text that in known forms is base64 of "GUID@server" (documentation) or
 * "GUID|server" (Exchange 15.x). Opaque ids keep their own calls; nothing is folded or guessed.
 * Source: [MS-OXWUMS] 3.1.4.3; RFC 4648 section 4 (standard alphabet, padded).
 */
#ifndef UM_UM_CALL_ID_H
#define UM_UM_CALL_ID_H

#include "core/base/arena.h"

enum { UM_GUID_LEN = 36 };

struct um_call_id {
    struct um_span key;         /* the text with all white space removed; compare with its case */
    char guid[UM_GUID_LEN + 1]; /* lower case, "" when opaque */
    char separator;             /* '@' or '|', 0 when opaque */
    struct um_span server;      /* host name as it came, empty when opaque */
    struct um_span
        plain; /* GUID as it came, separator, server; empty when opaque, and in records */
};

/*
 * Reads a CallId; `out`'s spans live in `arena`. Any text has a key; an id that is not base64 of a
 * GUID, a separator and a non-empty printable host is opaque. 0 or UM_ERR_NOMEM.
 */
int um_call_id_parse(struct um_span text, struct um_arena *arena, struct um_call_id *out);

/* True when the text is a GUID in 8-4-4-4-12 form, any case. */
bool um_call_id_is_guid(struct um_span text);

#endif
