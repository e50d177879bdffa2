/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The recogniser of SOAP bodies: what it takes and what it leaves, in one piece and in many, with
 * the bytes of each body in a heap copy of exactly their size.
 */
#include "core/um/soap.h"

#include <stdio.h>

#include "core/base/arena.h"
#include "tests/support/support.h"

#define SOAP11 "http://schemas.xmlsoap.org/soap/envelope/"
#define SOAP12 "http://www.w3.org/2003/05/soap-envelope"
#define MESSAGES "http://schemas.microsoft.com/exchange/services/2006/messages"
#define TYPES "http://schemas.microsoft.com/exchange/services/2006/types"
#define ERRORS "http://schemas.microsoft.com/exchange/services/2006/errors"
#define OPEN "<s:Envelope xmlns:s='" SOAP11 "' xmlns:m='" MESSAGES "' xmlns:t='" TYPES "'><s:Body>"
#define CLOSE "</s:Body></s:Envelope>"

#define HTTPS UM_MESSAGE_NAMESPACE_HTTPS
#define MALFORMED UM_MESSAGE_MALFORMED
#define DOCTYPE UM_MESSAGE_DOCTYPE
#define CUT UM_MESSAGE_CUT
#define IS_SOAP12 UM_MESSAGE_SOAP12

#define NONE UM_MESSAGE_NONE
#define REQUEST UM_MESSAGE_REQUEST
#define REPLY UM_MESSAGE_REPLY
#define FAULT UM_MESSAGE_FAULT

#define EWS UM_SERVICE_EWS
#define UMWS UM_SERVICE_UMWS
#define UNKNOWN UM_SERVICE_UNKNOWN

