/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Reports pull from the core and write to a stream; they never look at packets. One table of
 * writers, one entry for each view and format.
 */
#ifndef UM_REPORT_REPORT_H
#define UM_REPORT_REPORT_H

#include <stdio.h>

#include "core/base/err.h"
#include "core/um/call.h"
#include "offline/report/instant.h"

enum um_view {
    UM_VIEW_CALLS,
    UM_VIEW_MESSAGES,
    UM_VIEW_HTTP,
    UM_VIEW_STREAMS,
    UM_VIEW_SUMMARY,
};

enum um_format {
    UM_FORMAT_TEXT,
    UM_FORMAT_JSON,
    UM_FORMAT_NDJSON,
    UM_FORMAT_CSV,
    UM_FORMAT_HTML,
    UM_FORMAT_COUNT,
};

/* How text is drawn. */
struct um_style {
    bool color; /* ANSI colours */
    bool utf8;  /* else ASCII only */
    enum um_zone zone;
};

/* What was read, in the core's own terms. */
struct um_report_capture {
    const char *const *files; /* as named by the user */
    size_t file_count;
    uint64_t packets;
    uint64_t bytes;
    int64_t first_time_ns, last_time_ns; /* valid when packets > 0 */
};

/* A count that findings about the capture are made of. */
struct um_report_figure {
    const char *name;
    uint64_t value;
};

/* A server whose TLS connections could not be read. */
struct um_report_closed {
    struct um_span name; /* name and address; empty: several servers */
    uint64_t connections, bytes, first_frame;
    uint16_t version, suite; /* 0: no ServerHello was seen */
    bool had_secrets;
    uint64_t partly_read, without_beginning, tried_in_part, secrets_known; /* of the connections */
};

/* Connections that an alert ended. */
struct um_report_alert {
    struct um_span text; /* a sentence without its full stop; empty: several kinds */
    uint64_t connections;
    const struct um_finding_frames *frames;
};

/* A capture that could not be read to its end. */
struct um_report_problem {
    const char *path, *text;
    bool truncated;
    uint64_t last_frame;
};

/* What the lines of the view `messages` tell beside the exchanges, for --from-messages. */
struct um_report_run {
    const char *id; /* of this run, on each of its lines */
    const struct um_report_figure *figures;
    size_t figure_count;
    const struct um_report_closed *closed;
    size_t closed_count;
    const struct um_report_alert *alerts;
    size_t alert_count;
    const struct um_finding_frames *tls_failed_frames;
    const struct um_report_problem *problems;
    size_t problem_count;
    /*
     * The times of the packets, in the order of their frames, each not before the one before it:
     * writes up to `max` into `out` and returns how many; 0: there are no more.
     */
    size_t (*times)(void *ctx, int64_t *out, size_t max);
    void *times_ctx;
};

struct um_report {
    struct um_report_capture capture;
    const struct um_calls *calls;       /* finished */
    const struct um_findings *findings; /* about the capture; the store's own come in addition */
    const bool *shown;                  /* by call index: false is left out; NULL: all are shown */
    uint64_t messages;                  /* UM messages */
    uint64_t http_messages;
    uint64_t connections;
    uint64_t released;               /* calls told while they went on, and now in no view */
    const struct um_report_run *run; /* NULL: the lines tell exchanges only */
};

/* One line of the view `http`. */
struct um_report_http {
    bool is_reply;
    struct um_endpoint source, destination;
    uint64_t first_frame, last_frame;
    struct um_exchange_tls tls;
    struct um_span method, target, version; /* empty when they do not apply */
    unsigned status;                        /* 0: none */
    const char *framing;
    uint32_t stream_id; /* of HTTP/2; 0: none */
    const struct um_span *codings;
    size_t coding_count;
    uint64_t encoded_bytes;
    bool has_body; /* false: the body could not be decoded */
    uint64_t body_bytes;
    const char *body_sha256;
    bool complete;
};

/* False for a format that cannot tell the view: then neither may be asked for together. */
bool um_report_has(enum um_view view, enum um_format format);

/*
 * Writes the views calls, messages and summary. 0, UM_ERR_NOMEM, or UM_ERR_IO when the stream
 * took no more (errno tells why).
 */
int um_report_write(const struct um_report *report, enum um_view view, enum um_format format,
                    const struct um_style *style, FILE *out);

/* One line of the view `streams`: a direction of a TCP connection. */
struct um_report_stream {
    struct um_endpoint source, destination;
    bool is_clear;  /* the clear bytes of a TLS direction */
    uint64_t bytes; /* captured, in order of their sequence numbers, each once */
    const char *sha256;
    const struct um_report_hole *holes; /* in order */
    size_t hole_count;
    uint64_t holes_left_out; /* more than are listed */
    uint64_t missing;        /* bytes of all of them */
};

struct um_report_hole {
    uint64_t offset; /* in the direction */
    uint64_t length;
};

/* The same view: a capture file. */
struct um_report_file {
    uint64_t packets, captured_bytes, wire_bytes;
};

enum { UM_REPORT_WAY_MAX = 384 };

/*
 * The views http and streams are written line by line as things end: begin, any number of lines of
 * the view, end. 0, UM_ERR_NOMEM or UM_ERR_IO.
 */
struct um_report_lines {
    enum um_view view;
    enum um_format format;
    struct um_style style;
    FILE *out;
    uint64_t count;
    char way[UM_REPORT_WAY_MAX]; /* what the message before came through, as text says it */
};
int um_report_lines_begin(struct um_report_lines *lines);
int um_report_http_line(struct um_report_lines *lines, const struct um_report_http *line);
int um_report_stream_line(struct um_report_lines *lines, const struct um_report_stream *line);
int um_report_file_line(struct um_report_lines *lines, const struct um_report_file *line);
int um_report_lines_end(struct um_report_lines *lines);

#endif
