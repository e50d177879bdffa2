/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * --redact: everything private in what reports are made of becomes pseudonyms before any of them is
 * written, so that no view and no format can tell it. Sentences of findings are made anew from the
 * redacted values.
 */
#ifndef UM_OFFLINE_REDACT_H
#define UM_OFFLINE_REDACT_H

#include "core/um/call.h"
#include "offline/report/report.h"
#include "offline/totals.h"

struct um_redact;

/* A new key. 0, UM_ERR_NOMEM, or UM_ERR_IO with errno set. */
int um_redact_new(struct um_redact **out);
void um_redact_free(struct um_redact *redact);

/* Redacts what is private in a record; new texts live as long as `redact`. 0 or UM_ERR_NOMEM. */
int um_redact_record(struct um_redact *redact, struct um_exchange_record *record);

/*
 * A store of the redacted exchanges of `calls`, which is finished; so is the new one. Its calls and
 * exchanges have the same places. It needs `redact` and `calls` as long as it lives. 0 or
 * UM_ERR_NOMEM.
 */
int um_redact_calls(struct um_redact *redact, const struct um_calls *calls, struct um_calls **out);

/* Names of files and servers; what `totals` then points to lives as long as `redact`. */
int um_redact_totals(struct um_redact *redact, struct um_totals *totals);

/* Lines of the views http and streams; valid until the next line. */
int um_redact_http(struct um_redact *redact, struct um_report_http *line);
int um_redact_stream(struct um_redact *redact, struct um_report_stream *line);

#endif