static const struct body {
    const char *xml;
    enum um_message_kind kind;
    enum um_service service;
    const char *operation;
    unsigned flags;
    const char *values; /* all that are whole, "CallState=Connected|EventCause=None" */
} bodies[] = {
    /* ---- the UM web service ---- */
    {OPEN "<m:GetCallInfo><m:CallId>abc=</m:CallId></m:GetCallInfo>" CLOSE, REQUEST, UMWS,
     "GetCallInfo", 0, "CallId=abc="},
    {OPEN "<m:GetCallInfoResponse><m:GetCallInfoResponse><m:CallState>Connected</m:CallState>"
          "<m:EventCause>None</m:EventCause></m:GetCallInfoResponse></m:GetCallInfoResponse>" CLOSE,
     REPLY, UMWS, "GetCallInfo", 0, "CallState=Connected|EventCause=None"},
    {OPEN "<m:GetCallInfoResponse><m:EventCause>UserBusy</m:EventCause>" /* flat, other order */
          "<m:CallState>Disconnected</m:CallState></m:GetCallInfoResponse>" CLOSE,
     REPLY, UMWS, "GetCallInfo", 0, "CallState=Disconnected|EventCause=UserBusy"},
    {"<?xml version=\"1.0\" encoding=\"utf-8\"?>\r\n<Envelope xmlns=\"" SOAP11 "\">\r\n  <Body>\r\n"
     "    <GetCallInfoResponse xmlns=\"" MESSAGES "\">\r\n      <GetCallInfoResponse>\r\n"
     "        <CallState xmlns=\"" MESSAGES "\">Connecting</CallState>\r\n"
     "        <EventCause>None</EventCause>\r\n      </GetCallInfoResponse>\r\n"
     "    </GetCallInfoResponse>\r\n  </Body>\r\n</Envelope>\r\n",
     REPLY, UMWS, "GetCallInfo", 0, "CallState=Connecting|EventCause=None"},
    {OPEN "<m:PlayOnPhone><m:entryId>AAAA</m:entryId><m:DialString>+1 555</m:DialString>"
          "</m:PlayOnPhone>" CLOSE,
     REQUEST, UMWS, "PlayOnPhone", 0, "DialString=+1 555|entryId=AAAA"},
    {OPEN "<m:PlayOnPhoneResponse><m:PlayOnPhoneResponse>abc=</m:PlayOnPhoneResponse>"
          "</m:PlayOnPhoneResponse>" CLOSE,
     REPLY, UMWS, "PlayOnPhone", 0, "CallId=abc="},
    {OPEN "<m:PlayOnPhoneResponse>abc=</m:PlayOnPhoneResponse>" CLOSE, REPLY, UMWS, "PlayOnPhone",
     0, "CallId=abc="},
    {OPEN "<m:PlayOnPhoneGreeting><m:GreetingType>OofCustom</m:GreetingType>"
          "<m:DialString>1</m:DialString></m:PlayOnPhoneGreeting>" CLOSE,
     REQUEST, UMWS, "PlayOnPhoneGreeting", 0, "DialString=1|GreetingType=OofCustom"},
    {OPEN "<m:DisconnectResponse/>" CLOSE, REPLY, UMWS, "Disconnect", 0, ""},
    {OPEN "<m:Disconnect><m:CallId> a\n b </m:CallId></m:Disconnect>" CLOSE, REQUEST, UMWS,
     "Disconnect", 0, "CallId= a\n b "},
    {OPEN "<m:IsUMEnabledResponse><m:IsUMEnabledResponse>true</m:IsUMEnabledResponse>"
          "</m:IsUMEnabledResponse>" CLOSE,
     REPLY, UMWS, "IsUMEnabled", 0, "IsUMEnabledResponse=true"},
    {OPEN "<m:IsUMEnabled/>" CLOSE, REQUEST, UMWS, "IsUMEnabled", 0, ""},
    {OPEN "<m:SetTelephoneAccessFolderEmail><m:base64FolderID>QQ==</m:base64FolderID>"
          "</m:SetTelephoneAccessFolderEmail>" CLOSE,
     REQUEST, UMWS, "SetTelephoneAccessFolderEmail", 0, "base64FolderId=QQ=="},
    {OPEN "<m:GetCallInfo><m:CallId/></m:GetCallInfo>" CLOSE, REQUEST, UMWS, "GetCallInfo", 0,
     "CallId="},
    {OPEN "<m:GetCallInfo></m:GetCallInfo>" CLOSE, REQUEST, UMWS, "GetCallInfo", 0, ""},

    /* ---- its successor ---- */
    {OPEN "<m:PlayOnPhone><m:ItemId><t:x/></m:ItemId><m:DialString>1</m:DialString>"
          "</m:PlayOnPhone>" CLOSE,
     REQUEST, UNKNOWN, "PlayOnPhone", 0, "DialString=1"},
    {OPEN "<m:PlayOnPhone><m:ItemId Id='AAE=' ChangeKey='c'/><m:DialString>1</m:DialString>"
          "</m:PlayOnPhone>" CLOSE,
     REQUEST, EWS, "PlayOnPhone", 0, "DialString=1|ItemId=AAE="},
    {OPEN "<m:PlayOnPhoneResponse ResponseClass=\"Success\"><m:ResponseCode>NoError"
          "</m:ResponseCode><m:PhoneCallId Id=\"abc=\"/></m:PlayOnPhoneResponse>" CLOSE,
     REPLY, EWS, "PlayOnPhone", 0, "CallId=abc=|ResponseClass=Success|ResponseCode=NoError"},
    {OPEN "<m:GetPhoneCallInformation><m:PhoneCallId "
          "Id='&lt;a&amp;b&#38;&amp;#38;&#x63;'/></m:GetPhoneCallInformation>" CLOSE,
     REQUEST, EWS, "GetPhoneCallInformation", 0, "CallId=<a&b&&#38;c"},
    {OPEN "<m:GetPhoneCallInformationResponse ResponseClass='Success'>"
          "<m:PhoneCallInformation><t:PhoneCallState>Disconnected</t:PhoneCallState>"
          "<t:ConnectionFailureCause>UserBusy</t:ConnectionFailureCause>"
          "<t:SIPResponseText>Busy Here</t:SIPResponseText>"
          "<t:SIPResponseCode>486</t:SIPResponseCode></m:PhoneCallInformation>"
          "</m:GetPhoneCallInformationResponse>" CLOSE,
     REPLY, EWS, "GetPhoneCallInformation", 0,
     "CallState=Disconnected|EventCause=UserBusy|SIPResponseCode=486|SIPResponseText=Busy "
     "Here|ResponseClass=Success"},
    {OPEN
     "<m:GetPhoneCallInformationResponse ResponseClass='Error'><m:MessageText>No."
     "</m:MessageText><m:ResponseCode>ErrorInvalidPhoneCallId</m:ResponseCode>"
     "<m:DescriptiveLinkKey>0</m:DescriptiveLinkKey></m:GetPhoneCallInformationResponse>" CLOSE,
     REPLY, EWS, "GetPhoneCallInformation", 0,
     "ResponseClass=Error|ResponseCode=ErrorInvalidPhoneCallId|MessageText=No.|DescriptiveLinkKey="
     "0"},

    /* ---- faults ---- */
    {OPEN "<s:Fault><faultcode>a:InvalidCallIdException</faultcode><faultstring>The id."
          "</faultstring><detail><ExceptionType>InvalidCallIdException</ExceptionType></detail>"
          "</s:Fault>" CLOSE,
     FAULT, UNKNOWN, "", 0,
     "faultcode=a:InvalidCallIdException|faultstring=The id.|ExceptionType=InvalidCallIdException"},
    {"<soap:Envelope xmlns:soap='" SOAP11 "'><soap:Body><soap:Fault><faultcode>soap:Server"
     "</faultcode><detail><q:ExceptionType>X</q:ExceptionType></detail></soap:Fault>" /* undeclared
                                                                                       */
     "</soap:Body></soap:Envelope>",
     FAULT, UNKNOWN, "", 0, "faultcode=soap:Server|ExceptionType=X"},
    {OPEN
     "<s:Fault><faultcode>a:ErrorInvalidRequest</faultcode><detail><e:ResponseCode xmlns:e='" ERRORS
     "'>ErrorInvalidRequest</e:ResponseCode><e:Message xmlns:e='" ERRORS "'>Why."
     "</e:Message></detail></s:Fault>" CLOSE,
     FAULT, UNKNOWN, "", 0,
     "faultcode=a:ErrorInvalidRequest|ResponseCode=ErrorInvalidRequest|Message=Why."},
    {"<s:Envelope xmlns:s='" SOAP12 "'><s:Body><s:Fault><s:Code><s:Value>s:Sender</s:Value>"
     "</s:Code><s:Reason><s:Text xml:lang='en'>No.</s:Text></s:Reason><s:Detail><ExceptionType>Y"
     "</ExceptionType></s:Detail></s:Fault></s:Body></s:Envelope>",
     FAULT, UNKNOWN, "", IS_SOAP12, "faultcode=s:Sender|faultstring=No.|ExceptionType=Y"},

    /* ---- traps ---- */
    {"<s:Envelope xmlns:s='https://schemas.xmlsoap.org/soap/envelope/'><s:Body><m:IsUMEnabled "
     "xmlns:m='" MESSAGES "'/></s:Body></s:Envelope>",
     REQUEST, UMWS, "IsUMEnabled", HTTPS, ""},
    {"<s:Envelope xmlns:s='" SOAP11 "'><s:Body><GetCallInfo "
     "xmlns='https://schemas.microsoft.com/exchange/services/2006/messages'><CallId>abc=</CallId>"
     "</GetCallInfo></s:Body></s:Envelope>",
     REQUEST, UMWS, "GetCallInfo", HTTPS, "CallId=abc="},
    {"<s:Envelope xmlns:s='" SOAP11 "' xmlns:m='" MESSAGES "'><s:Header><m:GetCallInfo><m:CallId>no"
     "</m:CallId></m:GetCallInfo><s:Body><m:IsUMEnabled/></s:Body></s:Header><s:Body>"
     "<m:Disconnect><m:CallId>yes</m:CallId></m:Disconnect></s:Body></s:Envelope>",
     REQUEST, UMWS, "Disconnect", 0, "CallId=yes"},
    {OPEN "<m:Disconnect><m:CallId>first</m:CallId></m:Disconnect><m:GetCallInfo><m:CallId>second"
          "</m:CallId></m:GetCallInfo>" CLOSE,
     REQUEST, UMWS, "Disconnect", 0, "CallId=first"},
    {OPEN "<m:GetCallInfo><m:CallId>a<!-- <m:CallId>no</m:CallId> -->b<![CDATA[<c>&amp;]]>d"
          "<?pi x?>&#101;&#x66;&lt;</m:CallId></m:GetCallInfo>" CLOSE,
     REQUEST, UMWS, "GetCallInfo", 0, "CallId=ab<c>&amp;def<"},
    {OPEN "<m:GetCallInfo><m:CallId>a<m:b>no</m:b>c</m:CallId></m:GetCallInfo>" CLOSE, REQUEST,
     UMWS, "GetCallInfo", 0, "CallId=ac"},
    {OPEN "<m:GetCallInfo><x:CallId xmlns:x='urn:other'>no</x:CallId><m:CallId>yes</m:CallId>"
          "</m:GetCallInfo>" CLOSE,
     REQUEST, UMWS, "GetCallInfo", 0, "CallId=yes"},
    {OPEN "<m:GetCallInfo><m:Wrap><m:CallId>no</m:CallId></m:Wrap></m:GetCallInfo>" CLOSE, REQUEST,
     UMWS, "GetCallInfo", 0, ""},
    {OPEN "<m:GetCallInfo><m:callid>no</m:callid></m:GetCallInfo>" CLOSE, REQUEST, UMWS,
     "GetCallInfo", 0, ""},
    {OPEN
     "<m:GetCallInfo><m:CallId>first</m:CallId><m:CallId>second</m:CallId></m:GetCallInfo>" CLOSE,
     REQUEST, UMWS, "GetCallInfo", 0, "CallId=first"},
    {OPEN "<m:GetCallInfoResponse>\n <m:GetCallInfoResponse>\n  <m:CallState>Alerted</m:CallState>"
          "\n </m:GetCallInfoResponse>\n</m:GetCallInfoResponse>" CLOSE,
     REPLY, UMWS, "GetCallInfo", 0, "CallState=Alerted"},
    {OPEN "<!-- first --><m:GetCallInfo><m:CallId>\xC3\xA9</m:CallId></m:GetCallInfo>" CLOSE,
     REQUEST, UMWS, "GetCallInfo", 0, "CallId=\xC3\xA9"},
    {"\xEF\xBB\xBF" OPEN "<m:IsUMEnabled/>" CLOSE, REQUEST, UMWS, "IsUMEnabled", 0, ""},
    {"<?xml version='1.0' encoding='utf-16'?>" OPEN "<m:IsUMEnabled/>" CLOSE, REQUEST, UMWS,
     "IsUMEnabled", 0, ""}, /* the bytes say otherwise */

    /* ---- broken ---- */
    {OPEN "<m:GetCallInfoResponse><m:CallState>Connected</m:CallState><m:EventCause>No</m:Event>",
     REPLY, UMWS, "GetCallInfo", MALFORMED, "CallState=Connected"},
    {OPEN "<m:GetCallInfo><m:CallId>a&nbsp;b</m:CallId></m:GetCallInfo>" CLOSE, REQUEST, UMWS,
     "GetCallInfo", MALFORMED, ""}, /* nobody declared that entity */
    {OPEN "<m:GetCallInfo><m:CallId>abc</m:CallId>", REQUEST, UMWS, "GetCallInfo", CUT,
     "CallId=abc"},
    {"<!DOCTYPE x [<!ENTITY a 'b'>]>" OPEN "<m:IsUMEnabled/>" CLOSE, NONE, UNKNOWN, "", DOCTYPE,
     ""},

    /* ---- not ours ---- */
    {"<html><body>GetCallInfo</body></html>", NONE, UNKNOWN, "", 0, ""},
    {"<s:Envelope xmlns:s='" SOAP11 "'><s:Body><GetCallInfo xmlns='urn:other'/></s:Body>"
     "</s:Envelope>",
     NONE, UNKNOWN, "", 0, ""},
    {"<s:Envelope xmlns:s='" SOAP11 "'><s:Body><GetCallInfo/></s:Body></s:Envelope>", NONE, UNKNOWN,
     "", 0, ""},
    {OPEN "<m:GetItem><m:CallId>no</m:CallId></m:GetItem>" CLOSE, NONE, UNKNOWN, "", 0, ""},
    {OPEN "<m:GetCallInfoResult><m:CallState>Connected</m:CallState></m:GetCallInfoResult>" CLOSE,
     NONE, UNKNOWN, "", 0, ""},
    {OPEN "<m:getcallinfo/>" CLOSE, NONE, UNKNOWN, "", 0, ""},
    {OPEN "<m:Response/>" CLOSE, NONE, UNKNOWN, "", 0, ""},
    {OPEN CLOSE, NONE, UNKNOWN, "", 0, ""},
    {"<s:Envelope xmlns:s='urn:soap' xmlns:m='" MESSAGES "'><s:Body><m:IsUMEnabled/></s:Body>"
     "</s:Envelope>",
     NONE, UNKNOWN, "", 0, ""},
    {"<m:IsUMEnabled xmlns:m='" MESSAGES "'/>", NONE, UNKNOWN, "", 0, ""},
    {"", NONE, UNKNOWN, "", 0, ""},
};

