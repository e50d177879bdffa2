/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Stories, and the exchanges they are made of: each costs two frames. */
#include "tests/report/story.h"

#include "tests/support/support.h"

static const int64_t DAY_NS = 1795458801000000000; /* 2026-11-23 18:33:21 UTC */
static const int64_t MS = 1000000;

static const char ID_1[] = "M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2YwMDAxQHVtMDEuZXhhbXBsZS5jb20"
                           "=";
static const char ID_2[] = "M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2YwMDAyQHVtMDEuZXhhbXBsZS5jb20"
                           "=";
static const char ID_3[] = "M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2YwMDAzQHVtMDEuZXhhbXBsZS5jb20"
                           "=";
static const char ID_4[] = "M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2YwMDA0QHVtMDEuZXhhbXBsZS5jb2"
                           "0=";

/* What an exchange said; what is NULL was not there. */
struct said {
    enum um_operation operation;
    int at_ms, took_ms; /* took_ms < 0: no reply */
    const char *dial, *state, *cause, *sip_code, *sip_text;
    const char *fault, *fault_text, *exception;
    unsigned status, legs;
    bool failed_login;
};

static void
set_field(struct um_message *message, enum um_field_id field, const char *text)
{
    if (text)
        message->fields[field] =
            (struct um_field){.text = um_span_text(text), .state = UM_FIELD_WHOLE};
}

static void
fill_messages(const struct um_story *story, const struct said *said, struct um_message *request,
              struct um_message *reply)
{
    bool starts = um_operation_starts_call(said->operation);
    *request = (struct um_message){
        .kind = UM_MESSAGE_REQUEST, .service = UM_SERVICE_UMWS, .operation = said->operation};
    *reply = (struct um_message){
        .kind = UM_MESSAGE_REPLY, .service = UM_SERVICE_UMWS, .operation = said->operation};
    if (!starts)
        set_field(request, UM_FIELD_CALL_ID, story->call_id);
    set_field(request, UM_FIELD_DIAL_STRING, said->dial);
    if (said->fault || said->exception) {
        reply->kind = UM_MESSAGE_FAULT;
        reply->operation = UM_OPERATION_NONE;
        set_field(reply, UM_FIELD_FAULT_CODE, said->fault);
        set_field(reply, UM_FIELD_FAULT_TEXT, said->fault_text);
        set_field(reply, UM_FIELD_FAULT_EXCEPTION, said->exception);
        return;
    }
    if (starts)
        set_field(reply, UM_FIELD_CALL_ID, story->call_id);
    set_field(reply, UM_FIELD_CALL_STATE, said->state);
    set_field(reply, UM_FIELD_EVENT_CAUSE, said->cause);
    set_field(reply, UM_FIELD_SIP_CODE, said->sip_code);
    set_field(reply, UM_FIELD_SIP_TEXT, said->sip_text);
}

static void
say(struct um_story *story, struct said said)
{
    struct um_message request, reply;
    fill_messages(story, &said, &request, &reply);
    int64_t q_ns = DAY_NS + said.at_ms * MS, r_ns = q_ns + said.took_ms * MS;
    bool answered = said.took_ms >= 0;
    struct um_mark asked = {.frame = story->frame + 1, .time_ns = q_ns};
    struct um_mark told = {.frame = story->frame + 2, .time_ns = r_ns};
    unsigned status = said.status ? said.status : (said.fault || said.exception ? 500 : 200);
    struct um_exchange exchange = {
        .request = {.captured = true, .message = &request, .first = asked, .last = asked},
        .reply = {.captured = answered,
                  .message = answered && !said.failed_login ? &reply : NULL,
                  .first = answered ? told : (struct um_mark){0},
                  .last = answered ? told : (struct um_mark){0}},
        .client = story->client,
        .server = story->server,
        .connection = 1,
        .target = um_span_text("/EWS/UM2007Legacy.asmx"),
        .http_status = answered ? status : 0,
        .authentication_legs = said.legs,
        .authentication_failed = said.failed_login,
        .unanswered = answered ? UM_UNANSWERED_NO : UM_UNANSWERED_RESET,
    };
    story->frame += answered ? 2 : 1;
    if (!story->err)
        story->err = um_calls_add(story->calls, &exchange);
}

