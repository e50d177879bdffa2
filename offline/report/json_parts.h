/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What several views have in common. `type` is the line's own in NDJSON, NULL in JSON. */
#ifndef UM_REPORT_JSON_PARTS_H
#define UM_REPORT_JSON_PARTS_H

#include "offline/report/json.h"
#include "offline/report/report.h"

/* Opens an object on one line, with its `type` when it has one. */
void um_json_parts_open(struct um_json *json, const char *key, const char *type);

/* Its keys only, into the object that is open. */
void um_json_parts_capture_keys(struct um_json *json, const struct um_report *report);

void um_json_parts_capture(struct um_json *json, const char *key, const char *type,
                           const struct um_report *report);
void um_json_parts_summary(struct um_json *json, const char *key, const char *type,
                           const struct um_report *report);
void um_json_parts_finding(struct um_json *json, const char *type,
                           const struct um_finding *finding);

/* An array of the findings about one call or exchange. */
void um_json_parts_findings(struct um_json *json, const char *key,
                            const struct um_findings *findings);

/* The findings about no call, each a value of the container that is open. */
void um_json_parts_rest(struct um_json *json, const char *type, const struct um_report *report);

/* An empty text is unknown: null. */
void um_json_parts_known(struct um_json *json, const char *key, struct um_span text);

/* Version, suite, server name and whether it was verified, or null for what came in the clear. */
void um_json_parts_tls(struct um_json *json, const char *key, const struct um_exchange_tls *tls);

#endif