enum { BODIES = sizeof bodies / sizeof *bodies };

static struct um_soap *
new_soap(void)
{
    struct um_limits limits;
    struct um_soap *soap;
    um_limits_init(&limits);
    assert_int_equal(um_soap_new(&limits, &soap), UM_OK);
    return soap;
}

/* Reads in pieces of `step` bytes; of random length when `step` is 0. */
static const struct um_message *
read_in_steps(struct um_soap *soap, struct um_span body, size_t step, uint64_t *seed)
{
    assert_int_equal(um_soap_begin(soap, um_span_of(NULL, 0)), UM_OK);
    int result = UM_MORE;
    bool was_message = false;
    while (body.len > 0) {
        size_t len = step ? step : um_test_random(seed) % 40 + 1;
        struct um_span piece = um_span_first(body, len);
        uint8_t *heap = um_test_exact_copy(piece.data, piece.len);
        int now = um_soap_push(soap, um_span_of(heap, piece.len));
        free(heap);
        if (result != UM_MORE)
            assert_int_equal(now, result); /* decided once, decided for good */
        result = now;
        assert_true(um_soap_is_message(soap) || !was_message);
        was_message = um_soap_is_message(soap);
        body = um_span_from(body, piece.len);
    }
    return um_soap_end(soap);
}