static void
place(struct um_story *story, int at_ms, const char *dial)
{
    say(story,
        (struct said){
            .operation = UM_OPERATION_PLAY_ON_PHONE, .at_ms = at_ms, .took_ms = 240, .dial = dial});
}

static void
poll(struct um_story *story, int at_ms, const char *state, const char *cause)
{
    say(story, (struct said){.operation = UM_OPERATION_GET_CALL_INFO,
                             .at_ms = at_ms,
                             .took_ms = 40,
                             .state = state,
                             .cause = cause});
}

static void
find(struct um_story *story, enum um_finding_name name, uint64_t frame, const char *text)
{
    if (!story->err)
        story->err = um_findings_add(&story->findings, name, SIZE_MAX, &frame, 1, text);
}

/* ---- the stories ---- */

static void
tell_completed(struct um_story *story)
{
    story->call_id = ID_1;
    place(story, 10, "5550100");
    poll(story, 1250, "Connecting", "None");
    poll(story, 2290, "Connecting", "None");
    poll(story, 3330, "Connected", "None");
    poll(story, 4370, "Connected", "None");
    poll(story, 5410, "Disconnected", "None");
}

static void
tell_busy(struct um_story *story)
{
    story->call_id = ID_2;
    place(story, 7000, "5550101");
    poll(story, 8000, "Connecting", "None");
    say(story, (struct said){.operation = UM_OPERATION_GET_CALL_INFO,
                             .at_ms = 9000,
                             .took_ms = 1300,
                             .state = "Disconnected",
                             .cause = "UserBusy",
                             .sip_code = "486",
                             .sip_text = "Busy Here"});
}

/* Every outcome once, and exchanges of no call. */
static void
tell_day(struct um_story *story)
{
    tell_completed(story);
    tell_busy(story);
    story->call_id = NULL;
    say(story, (struct said){.operation = UM_OPERATION_PLAY_ON_PHONE,
                             .at_ms = 11000,
                             .took_ms = 90,
                             .dial = "999",
                             .fault = "soap:Server",
                             .fault_text = "The number cannot be dialled under the dialing rules.",
                             .exception = "DialingRulesException",
                             .legs = 2});
    story->call_id = ID_3;
    place(story, 12000, "5550103");
    poll(story, 13000, "Disconnected", "None");
    story->call_id = "opaque-4";
    poll(story, 14000, "Connected", NULL);
    story->call_id = "opaque-5";
    say(story,
        (struct said){.operation = UM_OPERATION_GET_CALL_INFO, .at_ms = 15000, .took_ms = -1});
    story->call_id = "opaque-6";
    say(story, (struct said){.operation = UM_OPERATION_DISCONNECT,
                             .at_ms = 15500,
                             .took_ms = 10,
                             .status = 401,
                             .failed_login = true});
    story->call_id = "opaque-7";
    place(story, 16000, NULL);
    story->call_id = NULL;
    say(story,
        (struct said){.operation = UM_OPERATION_IS_UM_ENABLED, .at_ms = 17000, .took_ms = 5});
    say(story, (struct said){.operation = UM_OPERATION_GET_CALL_INFO,
                             .at_ms = 18000,
                             .took_ms = 5,
                             .fault = "soap:Client",
                             .fault_text = "Bad request."});
    find(story, UM_FINDING_BYTES_LOST, 40, "1460 bytes of 1 stream never reached the capture.");
}

static void
tell_selection(struct um_story *story)
{
    tell_day(story);
    story->shown[1] = true;
    story->report.shown = story->shown;
}

static void
tell_nothing(struct um_story *story)
{
    find(story, UM_FINDING_ENCRYPTED, 3,
         "3 TLS connections could not be read: mail.example.com (2), 192.0.2.7:443 (1).");
    story->report.messages = 0;
    story->report.http_messages = 0;
}

static void
tell_no_packet(struct um_story *story)
{
    story->report =
        (struct um_report){.capture = {.files = story->report.capture.files, .file_count = 1},
                           .calls = story->calls,
                           .findings = &story->findings};
}

#define LONG_TEXT                                                                                  \
    "abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklm"  \
    "\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad\x97\xe6\xbc\xa2\xe5\xad" \
    "\x97nopqrstuvwxyzabcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz"

