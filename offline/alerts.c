/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A kind is known by the sentence that is said of it. */
#include "offline/alerts.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "core/base/room.h"
#include "offline/server_text.h"

static void
count(struct um_alerts_kind *kind, const struct um_alerts_kind *more)
{
    kind->connections += more->connections;
    for (size_t i = 0; i < more->frames.count; i++)
        um_finding_frames_add(&kind->frames, more->frames.at[i]);
}

/* Makes room for the kind of the next number, with nothing counted. */
static int
reserve(struct um_alerts *alerts, size_t number)
{
    struct um_alerts_kind *kinds =
        um_room_for_one(alerts->kinds, &alerts->kind_cap, number, sizeof *kinds);
    if (!kinds)
        return UM_ERR_NOMEM;
    alerts->kinds = kinds;
    kinds[number] = (struct um_alerts_kind){0};
    return UM_OK;
}

int
um_alerts_add_kind(struct um_alerts *alerts, struct um_span sentence,
                   const struct um_alerts_kind *counted)
{
    size_t number = alerts->sentences.count;
    if (sentence.len == 0 ||
        (number >= UM_ALERTS_KINDS_MAX && !um_symbols_has(&alerts->sentences, sentence))) {
        count(&alerts->others, counted);
        return UM_OK;
    }
    int err = reserve(alerts, number);
    if (!err)
        err = um_symbols_add(&alerts->sentences, sentence, &number, NULL);
    if (!err)
        count(&alerts->kinds[number], counted);
    return err;
}

int
um_alerts_add(struct um_alerts *alerts, struct um_span name, const struct um_endpoint *server,
              const struct um_tls_alert *alert, bool by_server)
{
    char server_text[UM_SERVER_TEXT_MAX], sentence[2 * UM_SERVER_TEXT_MAX];
    um_server_text(name, server, server_text);
    (void)snprintf(sentence, sizeof sentence, "%s %s %s: the %s sent the alert %s (%u)",
                   alert->in_handshake ? "The TLS handshake with" : "TLS with", server_text,
                   alert->in_handshake ? "failed" : "was broken off",
                   by_server ? "server" : "client", um_tls_alert_text(alert->description),
                   alert->description);
    struct um_alerts_kind one = {.connections = 1};
    um_finding_frames_add(&one.frames, alert->frame);
    return um_alerts_add_kind(alerts, um_span_text(sentence), &one);
}

static int
find_one(const struct um_alerts_kind *kind, const char *sentence, struct um_findings *findings)
{
    const char *text = kind->connections == 1
                           ? um_arena_printf(findings->arena, "%s.", sentence)
                           : um_arena_printf(findings->arena, "%s, on %" PRIu64 " connections.",
                                             sentence, kind->connections);
    return um_findings_add(findings, UM_FINDING_TLS_ALERT, SIZE_MAX, kind->frames.at,
                           kind->frames.count, text);
}

int
um_alerts_find(const struct um_alerts *alerts, struct um_findings *findings)
{
    int err = UM_OK;
    for (size_t i = 0; i < alerts->sentences.count && !err; i++)
        err = find_one(&alerts->kinds[i], (const char *)um_symbols_at(&alerts->sentences, i).data,
                       findings);
    if (!err && alerts->others.connections > 0)
        err = find_one(&alerts->others, "Other alerts ended TLS with other servers", findings);
    return err;
}

void
um_alerts_done(struct um_alerts *alerts)
{
    um_symbols_done(&alerts->sentences);
    free(alerts->kinds);
    *alerts = (struct um_alerts){0};
}
