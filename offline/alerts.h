/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The TLS connections that an alert ended, counted by server, alert and who sent it. */
#ifndef UM_OFFLINE_ALERTS_H
#define UM_OFFLINE_ALERTS_H

#include "core/base/endpoint.h"
#include "core/base/symbols.h"
#include "core/um/finding.h"
#include "offline/tls/tls.h"

enum { UM_ALERTS_KINDS_MAX = 64 }; /* told apart; the rest is one number */

/* Connections that ended alike. */
struct um_alerts_kind {
    uint64_t connections;
    struct um_finding_frames frames; /* of the alerts */
};

/* A zeroed one is empty. */
struct um_alerts {
    struct um_symbols sentences;  /* what is said of a kind */
    struct um_alerts_kind *kinds; /* by number of the sentence */
    size_t kind_cap;
    struct um_alerts_kind others; /* past UM_ALERTS_KINDS_MAX */
};

/*
 * Counts a connection with an alert; `name` is what the client asked for, empty when unknown,
 * `by_server` tells who sent the alert. 0 or UM_ERR_NOMEM.
 */
int um_alerts_add(struct um_alerts *alerts, struct um_span name, const struct um_endpoint *server,
                  const struct um_tls_alert *alert, bool by_server);

/* Adds what was counted of one kind elsewhere; without a sentence it is among the others. */
int um_alerts_add_kind(struct um_alerts *alerts, struct um_span sentence,
                       const struct um_alerts_kind *counted);

/* Adds a finding `tls-alert` for each kind. 0 or UM_ERR_NOMEM. */
int um_alerts_find(const struct um_alerts *alerts, struct um_findings *findings);

void um_alerts_done(struct um_alerts *alerts);

#endif
