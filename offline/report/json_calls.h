/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A call as a line of JSON, the same as in the view calls. */
#ifndef UM_REPORT_JSON_CALLS_H
#define UM_REPORT_JSON_CALLS_H

#include "offline/report/out.h"
#include "offline/report/report.h"

/* 0 or UM_ERR_NOMEM. */
int um_json_calls_line(const struct um_report *report, const struct um_call *call,
                       struct um_out *out);

#endif