static const struct um_message *
read_whole(struct um_soap *soap, struct um_span body)
{
    return read_in_steps(soap, body, body.len ? body.len : 1, NULL);
}

/* The whole values of a message as the table above has them. */
static const char *
values_of(const struct um_message *message, char *out, size_t size)
{
    size_t len = 0;
    out[0] = '\0';
    for (unsigned i = 0; i < UM_FIELD_COUNT; i++) {
        struct um_span text = message->fields[i].text;
        if (!um_message_has(message, (enum um_field_id)i))
            continue;
        int added = snprintf(out + len, size - len, "%s%s=%.*s", len ? "|" : "",
                             um_field_name((enum um_field_id)i), (int)text.len,
                             text.len ? (const char *)text.data : "");
        assert_true(added > 0 && (size_t)added < size - len);
        len += (size_t)added;
    }
    return out;
}

static void
check_message(const struct body *body, const struct um_message *message)
{
    char values[1024];
    assert_int_equal(message->kind, body->kind);
    assert_int_equal(message->service, body->service);
    assert_string_equal(um_operation_name(message->operation), body->operation);
    assert_int_equal(message->flags, body->flags);
    assert_string_equal(values_of(message, values, sizeof values), body->values);
}

static void
check_all(struct um_soap *soap, size_t step)
{
    uint64_t seed = step + 1;
    for (size_t i = 0; i < BODIES; i++) {
        const struct um_message *message = read_in_steps(soap, S(bodies[i].xml), step, &seed);
        if (message->kind != bodies[i].kind || message->flags != bodies[i].flags)
            print_error("%s\n", bodies[i].xml);
        check_message(&bodies[i], message);
    }
}

