/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Source: SOAP 1.1 section 4.1, SOAP 1.2 part 1 section 5.1, [MS-OXWUMS] 2.2.1. */
#include "core/um/vocabulary.h"

static const struct {
    const char *name; /* without its scheme */
    enum um_vocabulary vocabulary;
} known[] = {
    {"schemas.xmlsoap.org/soap/envelope/", UM_VOCABULARY_SOAP11},
    {"www.w3.org/2003/05/soap-envelope", UM_VOCABULARY_SOAP12},
    {"schemas.microsoft.com/exchange/services/2006/messages", UM_VOCABULARY_MESSAGES},
    {"schemas.microsoft.com/exchange/services/2006/types", UM_VOCABULARY_TYPES},
    {"schemas.microsoft.com/exchange/services/2006/errors", UM_VOCABULARY_ERRORS},
};

enum um_vocabulary
um_vocabulary_of(struct um_span uri, bool *is_https)
{
    *is_https = um_span_starts(uri, um_span_text("https://"));
    if (uri.len == 0)
        return UM_VOCABULARY_NONE;
    if (!*is_https && !um_span_starts(uri, um_span_text("http://")))
        return UM_VOCABULARY_OTHER;
    struct um_span name = um_span_from(uri, *is_https ? strlen("https://") : strlen("http://"));
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        if (um_span_equal(name, um_span_text(known[i].name)))
            return known[i].vocabulary;
    }
    return UM_VOCABULARY_OTHER;
}
