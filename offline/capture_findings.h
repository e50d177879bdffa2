/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Findings about the capture as a whole, from what the stages counted. */
#ifndef UM_OFFLINE_CAPTURE_FINDINGS_H
#define UM_OFFLINE_CAPTURE_FINDINGS_H

#include "core/um/finding.h"
#include "offline/totals.h"

/* Adds to `out`, in the order of the documentation. 0 or UM_ERR_NOMEM. */
int um_capture_findings_make(const struct um_totals *totals, struct um_findings *out);

#endif
