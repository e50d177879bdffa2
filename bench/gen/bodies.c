/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "bench/gen/bodies.h"

#include <inttypes.h>
#include <string.h>

#include "bench/gen/deflate.h"

#define SCHEMAS "http://schemas.microsoft.com/exchange/services/2006"
#define ENVELOPE                                                                                   \
    "<?xml version=\"1.0\" encoding=\"utf-8\"?><s:Envelope "                                       \
    "xmlns:s=\"http://schemas.xmlsoap.org/soap/envelope/\">"

static const char *const words[] = {"minutes", "budget", "harbour", "lantern", "offer",  "crate",
                                    "window",  "ledger", "morning", "orchard", "ticket", "valley",
                                    "parcel",  "summer", "bridge",  "garden"};

static const char *
word(struct um_dice *dice)
{
    return words[um_dice_roll(dice) >> 28];
}

/* ---- long bodies ---- */

static void
make_items(struct um_dice *dice, struct um_text *out)
{
    size_t wanted = um_dice_between(dice, 2000, 40000);
    um_text_format(out, ENVELOPE "<s:Header><h:ServerVersionInfo MajorVersion=\"14\" "
                                 "xmlns:h=\"" SCHEMAS "/types\"/></s:Header><s:Body>"
                                 "<m:FindItemResponse xmlns:m=\"" SCHEMAS "/messages\" "
                                 "xmlns:t=\"" SCHEMAS "/types\"><m:ResponseMessages>");
    while (out->len < wanted) {
        um_text_format(out, "<t:Message><t:ItemId Id=\"");
        um_text_base64(out, dice, 120);
        um_text_format(out, "\"/><t:Subject>%s %s %s</t:Subject><t:Size>%" PRIu32 "</t:Size>",
                       word(dice), word(dice), word(dice), um_dice_between(dice, 100, 90000));
        um_text_format(out,
                       "<t:Sensitivity>Normal</t:Sensitivity><t:HasAttachments>false"
                       "</t:HasAttachments><t:From><t:Name>%s %s</t:Name></t:From></t:Message>",
                       word(dice), word(dice));
    }
    um_text_format(out, "</m:ResponseMessages></m:FindItemResponse></s:Body></s:Envelope>");
}

/* Half of the pages are pictures: bytes without any order. */
static void
make_page(struct um_dice *dice, bool is_picture, struct um_text *out)
{
    size_t wanted = um_dice_between(dice, 2000, 90000);
    while (out->len < wanted) {
        uint32_t bytes = um_dice_roll(dice);
        if (is_picture)
            um_text_add(out, &bytes, sizeof bytes);
        else
            um_text_format(out, "<li id=\"%s\">%s of the %s</li>\n", word(dice), word(dice),
                           word(dice));
    }
}

static uint8_t *
make_noise(struct um_dice *dice)
{
    static const uint8_t record[] = {0x17, 3, 3, 0x3f, 0xfb};
    uint8_t *noise = um_text_alloc(UM_BODIES_NOISE_BYTES);
    for (size_t i = 0; i < UM_BODIES_NOISE_BYTES; i++)
        noise[i] = (uint8_t)(um_dice_roll(dice) >> 24);
    for (size_t i = 0; i < UM_BODIES_NOISE_BYTES; i += 16384)
        memcpy(noise + i, record, sizeof record);
    return noise;
}

void
um_bodies_make(struct um_bodies *bodies, struct um_dice *dice)
{
    *bodies = (struct um_bodies){.dice = dice, .noise = make_noise(dice)};
    for (int i = 0; i < UM_BODIES_ITEMS; i++) {
        struct um_text *items = &bodies->items[i];
        make_items(dice, items);
        um_deflate_gzip(items->data, items->len, &bodies->items_gzip[i]);
    }
    for (int i = 0; i < UM_BODIES_PAGES; i++)
        make_page(dice, i % 2, &bodies->pages[i]);
}

/* ---- messages ---- */

static void
add_chunks(struct um_dice *dice, const struct um_text *body, struct um_text *out)
{
    um_text_format(out, "Transfer-Encoding: chunked\r\n\r\n");
    for (size_t at = 0, len; at < body->len; at += len) {
        len = um_dice_between(dice, 100, 8192);
        if (len > body->len - at)
            len = body->len - at;
        um_text_format(out, "%zx\r\n", len);
        um_text_add(out, body->data + at, len);
        um_text_add(out, "\r\n", 2);
    }
    um_text_format(out, "0\r\n\r\n");
}

