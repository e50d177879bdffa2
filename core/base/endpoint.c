/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Endpoints as text; the address itself is written by the C library. */
#include "core/base/endpoint.h"

#include <arpa/inet.h>
#include <stdio.h>

const char *
um_endpoint_text(const struct um_endpoint *endpoint, char out[UM_ENDPOINT_TEXT_MAX])
{
    char address[INET6_ADDRSTRLEN] = "?";
    int family = endpoint->address_len == 4 ? AF_INET : AF_INET6;
    if (endpoint->address_len == 0 ||
        !inet_ntop(family, endpoint->address, address, sizeof address)) {
        (void)snprintf(out, UM_ENDPOINT_TEXT_MAX, "?");
        return out;
    }
    const char *format = family == AF_INET ? "%s:%u" : "[%s]:%u";
    (void)snprintf(out, UM_ENDPOINT_TEXT_MAX, format, address, (unsigned)endpoint->port);
    return out;
}
