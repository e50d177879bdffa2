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

/* Where the last ':' stands; text.len when there is none. */
static size_t
find_port(struct um_span text)
{
    for (size_t i = text.len; i > 0; i--) {
        if (text.data[i - 1] == ':')
            return i - 1;
    }
    return text.len;
}

bool
um_endpoint_parse(struct um_span text, struct um_endpoint *out)
{
    struct um_endpoint endpoint = {.address_len = 4};
    char address[INET6_ADDRSTRLEN] = "";
    if (um_span_equal(text, um_span_text("?"))) {
        *out = (struct um_endpoint){.address_len = 0};
        return true;
    }
    size_t colon = find_port(text);
    struct um_span host = um_span_first(text, colon);
    uint64_t port;
    if (!um_span_decimal(um_span_from(text, colon + 1), &port) || port > UINT16_MAX)
        return false;
    if (host.len >= 2 && host.data[0] == '[' && host.data[host.len - 1] == ']') {
        host = um_span_of(host.data + 1, host.len - 2);
        endpoint.address_len = 16;
    }
    if (host.len >= sizeof address)
        return false;
    memcpy(address, host.data, host.len);
    if (inet_pton(endpoint.address_len == 4 ? AF_INET : AF_INET6, address, endpoint.address) != 1)
        return false;
    endpoint.port = (uint16_t)port;
    *out = endpoint;
    return true;
}