static void
soap_reads_each_body_whole(void **state)
{
    (void)state;
    struct um_soap *soap = new_soap();
    check_all(soap, SIZE_MAX / 2);
    um_soap_free(soap);
}

static void
soap_reads_each_body_byte_by_byte_and_in_random_pieces_alike(void **state)
{
    (void)state;
    struct um_soap *soap = new_soap();
    check_all(soap, 1);
    check_all(soap, 2);
    check_all(soap, 7);
    for (unsigned round = 0; round < 20; round++)
        check_all(soap, 0);
    um_soap_free(soap);
}

/* What a prefix says whole, the whole says too; a prefix is never more than the whole. */
static void
soap_says_of_every_prefix_nothing_that_the_whole_denies(void **state)
{
    (void)state;
    struct um_soap *soap = new_soap();
    for (size_t i = 0; i < BODIES; i++) {
        struct um_span body = S(bodies[i].xml);
        struct um_soap *other = new_soap();
        const struct um_message whole = *read_whole(other, body);
        for (size_t n = 0; n < body.len; n++) {
            const struct um_message *message = read_whole(soap, um_span_first(body, n));
            if (message->kind != UM_MESSAGE_NONE)
                assert_int_equal(message->kind, bodies[i].kind);
            assert_int_equal(message->flags & ~(bodies[i].flags | CUT), 0);
            for (unsigned k = 0; k < UM_FIELD_COUNT; k++) {
                if (!um_message_has(message, (enum um_field_id)k))
                    continue;
                assert_int_equal(whole.fields[k].state, UM_FIELD_WHOLE);
                assert_span_equal(message->fields[k].text, whole.fields[k].text);
            }
        }
        um_soap_free(other);
    }
    um_soap_free(soap);
}

static void
soap_tells_a_cut_value_from_a_whole_one(void **state)
{
    (void)state;
    struct um_soap *soap = new_soap();
    const struct um_message *message =
        read_whole(soap, S(OPEN "<m:GetCallInfo><m:CallId>ab</m:CallId"));
    assert_int_equal(message->fields[UM_FIELD_CALL_ID].state, UM_FIELD_CUT);
    assert_span_equal(message->fields[UM_FIELD_CALL_ID].text, S("ab"));
    assert_int_equal(message->fields[UM_FIELD_CALL_ID].length, 0);
    assert_int_equal(message->flags, CUT);
    message = read_whole(soap, S(OPEN "<m:GetCallInfo><m:CallId>ab</m:CallId>"));
    assert_int_equal(message->fields[UM_FIELD_CALL_ID].state, UM_FIELD_WHOLE);
    message = read_whole(soap, S(OPEN "<m:GetCallInfo><m:CallId>ab</m:CallIx>"));
    assert_int_equal(message->fields[UM_FIELD_CALL_ID].state, UM_FIELD_CUT);
    assert_int_equal(message->flags, MALFORMED);
    um_soap_free(soap);
}

