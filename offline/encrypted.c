/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts by "name (address)"; the finding names the first few servers and the number of the rest.
 */
#include "offline/encrypted.h"

#include <inttypes.h>
#include <stdio.h>

#include "core/base/err.h"

enum { NAMED_MAX = 8 };

int
um_encrypted_add(struct um_encrypted *encrypted, struct um_span name,
                 const struct um_endpoint *server, uint64_t frame)
{
    char address[UM_ENDPOINT_TEXT_MAX];
    char text[384]; /* a name has at most 255 bytes */
    struct um_span shown = um_span_first(name, 255);
    (void)um_endpoint_text(server, address);
    if (shown.len > 0)
        (void)snprintf(text, sizeof text, "%.*s (%s)", (int)shown.len, (const char *)shown.data,
                       address);
    else
        (void)snprintf(text, sizeof text, "%s", address);

    if (encrypted->first_frame == 0)
        encrypted->first_frame = frame;
    encrypted->total++;
    if (encrypted->servers.count >= UM_ENCRYPTED_SERVERS_MAX)
        return UM_OK;
    size_t number;
    int err = um_symbols_add(&encrypted->servers, um_span_text(text), &number, NULL);
    if (!err)
        encrypted->connections[number]++;
    return err;
}

/* The texts of the first servers by number, in one sentence part. */
static const char *
list_servers(const struct um_encrypted *encrypted, struct um_arena *arena)
{
    const char *names[NAMED_MAX] = {0};
    for (size_t i = 0; i < encrypted->servers.slot_count; i++) {
        const struct um_symbol *slot = &encrypted->servers.slots[i];
        if (slot->used && slot->number < NAMED_MAX)
            names[slot->number] = (const char *)slot->text.data;
    }
    const char *list = "";
    for (size_t i = 0; i < NAMED_MAX && names[i] && list; i++)
        list = um_arena_printf(arena, "%s%s%" PRIu64 " to %s", list, i > 0 ? ", " : "",
                               encrypted->connections[i], names[i]);
    if (list && encrypted->servers.count > NAMED_MAX)
        list = um_arena_printf(arena, "%s, and to %zu more servers", list,
                               encrypted->servers.count - NAMED_MAX);
    return list;
}

int
um_encrypted_find(const struct um_encrypted *encrypted, struct um_findings *findings)
{
    if (encrypted->total == 0)
        return UM_OK;
    const char *list = list_servers(encrypted, findings->arena);
    if (!list)
        return UM_ERR_NOMEM;
    return um_findings_add(
        findings, UM_FINDING_ENCRYPTED, SIZE_MAX, &encrypted->first_frame, 1,
        um_arena_printf(
            findings->arena, "%" PRIu64 " TLS %s could not be read, no secrets were at hand: %s.",
            encrypted->total, encrypted->total == 1 ? "connection" : "connections", list));
}

void
um_encrypted_done(struct um_encrypted *encrypted)
{
    um_symbols_done(&encrypted->servers);
}
