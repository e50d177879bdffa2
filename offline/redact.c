/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Field by field: what each one can hold decides what becomes of it. */
#include "offline/redact.h"

#include <stdio.h>
#include <stdlib.h>

#include "offline/scrub.h"

struct um_redact {
    struct um_pseudonyms *pseudonyms;
    struct um_scrub scrub;
    struct um_symbols items; /* hashes of items: their numbers take their place */
    struct um_arena arena;
    struct um_encrypted encrypted;
    struct um_alerts alerts;
    struct um_span codings[16]; /* of the line that is written */
    char digest[UM_PSEUDONYM_DIGEST_MAX];
};

int
um_redact_new(struct um_redact **out)
{
    struct um_redact *redact = calloc(1, sizeof *redact);
    if (!redact)
        return UM_ERR_NOMEM;
    int err = um_pseudonyms_new(&redact->pseudonyms);
    if (err) {
        free(redact);
        return err;
    }
    redact->scrub.pseudonyms = redact->pseudonyms;
    *out = redact;
    return UM_OK;
}

void
um_redact_free(struct um_redact *redact)
{
    if (!redact)
        return;
    um_scrub_done(&redact->scrub);
    um_pseudonyms_free(redact->pseudonyms);
    um_symbols_done(&redact->items);
    um_encrypted_done(&redact->encrypted);
    um_alerts_done(&redact->alerts);
    um_arena_done(&redact->arena);
    free(redact);
}

typedef int scrub_fn(struct um_scrub *scrub, struct um_span text, struct um_span *out);

/* Nothing stays nothing. */
static int
replace(struct um_redact *redact, struct um_span *text, scrub_fn *scrub)
{
    return text->len > 0 ? scrub(&redact->scrub, *text, text) : UM_OK;
}

/* ---- exchanges ---- */

static int
redact_id(struct um_redact *redact, struct um_exchange_record *record)
{
    struct um_call_id id;
    if (record->id.key.len == 0)
        return UM_OK;
    int err = um_scrub_call_id(&redact->scrub, record->id.key, &record->call_id);
    if (!err)
        err = um_call_id_parse(record->call_id, &redact->arena, &id);
    if (err)
        return err;
    id.plain = um_span_of(NULL, 0);
    record->id = id;
    return UM_OK;
}

/* The action that the service's clients send stays: a finding compares it with the body. */
static int
redact_action(struct um_redact *redact, struct um_span *action)
{
    static const char namespace[] = "://schemas.microsoft.com/exchange/services/2006/messages/";
    struct um_span space = um_span_text(namespace);
    size_t at = um_span_search(*action, space);
    if (at == action->len)
        return replace(redact, action, um_scrub_target);
    struct um_span name = um_span_from(*action, at + space.len), shown;
    bool is_quoted = name.len > 0 && name.data[name.len - 1] == '"';
    if (is_quoted)
        name.len--;
    int err = name.len > 0 ? um_scrub_name(&redact->scrub, name, &shown) : UM_OK;
    if (err || name.len == 0 || um_span_equal(shown, name))
        return err;
    char *text = um_arena_printf(&redact->arena, "%shttp%s%.*s%s", is_quoted ? "\"" : "", namespace,
                                 (int)shown.len, (const char *)shown.data, is_quoted ? "\"" : "");
    *action = um_span_text(text);
    return text ? UM_OK : UM_ERR_NOMEM;
}

static int
redact_item(struct um_redact *redact, struct um_exchange_record *record)
{
    size_t number = 0;
    if (record->item == 0)
        return UM_OK;
    int err = um_symbols_add(&redact->items, um_span_of(&record->item, sizeof record->item),
                             &number, NULL);
    record->item = number + 1;
    return err;
}

static int
redact_texts(struct um_redact *redact, struct um_exchange_record *record)
{
    struct {
        struct um_span *text;
        scrub_fn *scrub;
    } const texts[] = {
        {&record->dial_string, um_scrub_number}, {&record->target, um_scrub_target},
        {&record->fault_code, um_scrub_name},    {&record->fault_exception, um_scrub_name},
        {&record->fault_text, um_scrub_text},    {&record->state, um_scrub_text},
        {&record->cause, um_scrub_text},         {&record->sip_code, um_scrub_text},
        {&record->sip_text, um_scrub_text},      {&record->tls.server_name, um_scrub_host},
        {&record->http_version, um_scrub_text},
    };
    int err = UM_OK;
    for (size_t i = 0; i < sizeof texts / sizeof *texts && !err; i++)
        err = replace(redact, texts[i].text, texts[i].scrub);
    return err;
}

