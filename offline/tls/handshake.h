/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The handshake messages that decryption and reports need, read into plain structs. Pure; every
 * span is a view into the message. What a message lacks is empty; a cut one is UM_BAD.
 * Source: RFC 8446 section 4, RFC 5246 section 7.4, RFC 6066, RFC 7301, RFC 5077, RFC 6101 app. E.
 */
#ifndef UM_TLS_HANDSHAKE_H
#define UM_TLS_HANDSHAKE_H

#include "core/base/err.h"
#include "core/base/span.h"

enum um_handshake_type {
    UM_HANDSHAKE_CLIENT_HELLO = 1,
    UM_HANDSHAKE_SERVER_HELLO = 2,
    UM_HANDSHAKE_NEW_SESSION_TICKET = 4,
    UM_HANDSHAKE_END_OF_EARLY_DATA = 5,
    UM_HANDSHAKE_ENCRYPTED_EXTENSIONS = 8,
    UM_HANDSHAKE_CERTIFICATE = 11,
    UM_HANDSHAKE_SERVER_KEY_EXCHANGE = 12,
    UM_HANDSHAKE_SERVER_HELLO_DONE = 14,
    UM_HANDSHAKE_CLIENT_KEY_EXCHANGE = 16,
    UM_HANDSHAKE_FINISHED = 20,
    UM_HANDSHAKE_KEY_UPDATE = 24,
};

enum { UM_HANDSHAKE_HEADER_BYTES = 4 };

/* One message: type 1 | length 3 | body. */
struct um_handshake {
    uint8_t type;
    struct um_span body;
    struct um_span whole; /* with its header */
};

/* Splits the first message off `input`; UM_MORE when it ends inside it (nothing moved). */
enum um_step um_handshake_split(struct um_span *input, struct um_handshake *out);

/* Type and whole length of the message that `input` begins with; UM_MORE below four bytes. */
enum um_step um_handshake_length(struct um_span input, uint8_t *type, size_t *length);

struct um_client_hello {
    uint16_t version;          /* legacy_version */
    struct um_span random;     /* 32 bytes; of an SSL 2 hello the challenge, zeros before it */
    struct um_span session_id; /* at most 32 bytes */
    struct um_span suites;     /* two bytes each */
    struct um_span server_name;
    struct um_span alpn; /* the list offered: length 1, name */
    struct um_span ticket;
    bool has_early_data;
    uint8_t challenge[32]; /* where `random` of an SSL 2 hello lies */
};

/* UM_DONE; UM_BAD, and `out` has what stood before the fault or the end. */
enum um_step um_handshake_client_hello(struct um_span body, struct um_client_hello *out);

/* The same of a hello in the form of SSL 2: the record's body. */
enum um_step um_handshake_hello2(struct um_span body, struct um_client_hello *out);

struct um_server_hello {
    uint16_t version; /* the one chosen, supported_versions taken into account */
    struct um_span random;
    struct um_span session_id;
    uint16_t suite;
    uint8_t compression;
    bool is_retry; /* HelloRetryRequest */
    bool has_extended_master;
    bool has_encrypt_then_mac;
    struct um_span alpn; /* the name chosen */
};

enum um_step um_handshake_server_hello(struct um_span body, struct um_server_hello *out);

/* What the server of TLS 1.3 says under its handshake keys. */
struct um_encrypted_extensions {
    struct um_span alpn; /* the name chosen */
    bool has_early_data; /* accepted */
};

enum um_step um_handshake_encrypted_extensions(struct um_span body,
                                               struct um_encrypted_extensions *out);

/* The ticket of a NewSessionTicket up to TLS 1.2; empty when it cannot be read. */
struct um_span um_handshake_ticket(struct um_span body);

/* The encrypted premaster secret of a ClientKeyExchange with RSA; SSL 3 tells no length. */
struct um_span um_handshake_premaster(struct um_span body, uint16_t version);

#endif
