/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Lines that are written while a capture goes on: each change of a call's state, and each call that
 * is over and leaves the store. As text, or (any other format) as a JSON object a line.
 */
#ifndef UM_REPORT_NEWS_H
#define UM_REPORT_NEWS_H

#include "core/um/follow.h"
#include "offline/report/report.h"

/* A change of state; the line has left for the system on return. 0, UM_ERR_NOMEM or UM_ERR_IO. */
int um_report_news(const struct um_news *news, enum um_format format, const struct um_style *style,
                   FILE *out);

/* A call of report->calls that has been judged, though the store is not finished. The same. */
int um_report_released(const struct um_report *report, const struct um_call *call,
                       enum um_format format, const struct um_style *style, FILE *out);

#endif
