/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * An OpenSSL of one's own: what only the legacy provider has (RC4, the RC2 and RC4 that old PKCS#12
 * files are sealed with) is done there, so that nothing is loaded into the process at large.
 */
#ifndef UM_TLS_LIBRARY_H
#define UM_TLS_LIBRARY_H

#include <openssl/provider.h>
#include <stdbool.h>

/* All NULL: not open. */
struct um_library {
    OSSL_LIB_CTX *context;
    OSSL_PROVIDER *standard, *legacy; /* the second may be missing */
};

/* False: there is no memory for it. It is closed either way. */
bool um_library_open(struct um_library *library);
void um_library_close(struct um_library *library);

#endif