/* Texts that would do harm, or go past the page. */
static void
tell_hostile(struct um_story *story)
{
    static const uint8_t v6[] = {0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0x78,
                                 0x9a, 0xbc, 0xde, 0xf0, 0x12, 0x34, 0x56, 0x78};
    story->client = (struct um_endpoint){.address_len = sizeof v6, .port = 65535};
    memcpy(story->client.address, v6, sizeof v6);
    story->call_id = "\x1b]0;owned\x07id" LONG_TEXT;
    place(story, 10,
          "\x1b[31m\xe2\x80\xae"
          "5550100\xc2\x9b\xff" LONG_TEXT);
    poll(story, 1000, "Conn\x1b[2Jected" LONG_TEXT, "\xe2\x80\xaeNone" LONG_TEXT);
    poll(story, 2000, "Disconnected", "User\r\nBusy" LONG_TEXT);
    say(story, (struct said){.operation = UM_OPERATION_GET_CALL_INFO,
                             .at_ms = 3000,
                             .took_ms = 12,
                             .fault = "\xc0\x80:Server",
                             .fault_text = "line\nfeed " LONG_TEXT,
                             .exception = "\xed\xa0\x80" LONG_TEXT});
    find(story, UM_FINDING_CAPTURE_TRUNCATED, 9,
         "evil\x1b[0m\xe2\x81\xa6.pcap: cut inside a record" LONG_TEXT);
}

/* Three hours and ten states. */
static void
tell_long(struct um_story *story)
{
    static const char *const states[] = {"Connecting", "Alerted", "Connected", "Transferring",
                                         "Connected"};
    story->call_id = ID_1;
    story->frame = 1234560;
    place(story, 10, "5550100");
    for (int i = 0; i < 60; i++)
        poll(story, 1000 + i * 180000, states[i / 12], "None");
    poll(story, 60 * 180000, "Disconnected", "None");
}

/* Far too many spans for a page. */
static void
tell_flapping(struct um_story *story)
{
    story->call_id = ID_1;
    for (int i = 0; i < 100; i++)
        poll(story, i * 500, i % 2 ? "Connected" : "Connecting", "None");
}

/* Failures of other kinds: nobody answered (placed in the capture and before it), and one that was
 * up. */
static void
tell_unanswered(struct um_story *story)
{
    story->call_id = ID_1;
    place(story, 10, "5550100");
    poll(story, 11000, "Connecting", "None");
    poll(story, 21410, "Disconnected", "NoAnswer");
    story->call_id = ID_2;
    poll(story, 22000, "Disconnected", "NoAnswer");
    story->call_id = ID_3;
    place(story, 30000, "5550102");
    poll(story, 32000, "Connected", "None");
    poll(story, 33000, "Connected", "None");
    poll(story, 34000, "Disconnected", "Other");
    story->call_id = ID_4;
    place(story, 40000, "5550103");
    poll(story, 41000, "Connected", "None");
    poll(story, 42000, "Disconnected", "None");
    poll(story, 43000, "Connected", "None");
}

/* Texts that a spreadsheet would run, or a reader of CSV take apart. */
static void
tell_formulas(struct um_story *story)
{
    static const char *const dialled[] = {
        "=1+1",
        "+15550100",
        "-2",
        "@SUM(A1)",
        "'=1",
        "\xc2\xa0=1",
        "\v=1",
        "a\r\n=1",
        "a,b",
        "a\"b",
        "a;b",
        "\xef\xbc\x9d"
        "1",
        "00441",
        "\"quoted\"",
        "=HYPERLINK(\"http://x.example\",\"y\")",
    };
    story->call_id = NULL;
    for (size_t i = 0; i < sizeof dialled / sizeof *dialled; i++)
        say(story, (struct said){.operation = UM_OPERATION_PLAY_ON_PHONE,
                                 .at_ms = 1000 * (int)i,
                                 .took_ms = 50,
                                 .dial = dialled[i],
                                 .fault = "=code",
                                 .fault_text = "+text, with a comma",
                                 .exception = "@exception"});
}

