/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Alerts: why a peer ended a connection. Source: RFC 8446 section 6, RFC 5246 section 7.2. */
#ifndef UM_TLS_ALERT_H
#define UM_TLS_ALERT_H

#include "offline/tls/side.h"

/*
 * True for an alert record that cannot be protected: its body has the two bytes of an alert, and
 * its direction has no keys yet, or in TLS 1.3 none that anything was opened with. Any other says
 * what it is only once it is opened.
 */
bool um_alert_is_clear(const struct um_tls_side *side, const struct um_tls_record *record);

/* The clear content of an alert record: the first fatal one is kept in the connection's info. */
void um_alert_take(struct um_tls_side *side, const struct um_tls_arrival *arrival,
                   struct um_span bytes);

#endif
