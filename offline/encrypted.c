/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts by "name (address)"; each server gets a sentence, the many past a number only one. */
#include "offline/encrypted.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "core/base/room.h"
#include "offline/tls/record.h"
#include "offline/tls/suites.h"

enum { NAMED_MAX = 64, NAME_MAX_BYTES = 255 };

static void
count(struct um_encrypted_server *server, const struct um_encrypted_server *more)
{
    if (server->connections == 0 || more->first_frame < server->first_frame)
        server->first_frame = more->first_frame;
    server->connections += more->connections;
    server->bytes += more->bytes;
    server->had_secrets |= more->had_secrets;
    if (server->version == 0) {
        server->version = more->version;
        server->suite = more->suite;
    }
}

/* Makes room for the server of the next number, with nothing counted. */
static int
reserve(struct um_encrypted *encrypted, size_t number)
{
    struct um_encrypted_server *servers =
        um_room_for_one(encrypted->servers, &encrypted->server_cap, number, sizeof *servers);
    if (!servers)
        return UM_ERR_NOMEM;
    encrypted->servers = servers;
    servers[number] = (struct um_encrypted_server){0};
    return UM_OK;
}

int
um_encrypted_add_server(struct um_encrypted *encrypted, struct um_span name,
                        const struct um_encrypted_server *counted)
{
    size_t number = encrypted->names.count;
    if (name.len == 0 ||
        (number >= UM_ENCRYPTED_SERVERS_MAX && !um_symbols_has(&encrypted->names, name))) {
        count(&encrypted->others, counted);
        return UM_OK;
    }
    int err = reserve(encrypted, number);
    if (!err)
        err = um_symbols_add(&encrypted->names, name, &number, NULL);
    if (!err)
        count(&encrypted->servers[number], counted);
    return err;
}

int
um_encrypted_add(struct um_encrypted *encrypted, const struct um_encrypted_connection *connection)
{
    char address[UM_ENDPOINT_TEXT_MAX];
    char text[384];
    struct um_span shown = um_span_first(connection->name, NAME_MAX_BYTES);
    (void)um_endpoint_text(connection->server, address);
    if (shown.len > 0)
        (void)snprintf(text, sizeof text, "%.*s (%s)", (int)shown.len, (const char *)shown.data,
                       address);
    else
        (void)snprintf(text, sizeof text, "%s", address);
    const struct um_encrypted_server one = {.connections = 1,
                                            .bytes = connection->bytes,
                                            .first_frame = connection->frame,
                                            .version = connection->version,
                                            .suite = connection->suite,
                                            .had_secrets = connection->has_secrets};
    return um_encrypted_add_server(encrypted, um_span_text(text), &one);
}

/* "TLS 1.2, ECDHE_RSA_WITH_AES_128_GCM_SHA256", as far as it is known. */
static const char *
describe(const struct um_encrypted_server *server, struct um_arena *arena)
{
    const struct um_tls_suite *suite = um_tls_suite_find(server->suite);
    const char *version = um_tls_version_text(server->version);
    if (server->version == 0)
        return "no ServerHello captured";
    if (suite)
        return um_arena_printf(arena, "%s, %s", version, suite->name);
    return um_arena_printf(arena, "%s, suite 0x%04x", version, server->suite);
}

static int
find_one(const struct um_encrypted_server *server, const char *name, struct um_findings *findings)
{
    const char *description = describe(server, findings->arena);
    if (!description)
        return UM_ERR_NOMEM;
    return um_findings_add(
        findings, UM_FINDING_ENCRYPTED, SIZE_MAX, &server->first_frame, 1,
        um_arena_printf(
            findings->arena,
            "%" PRIu64 " TLS %s to %s could not be read (%" PRIu64 " bytes; %s): %s.",
            server->connections, server->connections == 1 ? "connection" : "connections", name,
            server->bytes, description,
            server->had_secrets ? "the secrets given do not fit" : "no secrets were at hand"));
}

static int
by_first_frame(const void *left, const void *right)
{
    const struct um_encrypted_named *a = left, *b = right;
    return (a->server->first_frame > b->server->first_frame) -
           (a->server->first_frame < b->server->first_frame);
}

int
um_encrypted_list(const struct um_encrypted *encrypted, struct um_encrypted_named **out,
                  size_t *count)
{
    struct um_encrypted_named *list = calloc(encrypted->names.count + 1, sizeof *list);
    if (!list)
        return UM_ERR_NOMEM;
    for (size_t i = 0; i < encrypted->names.slot_count; i++) {
        const struct um_symbol *slot = &encrypted->names.slots[i];
        if (slot->used)
            list[slot->number] = (struct um_encrypted_named){
                .name = slot->text, .server = &encrypted->servers[slot->number]};
    }
    *count = encrypted->names.count;
    if (encrypted->others.connections > 0)
        list[(*count)++] = (struct um_encrypted_named){.server = &encrypted->others};
    qsort(list, encrypted->names.count, sizeof *list, by_first_frame);
    *out = list;
    return UM_OK;
}

int
um_encrypted_find(const struct um_encrypted *encrypted, struct um_findings *findings)
{
    struct um_encrypted_named *list;
    struct um_encrypted_server rest = {0};
    size_t total;
    int err = um_encrypted_list(encrypted, &list, &total);
    if (err)
        return err;
    for (size_t i = 0; i < total && !err; i++) {
        if (i < NAMED_MAX && list[i].name.len > 0)
            err = find_one(list[i].server, (const char *)list[i].name.data, findings);
        else
            count(&rest, list[i].server);
    }
    free(list);
    if (!err && rest.connections > 0)
        err = find_one(&rest, "other servers", findings);
    return err;
}

void
um_encrypted_done(struct um_encrypted *encrypted)
{
    um_symbols_done(&encrypted->names);
    free(encrypted->servers);
    *encrypted = (struct um_encrypted){0};
}
