/* SPDX-License-Identifier: GPL-2.0-or-later */
/* record: type 1 | version 2 | length 2 | message: type 1 | length 3 | version 2 | random 32 | ...
 */
#include "offline/http/tunnel.h"

#include "core/base/cursor.h"
#include "offline/tls/handshake.h"
#include "offline/tls/record.h"

enum { HELLO_MIN_BYTES = 2 + 32 + 1 + 3 }; /* version, random, no session, the shortest rest */

bool
um_http_tunnel_begins_tls(struct um_span bytes, bool is_client)
{
    size_t length;
    if (um_tls_record_length(bytes, &length) != UM_DONE || bytes.data[0] != UM_TLS_TYPE_HANDSHAKE)
        return false;
    uint8_t type;
    size_t hello;
    struct um_span message = um_span_from(bytes, UM_TLS_HEADER_BYTES);
    if (um_handshake_length(message, &type, &hello) != UM_DONE)
        return false;
    return type == (is_client ? UM_HANDSHAKE_CLIENT_HELLO : UM_HANDSHAKE_SERVER_HELLO) &&
           hello >= UM_HANDSHAKE_HEADER_BYTES + HELLO_MIN_BYTES && hello <= UM_TLS_BODY_MAX;
}
