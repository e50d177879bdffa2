/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The cipher suites that can be read, in one table.
 * Source: the IANA registry "TLS Cipher Suites".
 */
#ifndef UM_TLS_SUITES_H
#define UM_TLS_SUITES_H

#include "offline/tls/cipher.h"

struct um_tls_suite {
    uint16_t id;
    bool is_rsa; /* RSA key exchange: the server's private key is enough */
    bool is_13;  /* of TLS 1.3 */
    enum um_cipher cipher;
    enum um_hash mac; /* NONE with AEAD */
    enum um_hash prf; /* of TLS 1.2 and 1.3 */
    const char *name; /* as registered */
};

/* NULL for one that cannot be read. Static. */
const struct um_tls_suite *um_tls_suite_find(uint16_t id);

#endif
