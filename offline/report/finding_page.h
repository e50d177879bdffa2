/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What docs/findings.md says of a finding, as HTML. The document is the one source of these words;
 * it is written in a small part of Markdown: paragraphs, lists, emphasis, code, links.
 */
#ifndef UM_REPORT_FINDING_PAGE_H
#define UM_REPORT_FINDING_PAGE_H

#include "core/um/finding.h"
#include "offline/report/html.h"

/* The section's text; empty when the document has none. Lives for ever. */
struct um_span um_finding_page(enum um_finding_name name);

/*
 * Writes Markdown as HTML. A link to a finding's section stays one when the finding is `linked`
 * (by name); of any other link the text stays.
 */
void um_finding_page_write(struct um_html *html, struct um_span markdown,
                           const bool linked[UM_FINDING_COUNT]);

#endif