int
um_redact_record(struct um_redact *redact, struct um_exchange_record *record)
{
    int err = um_pseudonym_address(redact->pseudonyms, &record->client);
    if (!err)
        err = um_pseudonym_address(redact->pseudonyms, &record->server);
    if (!err)
        err = redact_id(redact, record);
    if (!err)
        err = redact_texts(redact, record);
    if (!err)
        err = redact_action(redact, &record->soap_action);
    return err ? err : redact_item(redact, record);
}

int
um_redact_calls(struct um_redact *redact, const struct um_calls *calls, struct um_calls **out)
{
    struct um_calls *redacted;
    size_t count = um_calls_exchange_count(calls);
    int err = um_calls_new_like(calls, &redacted);
    if (err)
        return err;
    for (size_t i = 0; i < count && !err; i++) { /* learns what is private */
        struct um_exchange_record record = *um_calls_exchange(calls, i);
        err = um_redact_record(redact, &record);
    }
    for (size_t i = 0; i < count && !err; i++) {
        struct um_exchange_record record = *um_calls_exchange(calls, i);
        err = um_redact_record(redact, &record);
        if (!err)
            err = um_calls_add_record(redacted, &record);
    }
    if (!err)
        err = um_calls_finish(redacted);
    if (err)
        um_calls_free(redacted);
    else
        *out = redacted;
    return err;
}

/* ---- totals ---- */

/* A path names people and machines; what kind of file it is may stay. Standard input is no name. */
static int
redact_path(struct um_redact *redact, const char *path, const char **out)
{
    struct um_span word;
    if (strcmp(path, "-") == 0) {
        *out = path;
        return UM_OK;
    }
    int err = um_pseudonym_word(redact->pseudonyms, "capture", um_span_text(path), &word);
    if (!err)
        *out = (const char *)word.data; /* a symbol is followed by a NUL */
    return err;
}

static int
redact_files(struct um_redact *redact, struct um_totals *totals)
{
    const char **files = um_arena_array(&redact->arena, totals->file_count, sizeof *files);
    struct um_capture_problem *problems =
        um_arena_array(&redact->arena, totals->problem_count, sizeof *problems);
    int err = files && problems ? UM_OK : UM_ERR_NOMEM;
    for (size_t i = 0; i < totals->file_count && !err; i++)
        err = redact_path(redact, totals->files[i], &files[i]);
    for (size_t i = 0; i < totals->problem_count && !err; i++) {
        problems[i] = totals->problems[i];
        err = redact_path(redact, problems[i].path, &problems[i].path);
    }
    totals->files = files;
    totals->problems = problems;
    return err;
}

/* "name (address)", or the address alone. */
static int
redact_server(struct um_redact *redact, struct um_span name, struct um_span *out)
{
    size_t bracket = um_span_search(name, um_span_text(" ("));
    struct um_span host = um_span_first(name, bracket), shown;
    struct um_span address = um_span_from(name, bracket + 2);
    if (bracket == name.len)
        return replace(redact, out, um_scrub_host);
    if (address.len > 0)
        address.len--;
    int err = um_scrub_host(&redact->scrub, host, &host);
    if (!err)
        err = um_scrub_host(&redact->scrub, address, &shown);
    if (err)
        return err;
    char *text = um_arena_printf(&redact->arena, "%.*s (%.*s)", (int)host.len,
                                 (const char *)host.data, (int)shown.len, (const char *)shown.data);
    *out = um_span_text(text);
    return text ? UM_OK : UM_ERR_NOMEM;
}

static int
redact_servers(struct um_redact *redact, struct um_totals *totals)
{
    struct um_encrypted_named *list;
    size_t count;
    int err = um_encrypted_list(totals->encrypted, &list, &count);
    if (err)
        return err;
    for (size_t i = 0; i < count && !err; i++) {
        struct um_span name = list[i].name;
        if (name.len > 0)
            err = redact_server(redact, list[i].name, &name);
        if (!err)
            err = um_encrypted_add_server(&redact->encrypted, name, list[i].server);
    }
    free(list);
    totals->encrypted = &redact->encrypted;
    return err;
}

/* "The TLS handshake with SERVER failed: the client sent ...": a server's name can hold anything,
 * so its end is looked for from the right. */