/* Where a value stands in the body: its bytes there are what was read, before entities. */
static void
soap_tells_where_values_and_names_stand(void **state)
{
    (void)state;
    static const struct {
        const char *xml;
        enum um_field_id field;
        const char *bytes; /* as they stand in the body */
        const char *tag;
    } cases[] = {
        {OPEN "<m:GetCallInfo a='b'><m:CallId  >abc=</m:CallId></m:GetCallInfo>" CLOSE,
         UM_FIELD_CALL_ID, "abc=", "<m:GetCallInfo a='b'>"},
        {"\xEF\xBB\xBF" OPEN "<m:GetCallInfo><m:CallId>a&#98;<![CDATA[c]]><!-- x --></m:CallId >"
         "</m:GetCallInfo>" CLOSE,
         UM_FIELD_CALL_ID, "a&#98;<![CDATA[c]]><!-- x -->", "<m:GetCallInfo>"},
        {OPEN "<m:PlayOnPhoneResponse\n ResponseClass = \"Success\" ><m:PhoneCallId "
              "Id='abc='/></m:PlayOnPhoneResponse>" CLOSE,
         UM_FIELD_CALL_ID, "abc=", "<m:PlayOnPhoneResponse\n ResponseClass = \"Success\" >"},
        {OPEN "<m:PlayOnPhoneResponse\n ResponseClass = \"Success\" ><m:PhoneCallId "
              "Id='abc='/></m:PlayOnPhoneResponse>" CLOSE,
         UM_FIELD_RESPONSE_CLASS, "Success",
         "<m:PlayOnPhoneResponse\n ResponseClass = \"Success\" >"},
        {OPEN "<m:PlayOnPhoneResponse><m:PlayOnPhoneResponse>abc=</m:PlayOnPhoneResponse>"
              "</m:PlayOnPhoneResponse>" CLOSE,
         UM_FIELD_CALL_ID, "abc=", "<m:PlayOnPhoneResponse>"},
    };
    struct um_soap *soap = new_soap();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        for (size_t step = 1; step < 600; step = step * 3 + 1) {
            struct um_span body = S(cases[i].xml);
            const struct um_message *message = read_in_steps(soap, body, step, NULL);
            const struct um_field *field = &message->fields[cases[i].field];
            assert_int_equal(field->state, UM_FIELD_WHOLE);
            if (field->length > 0) { /* 0: not known, as where a piece ended inside it */
                assert_true(field->offset + field->length <= body.len);
                assert_span_equal(um_span_of(body.data + field->offset, field->length),
                                  S(cases[i].bytes));
            }
            if (message->name_length > 0)
                assert_span_equal(
                    um_span_of(body.data + message->name_offset, message->name_length),
                    S(cases[i].tag));
            if (step > body.len) { /* in one piece all is known */
                assert_true(field->length > 0);
                assert_true(message->name_length > 0);
            }
        }
    }
    const struct um_message *message = read_whole(soap, S(OPEN "<m:DisconnectResponse/>" CLOSE));
    assert_int_equal(message->name_length, strlen("<m:DisconnectResponse/>"));
    um_soap_free(soap);
}

/* UTF-16 of an ASCII text. */
static struct um_span
widen(struct um_arena *arena, const char *text, bool is_big, bool has_mark)
{
    size_t len = strlen(text), at = 0;
    uint8_t *out = um_arena_alloc(arena, 2 * len + 2);
    assert_non_null(out);
    if (has_mark) {
        out[at++] = is_big ? 0xFE : 0xFF;
        out[at++] = is_big ? 0xFF : 0xFE;
    }
    for (size_t i = 0; i < len; i++) {
        out[at + (is_big ? 1 : 0)] = (uint8_t)text[i];
        at += 2;
    }
    return um_span_of(out, at);
}

static void
soap_reads_utf16_with_and_without_a_mark(void **state)
{
    (void)state;
    struct um_soap *soap = new_soap();
    struct um_arena arena = {0};
    const struct body *body = &bodies[1];
    for (int kind = 0; kind < 8; kind++) {
        const char *xml = um_arena_printf(
            &arena, "%s%s", kind & 4 ? "<?xml version='1.0' encoding='utf-16'?>" : "", body->xml);
        struct um_span wide = widen(&arena, xml, kind & 1, kind & 2);
        check_message(body, read_whole(soap, wide));
        check_message(body, read_in_steps(soap, wide, 1, NULL));
        check_message(body, read_in_steps(soap, wide, 3, NULL));
    }
    um_arena_done(&arena);
    um_soap_free(soap);
}

static void
soap_takes_the_charset_where_the_body_says_nothing(void **state)
{
    (void)state;
    struct um_soap *soap = new_soap();
    struct um_span body = S(OPEN "<m:Disconnect><m:CallId>\xE9</m:CallId></m:Disconnect>" CLOSE);
    assert_int_equal(um_soap_begin(soap, S("iso-8859-1")), UM_OK);
    (void)um_soap_push(soap, body);
    assert_span_equal(um_message_text(um_soap_end(soap), UM_FIELD_CALL_ID), S("\xC3\xA9"));
    assert_int_equal(um_soap_begin(soap, S("utf-8")), UM_OK);
    assert_int_equal(um_soap_push(soap, body), UM_BAD);
    assert_int_equal(um_soap_end(soap)->flags, MALFORMED);
    um_soap_free(soap);
}

