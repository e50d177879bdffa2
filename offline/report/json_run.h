/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a run tells of itself, so that --from-messages can join it with others. */
#ifndef UM_REPORT_JSON_RUN_H
#define UM_REPORT_JSON_RUN_H

#include "offline/report/json.h"
#include "offline/report/report.h"

/* The line `capture`; `exchanges` lines follow. */
void um_json_run_write(struct um_json *json, const struct um_report *report, uint64_t exchanges);

/* The lines `packets`. */
void um_json_run_packets(struct um_json *json, const struct um_report_run *run);

#endif
