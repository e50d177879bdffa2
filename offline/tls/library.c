/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "offline/tls/library.h"

#include <openssl/err.h>

bool
um_library_open(struct um_library *library)
{
    library->context = OSSL_LIB_CTX_new();
    if (!library->context)
        return false;
    library->standard = OSSL_PROVIDER_load(library->context, "default");
    library->legacy = OSSL_PROVIDER_load(library->context, "legacy");
    return library->standard != NULL;
}

void
um_library_close(struct um_library *library)
{
    if (library->legacy)
        (void)OSSL_PROVIDER_unload(library->legacy);
    if (library->standard)
        (void)OSSL_PROVIDER_unload(library->standard);
    OSSL_LIB_CTX_free(library->context);
    ERR_clear_error();
}