/* Ends a head and adds the body, which is compressed already where `coding` says so. */
static void
add_body(struct um_bodies *bodies, const struct um_text *body, struct um_bodies_coding coding,
         struct um_text *out)
{
    if (coding.gzip)
        um_text_format(out, "Content-Encoding: gzip\r\n");
    if (coding.chunked) {
        add_chunks(bodies->dice, body, out);
        return;
    }
    um_text_format(out, "Content-Length: %zu\r\n\r\n", body->len);
    um_text_add(out, body->data, body->len);
}

static void
add_short_body(struct um_bodies *bodies, struct um_bodies_coding coding, struct um_text *out)
{
    struct um_text *plain = &bodies->scratch, packed = {0};
    if (!coding.gzip) {
        add_body(bodies, plain, coding, out);
        return;
    }
    um_deflate_gzip(plain->data, plain->len, &packed);
    add_body(bodies, &packed, coding, out);
    um_text_free(&packed);
}

static void
begin_post(struct um_text *out, const char *target, const char *operation)
{
    out->len = 0;
    um_text_format(out,
                   "POST %s HTTP/1.1\r\nHost: mail.example.com\r\nUser-Agent: Outlook/14.0\r\n"
                   "Content-Type: text/xml; charset=utf-8\r\nAccept-Encoding: gzip\r\n"
                   "SOAPAction: \"" SCHEMAS "/messages/%s\"\r\n",
                   target, operation);
}

static void
begin_reply(struct um_text *out, const char *type)
{
    out->len = 0;
    um_text_format(out,
                   "HTTP/1.1 200 OK\r\nCache-Control: private\r\nServer: Microsoft-IIS/7.5\r\n"
                   "Content-Type: %s\r\nX-Powered-By: ASP.NET\r\n",
                   type);
}

void
um_bodies_get(struct um_bodies *bodies, struct um_text *out)
{
    struct um_dice *dice = bodies->dice;
    out->len = 0;
    um_text_format(out, "GET /%s/%s-%" PRIu32 ".html HTTP/1.1\r\nHost: www.example.com\r\n",
                   word(dice), word(dice), um_dice_between(dice, 0, 99999));
    um_text_format(out, "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: */*\r\nCookie: s=");
    um_text_base64(out, dice, 40);
    um_text_format(out, "\r\nConnection: keep-alive\r\n\r\n");
}

void
um_bodies_page(struct um_bodies *bodies, struct um_text *out)
{
    uint32_t which = um_dice_between(bodies->dice, 0, UM_BODIES_PAGES - 1);
    begin_reply(out, which % 2 ? "image/png" : "text/html");
    add_body(bodies, &bodies->pages[which], (struct um_bodies_coding){0}, out);
}

void
um_bodies_find_item(struct um_bodies *bodies, struct um_bodies_coding coding, struct um_text *out)
{
    struct um_text *body = &bodies->scratch;
    body->len = 0;
    um_text_format(body, ENVELOPE "<s:Body><FindItem xmlns=\"" SCHEMAS "/messages\" "
                                  "Traversal=\"Shallow\"><ParentFolderIds><FolderId Id=\"");
    um_text_base64(body, bodies->dice, 120);
    um_text_format(body, "\"/></ParentFolderIds></FindItem></s:Body></s:Envelope>");
    coding.gzip = false; /* requests are not compressed */
    begin_post(out, "/EWS/Exchange.asmx", "FindItem");
    add_short_body(bodies, coding, out);
}

void
um_bodies_items(struct um_bodies *bodies, struct um_bodies_coding coding, struct um_text *out)
{
    uint32_t which = um_dice_between(bodies->dice, 0, UM_BODIES_ITEMS - 1);
    begin_reply(out, "text/xml; charset=utf-8");
    add_body(bodies, coding.gzip ? &bodies->items_gzip[which] : &bodies->items[which], coding, out);
}