static int
redact_alert(struct um_redact *redact, struct um_span sentence, struct um_span *out)
{
    static const char *const ends[] = {" failed: the ", " was broken off: the "};
    size_t begin = um_span_search(sentence, um_span_text("with ")) + strlen("with ");
    size_t end = sentence.len;
    for (size_t i = 0; i < 2; i++) {
        size_t len = strlen(ends[i]);
        for (size_t at = sentence.len; at-- > begin && end == sentence.len;) {
            if (um_span_starts(um_span_from(sentence, at), um_span_of(ends[i], len)))
                end = at;
        }
    }
    struct um_span server = um_span_of(sentence.data + begin, end > begin ? end - begin : 0);
    struct um_span tail = um_span_from(sentence, end);
    int err = server.len > 0 ? redact_server(redact, server, &server) : UM_OK;
    if (err)
        return err;
    char *text = um_arena_printf(&redact->arena, "%.*s%.*s%.*s", (int)begin,
                                 (const char *)sentence.data, (int)server.len,
                                 (const char *)server.data, (int)tail.len, (const char *)tail.data);
    *out = um_span_text(text);
    return text ? UM_OK : UM_ERR_NOMEM;
}

static int
redact_alerts(struct um_redact *redact, struct um_totals *totals)
{
    const struct um_alerts *alerts = totals->alerts;
    int err = UM_OK;
    for (size_t i = 0; i < alerts->sentences.count && !err; i++) {
        struct um_span text = um_symbols_at(&alerts->sentences, i);
        err = redact_alert(redact, text, &text);
        if (!err)
            err = um_alerts_add_kind(&redact->alerts, text, &alerts->kinds[i]);
    }
    redact->alerts.others = alerts->others;
    totals->alerts = &redact->alerts;
    return err;
}

int
um_redact_totals(struct um_redact *redact, struct um_totals *totals)
{
    int err = redact_files(redact, totals);
    if (!err)
        err = redact_servers(redact, totals);
    return err ? err : redact_alerts(redact, totals);
}

/* ---- lines ---- */

static int
redact_ends(struct um_redact *redact, struct um_endpoint *source, struct um_endpoint *destination)
{
    int err = um_pseudonym_address(redact->pseudonyms, source);
    return err ? err : um_pseudonym_address(redact->pseudonyms, destination);
}

/* A plain digest lets anybody try what a body was. */
static int
redact_digest(struct um_redact *redact, const char **digest)
{
    if (!*digest)
        return UM_OK;
    int err = um_pseudonym_digest(redact->pseudonyms, um_span_text(*digest), redact->digest);
    *digest = redact->digest;
    return err;
}

static int
redact_codings(struct um_redact *redact, struct um_report_http *line)
{
    static const char *const known[] = {"gzip", "x-gzip", "deflate", "br", "zstd", "identity"};
    size_t most = sizeof redact->codings / sizeof *redact->codings;
    int err = UM_OK;
    for (size_t i = 0; i < line->coding_count && i < most && !err; i++) {
        bool is_known = false;
        for (size_t k = 0; k < sizeof known / sizeof *known; k++)
            is_known |= um_span_equal_nocase(line->codings[i], um_span_text(known[k]));
        redact->codings[i] = line->codings[i];
        if (!is_known)
            err = replace(redact, &redact->codings[i], um_scrub_text);
    }
    line->codings = redact->codings;
    line->coding_count = line->coding_count < most ? line->coding_count : most;
    return err;
}

/* Words that clients make up. */
static int
redact_tokens(struct um_redact *redact, struct um_report_http *line)
{
    bool is_plain_version = um_span_starts(line->version, um_span_text("HTTP/")) &&
                            line->version.len <= strlen("HTTP/1.1");
    int err = UM_OK;
    for (size_t i = 0; i < line->method.len && !err; i++) {
        if (line->method.data[i] < 'A' || line->method.data[i] > 'Z' || line->method.len > 16)
            return um_scrub_call_id(&redact->scrub, line->method, &line->method);
    }
    return is_plain_version ? UM_OK : replace(redact, &line->version, um_scrub_text);
}

int
um_redact_http(struct um_redact *redact, struct um_report_http *line)
{
    int err = redact_ends(redact, &line->source, &line->destination);
    if (!err)
        err = replace(redact, &line->tls.server_name, um_scrub_host);
    if (!err)
        err = replace(redact, &line->target, um_scrub_target);
    if (!err)
        err = redact_tokens(redact, line);
    if (!err)
        err = redact_codings(redact, line);
    return err ? err : redact_digest(redact, &line->body_sha256);
}

int
um_redact_stream(struct um_redact *redact, struct um_report_stream *line)
{
    int err = redact_ends(redact, &line->source, &line->destination);
    return err ? err : redact_digest(redact, &line->sha256);
}