/* Texts that a page would run if it took them for markup. */
static void
tell_markup(struct um_story *story)
{
    static const char run[] = "<img src=x onerror=\"document.title='owned'\">";
    story->call_id = "\"><script>document.title='owned'</script>";
    place(story, 10, run);
    poll(story, 1000, "</title></svg><script>document.title='owned'</script>",
         "' onmouseover='document.title=`owned`");
    poll(story, 2000, "Disconnected", "</code></details><b id=owned>&lt;");
    say(story, (struct said){.operation = UM_OPERATION_GET_CALL_INFO,
                             .at_ms = 3000,
                             .took_ms = 12,
                             .fault = "<!--",
                             .fault_text = "]]></style><style>*{display:none}</style>",
                             .exception = run});
    story->call_id = NULL;
    say(story, (struct said){.operation = UM_OPERATION_PLAY_ON_PHONE,
                             .at_ms = 4000,
                             .took_ms = 5,
                             .dial = "javascript:document.title='owned'",
                             .exception = "<b id=owned>\xe2\x80\xae\x1b[31m\xff"});
    find(story, UM_FINDING_CAPTURE_TRUNCATED, 9, "<b id=owned>evil.pcap</b>");
}

/* Two pollers whose questions overlap. */
static void
tell_two_pollers(struct um_story *story)
{
    story->call_id = ID_1;
    place(story, 10, "5550100");
    poll(story, 2000, "Connected", "None");
    say(story, (struct said){.operation = UM_OPERATION_GET_CALL_INFO,
                             .at_ms = 5000,
                             .took_ms = 800,
                             .state = "Connected",
                             .cause = "None"});
    say(story, (struct said){.operation = UM_OPERATION_GET_CALL_INFO,
                             .at_ms = 5100,
                             .took_ms = 200,
                             .state = "Disconnected",
                             .cause = "None"});
}

static const struct {
    const char *name;
    void (*tell)(struct um_story *);
} stories[] = {
    {"completed", tell_completed},
    {"busy", tell_busy},
    {"day", tell_day},
    {"selection", tell_selection},
    {"nothing", tell_nothing},
    {"no-packet", tell_no_packet},
    {"hostile", tell_hostile},
    {"long", tell_long},
    {"flapping", tell_flapping},
    {"two-pollers", tell_two_pollers},
    {"unanswered", tell_unanswered},
    {"formulas", tell_formulas},
    {"markup", tell_markup},
};

const char *const um_story_names[] = {
    "completed", "busy",     "day",         "selection",  "nothing",  "no-packet", "hostile",
    "long",      "flapping", "two-pollers", "unanswered", "formulas", "markup",    NULL};

static void
describe(struct um_story *story)
{
    static const char *const files[] = {"monday.pcap"};
    story->report = (struct um_report){
        .capture = {.files = files,
                    .file_count = 1,
                    .packets = 120,
                    .bytes = 34567,
                    .first_time_ns = DAY_NS,
                    .last_time_ns = DAY_NS + 18500 * MS},
        .calls = story->calls,
        .findings = &story->findings,
        .messages = 30,
        .http_messages = 41,
        .connections = 2,
    };
}

static void
begin(struct um_story *story)
{
    struct um_limits limits;
    struct um_thresholds thresholds;
    um_limits_init(&limits);
    um_thresholds_init(&thresholds);
    *story = (struct um_story){
        .client = {.address = {10, 0, 0, 1}, .address_len = 4, .port = 40000},
        .server = {.address = {10, 0, 0, 2}, .address_len = 4, .port = 80},
    };
    story->findings.arena = &story->arena;
    story->err = um_calls_new(&limits, &thresholds, &story->calls);
    describe(story);
}

bool
um_story_tell(struct um_story *story, const char *name)
{
    bool known = false;
    begin(story);
    for (size_t i = 0; i < sizeof stories / sizeof *stories && !story->err; i++) {
        if (strcmp(stories[i].name, name) != 0)
            continue;
        stories[i].tell(story);
        known = true;
    }
    if (!story->err)
        story->err = um_calls_finish(story->calls);
    return known;
}

/* A text of up to 200 bytes, or NULL; lives in the story. */
static const char *
noise(struct um_story *story, uint64_t *seed)
{
    static const char *const usual[] = {"Connected", "Disconnected", "None", "UserBusy"};
    uint64_t kind = um_test_random(seed) % 8;
    if (kind < 4)
        return usual[kind];
    size_t len = um_test_random(seed) % 200;
    char *text = um_arena_alloc(&story->arena, len + 1);
    if (!text || kind == 4)
        return NULL;
    for (size_t i = 0; i < len; i++)
        text[i] = (char)(um_test_random(seed) % 255 + 1);
    return text;
}

