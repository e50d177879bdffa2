/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A name may hold anything, a NUL too: it ends there. */
#include "offline/server_text.h"

#include <stdio.h>

enum { NAME_MAX_BYTES = 255 };

void
um_server_text(struct um_span name, const struct um_endpoint *server, char out[UM_SERVER_TEXT_MAX])
{
    char address[UM_ENDPOINT_TEXT_MAX];
    struct um_span shown = um_span_first(name, NAME_MAX_BYTES);
    (void)um_endpoint_text(server, address);
    if (shown.len > 0)
        (void)snprintf(out, UM_SERVER_TEXT_MAX, "%.*s (%s)", (int)shown.len,
                       (const char *)shown.data, address);
    else
        (void)snprintf(out, UM_SERVER_TEXT_MAX, "%s", address);
}
