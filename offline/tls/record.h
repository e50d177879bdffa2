/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * TLS records as they stand on the wire, and the one other thing a connection may begin with: a
 * ClientHello of SSL 2. Pure; knows no secrets.
 * Source: RFC 8446 section 5.1, RFC 5246 section 6.2.3, RFC 6101 section 5.2.1 and appendix E.
 */
#ifndef UM_TLS_RECORD_H
#define UM_TLS_RECORD_H

#include "core/base/err.h"
#include "core/base/span.h"

enum um_tls_type {
    UM_TLS_TYPE_CHANGE = 20, /* change cipher spec */
    UM_TLS_TYPE_ALERT = 21,
    UM_TLS_TYPE_HANDSHAKE = 22,
    UM_TLS_TYPE_DATA = 23,
    UM_TLS_TYPE_HEARTBEAT = 24,
    UM_TLS_TYPE_HELLO2 = 128, /* ours: a ClientHello in the form of SSL 2 */
};

enum {
    UM_TLS_HEADER_BYTES = 5,
    UM_TLS_BODY_MAX = (1 << 14) + 2048,
    UM_TLS_RECORD_MAX = UM_TLS_HEADER_BYTES + UM_TLS_BODY_MAX,
};

enum um_tls_version {
    UM_TLS_VERSION_SSL2 = 0x0002,
    UM_TLS_VERSION_SSL3 = 0x0300,
    UM_TLS_VERSION_10 = 0x0301,
    UM_TLS_VERSION_11 = 0x0302,
    UM_TLS_VERSION_12 = 0x0303,
    UM_TLS_VERSION_13 = 0x0304,
};

/* "TLS 1.2" and the like; "TLS" for a version that does not exist. Static. */
const char *um_tls_version_text(uint16_t version);

struct um_tls_record {
    uint8_t type;          /* ContentType, or UM_TLS_TYPE_HELLO2 */
    uint16_t version;      /* legacy_record_version, as sent */
    struct um_span header; /* its first five bytes (two of a HELLO2) */
    struct um_span body;   /* at most UM_TLS_BODY_MAX bytes */
    const uint8_t *next;   /* what is read after it lies there, perhaps: it can only be expected */
};

/*
 * Bytes of the record that `input` begins with, its header included. UM_MORE: `input` ends before
 * that is known; UM_BAD: no TLS record begins like this. `length` is set on UM_DONE only.
 */
enum um_step um_tls_record_length(struct um_span input, size_t *length);

/*
 * Splits the first record off `input`. UM_DONE moves `input` past it; UM_MORE when `input` ends
 * inside it (nothing moved); UM_BAD when the bytes cannot be a TLS record. `out` is set on UM_DONE
 * only, a view into `input`.
 */
enum um_step um_tls_record_split(struct um_span *input, struct um_tls_record *out);

/* Bytes before the first that may begin a record, SSL 2 left out; all when there is none. */
size_t um_tls_record_find(struct um_span bytes);

/* True when a payload could be the beginning of a TLS record: it holds a whole plausible header. */
bool um_tls_record_wanted(struct um_span payload);

#endif
