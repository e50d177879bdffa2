/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The view calls as one HTML page that needs nothing else: no network, and no script either; with
 * one the table sorts and filters and the timeline zooms. Its content security policy allows the
 * style and the script by their digests and forbids all else, so that text of the capture could do
 * nothing even if it were taken for markup.
 */
#include <inttypes.h>

#include "offline/report/assets.h"
#include "offline/report/finding_page.h"
#include "offline/report/html_parts.h"
#include "offline/report/html_timeline.h"
#include "offline/report/instant.h"
#include "offline/report/shown.h"
#include "offline/report/views.h"

static void
write_files(struct um_html *html, const struct um_report_capture *capture)
{
    for (size_t i = 0; i < capture->file_count; i++) {
        um_html_add(html, i > 0 ? ", " : "");
        um_html_string(html, capture->files[i]);
    }
}

static void
write_head(struct um_html *html, const struct um_report *report)
{
    um_html_add(html,
                "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
                "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; "
                "style-src '%s'; script-src '%s'; base-uri 'none'; form-action 'none'\">\n"
                "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
                "<meta name=\"referrer\" content=\"no-referrer\">\n<title>Calls in ",
                um_assets_css_digest, um_assets_js_digest);
    if (report->capture.file_count > 0)
        um_html_string(html, report->capture.files[0]);
    if (report->capture.file_count > 1)
        um_html_add(html, " and %zu more", report->capture.file_count - 1);
    um_html_add(html, "</title>\n<style>");
    um_out_put(html->out, um_assets_css);
    um_html_add(html, "</style>\n</head>\n");
}

/* ---- what was read ---- */

static void
write_tiles(struct um_html *html, const struct um_report *report)
{
    struct um_shown_counts counts = um_shown_count(report);
    um_html_add(html, "<ul class=\"tiles\" id=\"tiles\" aria-label=\"Calls by outcome\">\n");
    um_html_add(html, "<li data-outcome=\"\"><span><b>%" PRIu64 "</b> call%s</span></li>\n",
                counts.calls, counts.calls == 1 ? "" : "s");
    for (unsigned i = 0; i < UM_OUTCOME_COUNT; i++) {
        const char *outcome = um_outcome_text((enum um_outcome)i);
        if (counts.by_outcome[i] > 0)
            um_html_add(html,
                        "<li class=\"%s\" data-outcome=\"%s\"><span><b>%" PRIu64
                        "</b> %s %s</span></li>\n",
                        outcome, outcome, counts.by_outcome[i],
                        um_html_outcome_sign((enum um_outcome)i), outcome);
    }
    if (counts.calls > 0)
        um_html_add(html, "<li class=\"hint\" hidden>A click shows only these calls.</li>\n");
    um_html_add(html, "</ul>\n");
}

static void
write_time_range(struct um_html *html, const struct um_report_capture *capture)
{
    char first[UM_INSTANT_TEXT_MAX], last[UM_INSTANT_TEXT_MAX];
    um_instant_date(capture->first_time_ns, UM_ZONE_UTC, first);
    um_instant_date(capture->last_time_ns, UM_ZONE_UTC, last);
    bool same_day = strncmp(first, last, strlen("2026-11-23")) == 0;
    um_html_add(html, "<div><dt>Time</dt><dd>%s to %s UTC</dd></div>\n", first,
                same_day ? last + strlen("2026-11-23 ") : last);
}

static void
write_header(struct um_html *html, const struct um_report *report)
{
    const struct um_report_capture *capture = &report->capture;
    um_html_add(html, "<body>\n<a class=\"skip\" href=\"#calls-section\">Skip to the table of "
                      "calls</a>\n<header>\n<h1>Play on Phone calls</h1>\n");
    write_tiles(html, report);
    um_html_add(html, "<dl class=\"facts\">\n<div><dt>Read from</dt><dd>");
    write_files(html, capture);
    um_html_add(html, "</dd></div>\n");
    if (capture->packets > 0)
        write_time_range(html, capture);
    um_html_add(html,
                "<div><dt>Packets</dt><dd>%" PRIu64 ", %" PRIu64 " bytes</dd></div>\n"
                "<div><dt>Messages</dt><dd>%" PRIu64 " of the UM web service among %" PRIu64
                " of HTTP, on ",
                capture->packets, capture->bytes, report->messages, report->http_messages);
    um_html_count(html, report->connections, "connection");
    um_html_add(html, "</dd></div>\n</dl>\n");
    size_t all = um_calls_count(report->calls);
    if (report->shown && all > 0)
        um_html_add(
            html, "<p>Of %zu calls in the capture those that were asked for are shown.</p>\n", all);
    um_html_add(html, "</header>\n<main>\n");
}

