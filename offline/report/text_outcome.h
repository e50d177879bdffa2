/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What became of a call, in a sentence. */
#ifndef UM_REPORT_TEXT_OUTCOME_H
#define UM_REPORT_TEXT_OUTCOME_H

#include "offline/report/page.h"

/* Adds the sentence to the page. */
void um_text_outcome(struct um_page *page, const struct um_report *report,
                     const struct um_call *call);

#endif