void
um_bodies_poll(struct um_bodies *bodies, const char *call_id, struct um_bodies_coding coding,
               struct um_text *out)
{
    struct um_text *body = &bodies->scratch;
    body->len = 0;
    um_text_format(body,
                   ENVELOPE "<s:Body><GetCallInfo xmlns=\"" SCHEMAS "/messages\">"
                            "<CallId>%s</CallId></GetCallInfo></s:Body></s:Envelope>",
                   call_id);
    coding.gzip = false;
    begin_post(out, "/EWS/UM2007Legacy.asmx", "GetCallInfo");
    add_short_body(bodies, coding, out);
}

const char *
um_bench_state_name(enum um_bench_state state)
{
    static const char *const names[] = {"Connecting", "Alerted", "Connected", "Disconnected"};
    return names[state];
}

void
um_bodies_call_info(struct um_bodies *bodies, enum um_bench_state state,
                    struct um_bodies_coding coding, struct um_text *out)
{
    struct um_text *body = &bodies->scratch;
    body->len = 0;
    um_text_format(body,
                   ENVELOPE "<s:Body><GetCallInfoResponse xmlns=\"" SCHEMAS "/messages\">"
                            "<GetCallInfoResponse><CallState>%s</CallState>"
                            "<EventCause>None</EventCause></GetCallInfoResponse>"
                            "</GetCallInfoResponse></s:Body></s:Envelope>",
                   um_bench_state_name(state));
    begin_reply(out, "text/xml; charset=utf-8");
    add_short_body(bodies, coding, out);
}

void
um_bodies_download_head(uint64_t len, struct um_text *out)
{
    begin_reply(out, "application/octet-stream");
    um_text_format(out, "Content-Length: %" PRIu64 "\r\n\r\n", len);
}

/* ---- TLS ---- */

static void
add_noise(struct um_dice *dice, size_t len, struct um_text *out)
{
    for (size_t i = 0; i < len; i++) {
        uint8_t byte = (uint8_t)(um_dice_roll(dice) >> 24);
        um_text_add(out, &byte, 1);
    }
}

/* A handshake message in a record of its own: type, then a hello's version and random. */
static void
begin_hello(struct um_dice *dice, uint8_t type, uint8_t len, struct um_text *out)
{
    const uint8_t head[] = {22, 3, 1, 0, (uint8_t)(len + 4), type, 0, 0, len, 3, 3};
    out->len = 0;
    um_text_add(out, head, sizeof head);
    add_noise(dice, 32, out);
}

void
um_bodies_sealed(const struct um_bodies *bodies, size_t len, struct um_text *out)
{
    enum { RECORD_MAX = 1 << 14 };
    out->len = 0;
    for (size_t left = len; left > 0;) {
        size_t body = left < RECORD_MAX ? left : RECORD_MAX;
        const uint8_t head[] = {23, 3, 3, (uint8_t)(body >> 8), (uint8_t)body};
        um_text_add(out, head, sizeof head);
        um_text_add(out, bodies->noise + sizeof head, body);
        left -= body;
    }
}

void
um_bodies_client_hello(struct um_bodies *bodies, struct um_text *out)
{
    /* no session; two suites; no compression; then the name mail.example.com */
    static const uint8_t rest[] = {0,   0,   4,   0xc0, 0x2f, 0xc0, 0x30, 1,   0,   0,   25,  0,
                                   0,   0,   21,  0,    19,   0,    0,    16,  'm', 'a', 'i', 'l',
                                   '.', 'e', 'x', 'a',  'm',  'p',  'l',  'e', '.', 'c', 'o', 'm'};
    begin_hello(bodies->dice, 1, (uint8_t)(34 + sizeof rest), out);
    um_text_add(out, rest, sizeof rest);
}

void
um_bodies_server_hello(struct um_bodies *bodies, struct um_text *out)
{
    static const uint8_t rest[] = {0, 0xc0, 0x2f, 0};
    static const uint8_t change[] = {20, 3, 3, 0, 1, 1, 22, 3, 3, 0, 40};
    begin_hello(bodies->dice, 2, (uint8_t)(34 + sizeof rest), out);
    um_text_add(out, rest, sizeof rest);
    um_text_add(out, change, sizeof change);
    add_noise(bodies->dice, 40, out);
}