/* ---- sections ---- */

static void
write_timeline(struct um_html *html, const struct um_report *report)
{
    um_html_add(html,
                "<section aria-labelledby=\"h-timeline\">\n<h2 id=\"h-timeline\">Timeline</h2>\n"
                "<div class=\"tools\" id=\"zoom\" hidden>"
                "<button type=\"button\" data-zoom=\"in\">Zoom in</button>"
                "<button type=\"button\" data-zoom=\"out\">Zoom out</button>"
                "<button type=\"button\" data-zoom=\"left\">Earlier</button>"
                "<button type=\"button\" data-zoom=\"right\">Later</button>"
                "<button type=\"button\" data-zoom=\"fit\">Fit the calls shown</button>"
                "<button type=\"button\" data-zoom=\"all\">All</button>"
                "<span class=\"hint\">Drag or Shift+wheel moves, Ctrl+wheel zooms, a click opens "
                "the call.</span></div>\n"
                "<p class=\"where\" id=\"where\" hidden></p>\n");
    um_html_timeline(html, report);
    um_html_timeline_key(html);
    um_html_add(html, "</section>\n");
}

static void
write_table(struct um_html *html, const struct um_report *report)
{
    um_html_add(html,
                "<section aria-labelledby=\"h-calls\" id=\"calls-section\" tabindex=\"-1\">\n"
                "<h2 id=\"h-calls\">Calls</h2>\n"
                "<div class=\"tools\" id=\"filter\" hidden><label for=\"find\">Show calls with "
                "</label><input type=\"search\" id=\"find\" placeholder=\"number, cause, GUID, "
                "finding \u2026\" autocomplete=\"off\" spellcheck=\"false\">"
                "<button type=\"button\" id=\"clear\">Show all</button>"
                "<span role=\"status\" id=\"count\"></span></div>\n");
    um_html_calls_table(html, report);
    um_html_add(html, "</section>\n");
}

static void
write_calls(struct um_html *html, const struct um_report *report)
{
    um_html_add(
        html, "<section aria-labelledby=\"h-each\" id=\"each\">\n<h2 id=\"h-each\">Each call</h2>\n"
              "<div class=\"tools\" id=\"fold\" hidden>"
              "<button type=\"button\" data-fold=\"open\">Open the calls shown</button>"
              "<button type=\"button\" data-fold=\"close\">Close all</button>"
              "<span class=\"hint\">What is open is printed.</span></div>\n");
    for (size_t i = 0; i < um_calls_count(report->calls) && !html->err && !html->out->err; i++) {
        if (um_shown_call(report, i))
            um_html_call(html, report, um_calls_at(report->calls, i));
    }
    um_html_add(html, "</section>\n");
}

static void
write_absence(struct um_html *html, const struct um_report *report)
{
    static const bool none[UM_FINDING_COUNT];
    um_html_add(html, "<div class=\"absence\" id=\"calls-section\" tabindex=\"-1\">");
    um_finding_page_write(html, um_span_text(um_shown_absence(report)), none);
    um_html_add(html, "</div>\n");
}

static void
write_footer(struct um_html *html)
{
    um_html_add(html,
                "</main>\n<footer><p>Made by umtrace. A poll is a sample: times are bounds, and "
                "nothing is told as if it had been seen at an instant.</p></footer>\n"
                "<div class=\"said\" role=\"status\" id=\"said\"></div>\n<script>");
    um_out_put(html->out, um_assets_js);
    um_html_add(html, "</script>\n</body>\n</html>\n");
}

int
um_html_calls_write(const struct um_report *report, const struct um_style *style,
                    struct um_out *out)
{
    (void)style;
    struct um_html html = um_html_to(out);
    write_head(&html, report);
    write_header(&html, report);
    if (um_shown_count(report).calls > 0) {
        um_html_trouble(&html, report);
        um_html_rest(&html, report);
        write_timeline(&html, report);
        write_table(&html, report);
        write_calls(&html, report);
    } else {
        write_absence(&html, report);
        um_html_rest(&html, report);
    }
    um_html_exchanges_without_call(&html, report);
    um_html_explanations(&html, report);
    write_footer(&html);
    return um_html_end(&html);
}
