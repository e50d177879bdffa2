/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Counts by "name (address)"; each server gets a sentence, the many past a number only one. */
#include "offline/encrypted.h"

#include <inttypes.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "core/base/room.h"
#include "offline/server_text.h"
#include "offline/tls/record.h"
#include "offline/tls/suites.h"

enum { NAMED_MAX = 64 };

#define OTHERS SIZE_MAX /* instead of a server's number */

/* A connection whose secrets may still come. */
struct um_encrypted_awaited {
    size_t server; /* its number */
    uint8_t client_random[UM_SECRET_ID_MAX];
};

static void
count(struct um_encrypted_server *server, const struct um_encrypted_server *more)
{
    if (server->connections == 0 || more->first_frame < server->first_frame)
        server->first_frame = more->first_frame;
    server->connections += more->connections;
    server->bytes += more->bytes;
    server->had_secrets |= more->had_secrets;
    server->partly_read += more->partly_read;
    server->without_beginning += more->without_beginning;
    server->tried_in_part += more->tried_in_part;
    server->secrets_known += more->secrets_known;
    server->lack_exchange += more->lack_exchange;
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

/* The number of a server, made room for; OTHERS: it is one of the many. */
static int
number_of(struct um_encrypted *encrypted, struct um_span name, size_t *number)
{
    size_t next = encrypted->names.count;
    *number = OTHERS;
    if (name.len == 0 ||
        (next >= UM_ENCRYPTED_SERVERS_MAX && !um_symbols_has(&encrypted->names, name)))
        return UM_OK;
    int err = reserve(encrypted, next);
    return err ? err : um_symbols_add(&encrypted->names, name, number, NULL);
}

static struct um_encrypted_server *
server_at(struct um_encrypted *encrypted, size_t number)
{
    return number == OTHERS ? &encrypted->others : &encrypted->servers[number];
}

int
um_encrypted_add_server(struct um_encrypted *encrypted, struct um_span name,
                        const struct um_encrypted_server *counted)
{
    size_t number;
    int err = number_of(encrypted, name, &number);
    if (!err)
        count(server_at(encrypted, number), counted);
    return err;
}

/* Without a client random there is nothing that secrets would be known by. */
static int
await(struct um_encrypted *encrypted, size_t server, struct um_span client_random)
{
    size_t number = encrypted->awaited_count;
    if (client_random.len != UM_SECRET_ID_MAX || number >= UM_ENCRYPTED_AWAITED_MAX)
        return UM_OK;
    struct um_encrypted_awaited *awaited =
        um_room_for_one(encrypted->awaited, &encrypted->awaited_cap, number, sizeof *awaited);
    if (!awaited)
        return UM_ERR_NOMEM;
    encrypted->awaited = awaited;
    awaited[number].server = server;
    memcpy(awaited[number].client_random, client_random.data, client_random.len);
    encrypted->awaited_count++;
    return UM_OK;
}

int
um_encrypted_add(struct um_encrypted *encrypted, const struct um_encrypted_connection *connection)
{
    char text[UM_SERVER_TEXT_MAX];
    size_t number;
    um_server_text(connection->name, connection->server, text);
    int err = number_of(encrypted, um_span_text(text), &number);
    if (err)
        return err;
    count(server_at(encrypted, number),
          &(struct um_encrypted_server){.connections = 1,
                                        .bytes = connection->bytes,
                                        .first_frame = connection->frame,
                                        .version = connection->version,
                                        .suite = connection->suite,
                                        .had_secrets = connection->has_secrets,
                                        .partly_read = connection->is_partly_read,
                                        .without_beginning = connection->has_no_beginning,
                                        .tried_in_part = connection->is_tried_in_part,
                                        .lack_exchange = connection->lacks_exchange});
    return await(encrypted, number, connection->client_random);
}

void
um_encrypted_settle(struct um_encrypted *encrypted, const struct um_secrets *secrets)
{
    for (size_t i = 0; i < encrypted->awaited_count; i++) {
        const struct um_encrypted_awaited *one = &encrypted->awaited[i];
        struct um_span random = um_span_of(one->client_random, sizeof one->client_random);
        if (um_secrets_know_client(secrets, random))
            server_at(encrypted, one->server)->secrets_known++;
    }
    encrypted->awaited_count = 0;
}

/* "TLS 1.2, TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", as far as it is known. */
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

/* What was missing, and what would have to be at hand. */
static const char *
need(const struct um_encrypted_server *server, bool were_given)
{
    const struct um_tls_suite *suite = um_tls_suite_find(server->suite);
    if (suite && suite->is_rsa)
        return were_given ? "none of the secrets given opens them; a key log of the same time or "
                            "this server's RSA private key, with the whole of their handshakes, is "
                            "needed"
                          : "no secrets were at hand; a key log or the server's RSA private key is "
                            "needed";
    if (suite)
        return were_given ? "none of the secrets given is of these connections; a key log of the "
                            "same time is needed, the server's private key does not help"
                          : "no secrets were at hand; a key log is needed, the server's private "
                            "key does not help";
    if (server->version != 0)
        return "this cipher suite cannot be read with any secret";
    return were_given ? "none of the secrets given opens them; the ServerHello, which says what "
                        "would, was not captured"
                      : "no secrets were at hand";
}

static bool
are_partly_read(const struct um_encrypted_server *server)
{
    return server->partly_read == server->connections;
}

static const char *
why_not_joined(const struct um_encrypted_server *server, bool were_given)
{
    if (server->version != 0 && server->version < UM_TLS_VERSION_13)
        return "their ClientHello was not captured, and up to TLS 1.2 no secret opens anything "
               "without it: start the capture, then the client";
    if (!were_given)
        return "their beginning was not captured, and without it only TLS 1.3 can be read, with "
               "its secrets: start the capture, then the client";
    return are_partly_read(server)
               ? "their beginning was not captured, and none of the secrets given was found to "
                 "open the rest: start the capture, then the client"
               : "their beginning was not captured, and none of the secrets given was found to "
                 "open them, which can be with TLS 1.3 alone: start the capture, then the client";
}

/* Secrets of these very connections, or of some of them. NULL: out of memory. */
static const char *
why_of_no_use(const struct um_encrypted_server *server, struct um_arena *arena)
{
    const char *whose =
        server->secrets_known == server->connections
            ? "their secrets"
            : um_arena_printf(arena, "the secrets of %" PRIu64 " of them", server->secrets_known);
    if (!whose)
        return NULL;
    return um_arena_printf(
        arena,
        server->version == 0
            ? "%s are at hand, but the ServerHello, which says what to do with them, was not "
              "captured"
            : "%s came too late, in the capture but behind the packets that they open: give them "
              "with --keylog, or write them in front of the packets (editcap --extract-secrets, "
              "editcap --inject-secrets)",
        whose);
}

/* NULL: out of memory. */
static const char *
reason(const struct um_encrypted_server *server, bool were_given, struct um_arena *arena)
{
    if (server->without_beginning == server->connections)
        return why_not_joined(server, were_given);
    if (are_partly_read(server))
        return "secrets were at hand for a part of them only, as with a key log that was cut short";
    if (server->had_secrets)
        return "the secrets given do not fit";
    bool may_be_read = server->version == 0 || um_tls_suite_find(server->suite);
    if (server->secrets_known > 0 && may_be_read)
        return why_of_no_use(server, arena);
    if (server->lack_exchange == server->connections)
        return "the key exchange that a private key opens, theirs or that of the session which "
               "they resume, was not captured whole; a key log of the same time is needed";
    return need(server, were_given);
}

static int
find_one(const struct um_encrypted_server *server, const char *name, bool were_given,
         struct um_findings *findings)
{
    const char *description = describe(server, findings->arena);
    const char *why = reason(server, were_given, findings->arena);
    const char *more = server->tried_in_part > 0 ? ", or give the secrets of their time alone: "
                                                   "these are more than could be tried"
                                                 : "";
    if (!description || !why)
        return UM_ERR_NOMEM;
    return um_findings_add(
        findings, UM_FINDING_ENCRYPTED, SIZE_MAX, &server->first_frame, 1,
        um_arena_printf(
            findings->arena, "%" PRIu64 " TLS %s to %s could %s (%" PRIu64 " bytes; %s): %s%s.",
            server->connections, server->connections == 1 ? "connection" : "connections", name,
            are_partly_read(server) ? "be read only in part" : "not be read", server->bytes,
            description, why, more));
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
    for (size_t i = 0; i < encrypted->names.count; i++)
        list[i] = (struct um_encrypted_named){.name = um_symbols_at(&encrypted->names, i),
                                              .server = &encrypted->servers[i]};
    *count = encrypted->names.count;
    if (encrypted->others.connections > 0)
        list[(*count)++] = (struct um_encrypted_named){.server = &encrypted->others};
    qsort(list, encrypted->names.count, sizeof *list, by_first_frame);
    *out = list;
    return UM_OK;
}

int
um_encrypted_find(const struct um_encrypted *encrypted, bool were_given,
                  struct um_findings *findings)
{
    struct um_encrypted_named *list;
    struct um_encrypted_server rest = {0};
    size_t total;
    int err = um_encrypted_list(encrypted, &list, &total);
    if (err)
        return err;
    for (size_t i = 0; i < total && !err; i++) {
        if (i < NAMED_MAX && list[i].name.len > 0)
            err = find_one(list[i].server, (const char *)list[i].name.data, were_given, findings);
        else
            count(&rest, list[i].server);
    }
    free(list);
    if (!err && rest.connections > 0)
        err = find_one(&rest, "other servers", were_given, findings);
    return err;
}

void
um_encrypted_done(struct um_encrypted *encrypted)
{
    um_symbols_done(&encrypted->names);
    free(encrypted->servers);
    free(encrypted->awaited);
    *encrypted = (struct um_encrypted){0};
}
