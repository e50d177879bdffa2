/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Writes comma-separated values field by field. Source: RFC 4180: a header row, rows end in CRLF,
 * a field that holds a comma, a quote or more is quoted. Text from the wire is made harmless twice:
 * as for a terminal (safe_text.h), so that no field holds a line break, and for a spreadsheet: what
 * it could take for a formula gets an apostrophe in front. Errors stick; um_csv_end tells them.
 */
#ifndef UM_REPORT_CSV_H
#define UM_REPORT_CSV_H

#include "core/base/buf.h"
#include "core/base/endpoint.h"
#include "core/um/exchange.h"
#include "core/um/finding.h"
#include "offline/report/out.h"

struct um_csv {
    struct um_out *out;
    struct um_buf field; /* the one being made */
    bool begun;          /* the row holds a field */
    int err;             /* 0 or UM_ERR_NOMEM */
};

/* A writer to `out`, by value; ended with um_csv_end. */
static inline struct um_csv
um_csv_to(struct um_out *out)
{
    return (struct um_csv){.out = out};
}

/* The header row: names up to NULL. */
void um_csv_head(struct um_csv *csv, const char *const *names);

/* Fields. Any text; our own words; an empty field, which stands for what is unknown. */
void um_csv_text(struct um_csv *csv, struct um_span text);
void um_csv_word(struct um_csv *csv, const char *word);
void um_csv_nothing(struct um_csv *csv);
void um_csv_count(struct um_csv *csv, uint64_t value);
void um_csv_seconds(struct um_csv *csv, int64_t ns);
void um_csv_time(struct um_csv *csv, int64_t time_ns);
/* Three fields, of the columns UM_CSV_TLS_COLUMNS; empty when it came in the clear. */
void um_csv_tls(struct um_csv *csv, const struct um_exchange_tls *tls);
#define UM_CSV_TLS_COLUMNS "tls_version", "tls_suite", "tls_server_name"

void um_csv_endpoint(struct um_csv *csv, const struct um_endpoint *endpoint);

/* The names of findings, each once, with spaces between. */
void um_csv_findings(struct um_csv *csv, const struct um_findings *findings);

/* Ends the row. */
void um_csv_row(struct um_csv *csv);

/* Frees what is left. 0 or UM_ERR_NOMEM. */
int um_csv_end(struct um_csv *csv);

#endif
