/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Files that are part of the program, taken in when it is built (embed.cmake): the style and the
 * script of the HTML page, and what docs/findings.md tells of each finding.
 */
#ifndef UM_REPORT_ASSETS_H
#define UM_REPORT_ASSETS_H

#include "core/base/span.h"

extern const struct um_span um_assets_css, um_assets_js, um_assets_findings;

/* "sha256-..." as a content security policy names them. */
extern const char um_assets_css_digest[], um_assets_js_digest[];

#endif