static void
soap_stops_at_the_first_element_that_is_not_ours(void **state)
{
    (void)state;
    static const struct {
        const char *begin;
        bool is_message;
        int result;
    } cases[] = {
        {"<html>", false, UM_DONE},
        {OPEN "<m:GetItem>", false, UM_DONE},
        {OPEN "<m:GetCallInfo>", true, UM_MORE},
        {OPEN, false, UM_MORE},
        {OPEN "<s:Fault>", true, UM_MORE},
        {OPEN "<m:IsUMEnabled/>" CLOSE, true, UM_DONE},
        {OPEN "<m:IsUMEnabled/>", true, UM_MORE},
        {"GetCallInfo", false, UM_BAD},
        {"\x1F\x8B\x08\x08 gzip", false, UM_BAD},
    };
    struct um_soap *soap = new_soap();
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(um_soap_begin(soap, um_span_of(NULL, 0)), UM_OK);
        int result = um_soap_push(soap, S(cases[i].begin));
        assert_int_equal(um_soap_is_message(soap), cases[i].is_message);
        assert_true(result == cases[i].result || result == UM_MORE); /* it may look further */
        assert_int_equal(um_soap_push(soap, S("   ")), cases[i].result);
    }
    um_soap_free(soap);
}

static void
soap_ignores_everything_before_a_body_was_begun_and_after_it_was_decided(void **state)
{
    (void)state;
    struct um_soap *soap = new_soap();
    assert_int_not_equal(um_soap_push(soap, S(bodies[0].xml)), UM_MORE);
    assert_int_equal(um_soap_end(soap)->kind, UM_MESSAGE_NONE);
    check_message(&bodies[0], read_whole(soap, S(bodies[0].xml)));
    assert_int_equal(um_soap_push(soap, S(bodies[1].xml)), UM_DONE);
    check_message(&bodies[0], um_soap_end(soap));
    assert_int_equal(um_soap_begin(soap, um_span_of(NULL, 0)), UM_OK); /* given up half-way */
    (void)um_soap_push(soap, um_span_first(S(bodies[1].xml), 300));
    check_message(&bodies[0], read_whole(soap, S(bodies[0].xml)));
    um_soap_free(soap);
    um_soap_free(NULL);
}

/* A body with `depth` elements inside one another. */
static char *
nest(struct um_arena *arena, size_t depth)
{
    size_t inside = depth - 3; /* Envelope, Body, GetCallInfo */
    char *opened = um_arena_alloc(arena, 3 * inside + 1),
         *closed = um_arena_alloc(arena, 4 * inside + 1);
    assert_true(opened && closed);
    for (size_t i = 0; i < inside; i++) {
        memcpy(opened + 3 * i, "<x>", 3);
        memcpy(closed + 4 * i, "</x>", 4);
    }
    return um_arena_printf(arena,
                           OPEN "<m:GetCallInfo><m:CallId>a</m:CallId>%s%s</m:GetCallInfo>" CLOSE,
                           opened, closed);
}

static void
soap_leaves_a_body_that_is_deeper_than_its_limit(void **state)
{
    (void)state;
    struct um_limits limits;
    um_limits_init(&limits);
    limits.max[UM_LIMIT_XML_DEPTH] = 10;
    struct um_soap *soap;
    struct um_arena arena = {0};
    assert_int_equal(um_soap_new(&limits, &soap), UM_OK);
    const struct um_message *message = read_whole(soap, S(nest(&arena, 10)));
    assert_int_equal(message->flags, 0);
    message = read_whole(soap, S(nest(&arena, 11)));
    assert_int_equal(message->flags, UM_MESSAGE_LIMIT_DEPTH);
    assert_span_equal(um_message_text(message, UM_FIELD_CALL_ID), S("a"));
    message = read_whole(soap, S(nest(&arena, 5000)));
    assert_int_equal(message->flags, UM_MESSAGE_LIMIT_DEPTH);
    um_arena_done(&arena);
    um_soap_free(soap);
}

static void
soap_cuts_a_text_that_is_longer_than_its_limit(void **state)
{
    (void)state;
    static const char *const forms[] = {
        OPEN "<m:GetCallInfo><m:CallId>%s</m:CallId></m:GetCallInfo>" CLOSE,
        OPEN
        "<m:GetPhoneCallInformation><m:PhoneCallId Id='%s'/></m:GetPhoneCallInformation>" CLOSE,
    };
    struct um_limits limits;
    um_limits_init(&limits);
    limits.max[UM_LIMIT_XML_TEXT] = 8;
    struct um_soap *soap;
    struct um_arena arena = {0};
    assert_int_equal(um_soap_new(&limits, &soap), UM_OK);
    for (size_t i = 0; i < 2; i++) {
        for (size_t step = 1; step < 2000; step += 1998) {
            char *fits = um_arena_printf(&arena, i ? forms[1] : forms[0], "12345678");
            const struct um_message *message = read_in_steps(soap, S(fits), step, NULL);
            assert_int_equal(message->flags, 0);
            assert_span_equal(um_message_text(message, UM_FIELD_CALL_ID), S("12345678"));

            char *too_long = um_arena_printf(&arena, i ? forms[1] : forms[0], "123456789");
            message = read_in_steps(soap, S(too_long), step, NULL);
            assert_int_equal(message->flags, UM_MESSAGE_LIMIT_TEXT);
            assert_false(um_message_has(message, UM_FIELD_CALL_ID));
            assert_int_equal(message->fields[UM_FIELD_CALL_ID].state, UM_FIELD_CUT);
            assert_span_equal(message->fields[UM_FIELD_CALL_ID].text, S("12345678"));
            /* a cut attribute once told its place all the same; found by fuzz_soap */
            assert_int_equal(message->fields[UM_FIELD_CALL_ID].length, 0);
        }
    }
    um_arena_done(&arena);
    um_soap_free(soap);
}

