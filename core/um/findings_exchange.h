/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings about one exchange, whether or not it belongs to a call. */
#ifndef UM_UM_FINDINGS_EXCHANGE_H
#define UM_UM_FINDINGS_EXCHANGE_H

#include "core/um/call.h"

/*
 * What is to be said of the refusal (fault, service error) of this exchange: the general finding,
 * or a more exact one that the call's history gives; UM_FINDING_COUNT: there is none.
 */
enum um_finding_name um_findings_exchange_refusal(const struct um_exchange_record *record);

/*
 * Adds what is to be found in `record` by itself; `refusal` is the finding for its fault or service
 * error, as um_findings_exchange_refusal or the call's history gives it. 0 or UM_ERR_NOMEM.
 */
int um_findings_exchange_make(const struct um_exchange_record *record,
                              const struct um_thresholds *thresholds, enum um_finding_name refusal,
                              struct um_findings *out);

/*
 * The same of a hop that repeats an exchange whose reply came: what its own client saw instead, a
 * connection that ended or an HTTP error. 0 or UM_ERR_NOMEM.
 */
int um_findings_exchange_make_hop(const struct um_exchange_record *record, struct um_findings *out);

#endif