void
um_story_tell_noise(struct um_story *story, uint64_t seed)
{
    static const enum um_operation operations[] = {
        UM_OPERATION_PLAY_ON_PHONE, UM_OPERATION_GET_CALL_INFO, UM_OPERATION_GET_CALL_INFO,
        UM_OPERATION_DISCONNECT,    UM_OPERATION_GET_CALL_INFO,
    };
    begin(story);
    for (int i = 0; i < 24; i++) {
        if (i % 6 == 0)
            story->call_id = noise(story, &seed);
        bool refused = um_test_random(&seed) % 5 == 0;
        say(story, (struct said){.operation = operations[um_test_random(&seed) % 5],
                                 .at_ms = (int)(um_test_random(&seed) % 20000),
                                 .took_ms = (int)(um_test_random(&seed) % 3000) - 100,
                                 .dial = noise(story, &seed),
                                 .state = noise(story, &seed),
                                 .cause = noise(story, &seed),
                                 .sip_code = noise(story, &seed),
                                 .sip_text = noise(story, &seed),
                                 .fault = refused ? noise(story, &seed) : NULL,
                                 .fault_text = noise(story, &seed),
                                 .exception = refused ? noise(story, &seed) : NULL});
    }
    if (!story->err)
        story->err = um_calls_finish(story->calls);
}

void
um_story_done(struct um_story *story)
{
    um_calls_free(story->calls);
    um_arena_done(&story->arena);
}

size_t
um_story_http(const struct um_report_http **lines)
{
    static const uint8_t v6[] = {0x20, 0x01, 0x0d, 0xb8, 0x12, 0x34, 0x56, 0x78,
                                 0x9a, 0xbc, 0xde, 0xf0, 0x12, 0x34, 0x56, 0x78};
    static const char digest[] = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    static struct um_span codings[2];
    static struct um_report_http told[7];
    struct um_endpoint client = {.address = {10, 0, 0, 1}, .address_len = 4, .port = 40000};
    struct um_endpoint server = {.address = {10, 0, 0, 2}, .address_len = 4, .port = 80};
    struct um_endpoint far = {.address_len = 16, .port = 65535};
    memcpy(far.address, v6, sizeof v6);
    codings[0] = um_span_text("gzip");
    codings[1] = um_span_text("br\x1b[0m");
    told[0] = (struct um_report_http){.source = client,
                                      .destination = server,
                                      .first_frame = 4,
                                      .last_frame = 4,
                                      .method = um_span_text("POST"),
                                      .target = um_span_text("/EWS/UM2007Legacy.asmx"),
                                      .version = um_span_text("HTTP/1.1"),
                                      .framing = "length",
                                      .encoded_bytes = 360,
                                      .has_body = true,
                                      .body_bytes = 360,
                                      .body_sha256 = digest,
                                      .complete = true};
    told[1] = (struct um_report_http){.is_reply = true,
                                      .source = server,
                                      .destination = client,
                                      .first_frame = 6,
                                      .last_frame = 9,
                                      .version = um_span_text("HTTP/1.1"),
                                      .status = 200,
                                      .framing = "chunked",
                                      .codings = codings,
                                      .coding_count = 1,
                                      .encoded_bytes = 211,
                                      .has_body = true,
                                      .body_bytes = 480,
                                      .body_sha256 = digest,
                                      .complete = true};
    told[2] = told[0];
    told[2].source = told[2].destination = far;
    told[2].first_frame = 123456789;
    told[2].last_frame = 123456799;
    told[2].target = um_span_text("/\xe2\x80\xae\x1b[2J\xff" LONG_TEXT);
    told[3] = told[1];
    told[3].coding_count = 2;
    told[3].has_body = false;
    told[3].status = 503;
    told[4] = told[0];
    told[4].method = um_span_text(LONG_TEXT);
    told[4].complete = false;
    told[4].framing = "none";
    told[5] = told[0]; /* HTTP/2: the stream tells the pair */
    told[5].version = um_span_text("HTTP/2");
    told[5].framing = "h2";
    told[5].stream_id = 3;
    told[6] = told[1];
    told[6].version = um_span_text("HTTP/2");
    told[6].framing = "h2";
    told[6].stream_id = 2147483647;
    *lines = told;
    return sizeof told / sizeof *told;
}