static void
soap_expands_nothing_and_refuses_a_document_type_wherever_it_stands(void **state)
{
    (void)state;
    static const char *const hostile[] = {
        "<!DOCTYPE a [<!ENTITY x 'xxxx'><!ENTITY y '&x;&x;&x;&x;'>]>" OPEN
        "<m:Disconnect><m:CallId>&y;</m:CallId></m:Disconnect>" CLOSE,
        "<!DOCTYPE a SYSTEM 'file:///etc/passwd'>" OPEN "<m:IsUMEnabled/>" CLOSE,
        "<?xml version='1.0'?>\n<!-- x -->\n<!DOCTYPE a>" OPEN "<m:IsUMEnabled/>" CLOSE,
        "<!DOCTYPE a PUBLIC 'p' 'http://127.0.0.1:1/x' [<!ENTITY % p SYSTEM 'x'> %p;]>" OPEN CLOSE,
    };
    struct um_soap *soap = new_soap();
    for (size_t i = 0; i < sizeof hostile / sizeof *hostile; i++) {
        for (size_t step = 1; step < 2000; step += 1998) {
            const struct um_message *message = read_in_steps(soap, S(hostile[i]), step, NULL);
            assert_int_equal(message->kind, UM_MESSAGE_NONE);
            assert_int_equal(message->flags, DOCTYPE);
        }
    }
    um_soap_free(soap);
}

static void
soap_reads_a_body_as_before_after_thousands_of_hostile_ones(void **state)
{
    (void)state;
    struct um_soap *soap = new_soap();
    for (unsigned i = 0; i < 3000; i++) { /* new names each time: libxml2 remembers them all */
        char xml[2000];
        (void)snprintf(xml, sizeof xml, OPEN "<m:GetCallInfo><m:n%u-%0800u/>" CLOSE, i, i);
        (void)read_whole(soap, S(xml));
        if (i % 500 == 0)
            check_message(&bodies[1], read_whole(soap, S(bodies[1].xml)));
    }
    check_all(soap, 0);
    um_soap_free(soap);
}

static void
soap_survives_each_failing_allocation(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct um_limits limits;
        um_limits_init(&limits);
        struct um_soap *soap = NULL;
        um_test_alloc_fail_at(n);
        int err = um_soap_new(&limits, &soap);
        for (size_t i = 0; i < BODIES && !err; i++) {
            err = um_soap_begin(soap, um_span_of(NULL, 0));
            int result = err ? err : um_soap_push(soap, S(bodies[i].xml));
            err = result < 0 ? result : UM_OK;
            const struct um_message *message = um_soap_end(soap);
            if (!err && um_soap_push(soap, S("")) >= 0)
                check_message(&bodies[i], message);
        }
        bool failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        if (soap) /* and it is usable again */
            check_message(&bodies[0], read_whole(soap, S(bodies[0].xml)));
        um_soap_free(soap);
        if (!failed)
            break;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(soap_reads_each_body_whole),
        cmocka_unit_test(soap_reads_each_body_byte_by_byte_and_in_random_pieces_alike),
        cmocka_unit_test(soap_says_of_every_prefix_nothing_that_the_whole_denies),
        cmocka_unit_test(soap_tells_a_cut_value_from_a_whole_one),
        cmocka_unit_test(soap_tells_where_values_and_names_stand),
        cmocka_unit_test(soap_reads_utf16_with_and_without_a_mark),
        cmocka_unit_test(soap_takes_the_charset_where_the_body_says_nothing),
        cmocka_unit_test(soap_stops_at_the_first_element_that_is_not_ours),
        cmocka_unit_test(soap_ignores_everything_before_a_body_was_begun_and_after_it_was_decided),
        cmocka_unit_test(soap_leaves_a_body_that_is_deeper_than_its_limit),
        cmocka_unit_test(soap_cuts_a_text_that_is_longer_than_its_limit),
        cmocka_unit_test(soap_expands_nothing_and_refuses_a_document_type_wherever_it_stands),
        cmocka_unit_test(soap_reads_a_body_as_before_after_thousands_of_hostile_ones),
        cmocka_unit_test(soap_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
