/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * A template holds {placeholders}: m, t, e are the namespaces, 0 to 3 the event's plain words, all
 * others its options. A part in [brackets] is left out when one of its placeholders has no value.
 */
#include "samples/maker/soap.h"

#include <string.h>

#define ENVELOPE_NS "http://schemas.xmlsoap.org/soap/envelope/"
#define XSI "http://www.w3.org/2001/XMLSchema-instance"
#define XSD "http://www.w3.org/2001/XMLSchema"
#define DECLARATION "<?xml version=\"1.0\" encoding=\"{encoding}\"?>\r\n"

struct template
{
    enum um_verb verb;
    const char *operation; /* NULL: any */
    const char *form;      /* value of the option form; NULL: any */
    const char *text;
};

static const struct template templates[] = {
    {UM_VERB_REQUEST, "PlayOnPhone", "ews",
     "<m:PlayOnPhone xmlns:m=\"{m}\"><m:ItemId Id=\"{item}\"/>"
     "<m:DialString>{dial}</m:DialString></m:PlayOnPhone>"},
    {UM_VERB_REQUEST, "PlayOnPhone", NULL,
     "<PlayOnPhone xmlns=\"{m}\"><entryId>{entry}</entryId>"
     "<DialString>{dial}</DialString></PlayOnPhone>"},
    {UM_VERB_REQUEST, "PlayOnPhoneGreeting", NULL,
     "<PlayOnPhoneGreeting xmlns=\"{m}\"><GreetingType>{1}</GreetingType>"
     "<DialString>{dial}</DialString></PlayOnPhoneGreeting>"},
    {UM_VERB_REQUEST, "GetPhoneCallInformation", NULL,
     "<m:GetPhoneCallInformation xmlns:m=\"{m}\">"
     "<m:PhoneCallId Id=\"{call}\"/></m:GetPhoneCallInformation>"},
    {UM_VERB_REQUEST, "DisconnectPhoneCall", NULL,
     "<m:DisconnectPhoneCall xmlns:m=\"{m}\">"
     "<m:PhoneCallId Id=\"{call}\"/></m:DisconnectPhoneCall>"},
    {UM_VERB_REQUEST, NULL, NULL, "<{0} xmlns=\"{m}\">[<CallId>{call}</CallId>]</{0}>"},

    {UM_VERB_REPLY, NULL, "error",
     "<{0}Response ResponseClass=\"Error\" xmlns=\"{m}\"><MessageText>{text}</MessageText>"
     "<ResponseCode>{1}</ResponseCode><DescriptiveLinkKey>0</DescriptiveLinkKey></{0}Response>"},
    {UM_VERB_REPLY, "PlayOnPhone", "ews",
     "<PlayOnPhoneResponse ResponseClass=\"Success\" xmlns=\"{m}\">"
     "<ResponseCode>NoError</ResponseCode><PhoneCallId Id=\"{call}\"/></PlayOnPhoneResponse>"},
    {UM_VERB_REPLY, "GetPhoneCallInformation", NULL,
     "<GetPhoneCallInformationResponse ResponseClass=\"Success\" xmlns=\"{m}\">"
     "<ResponseCode>NoError</ResponseCode><m:PhoneCallInformation xmlns:m=\"{m}\">"
     "<t:PhoneCallState xmlns:t=\"{t}\">{1}</t:PhoneCallState>"
     "<t:ConnectionFailureCause xmlns:t=\"{t}\">{2}</t:ConnectionFailureCause>"
     "[<t:SIPResponseText xmlns:t=\"{t}\">{sip-text}</t:SIPResponseText>]"
     "[<t:SIPResponseCode xmlns:t=\"{t}\">{sip-code}</t:SIPResponseCode>]"
     "</m:PhoneCallInformation></GetPhoneCallInformationResponse>"},
    {UM_VERB_REPLY, "DisconnectPhoneCall", NULL,
     "<DisconnectPhoneCallResponse ResponseClass=\"Success\" xmlns=\"{m}\">"
     "<ResponseCode>NoError</ResponseCode></DisconnectPhoneCallResponse>"},
    {UM_VERB_REPLY, "GetCallInfo", "flat",
     "<m:GetCallInfoResponse xmlns:m=\"{m}\"><m:CallState>{1}</m:CallState>"
     "<m:EventCause>{2}</m:EventCause></m:GetCallInfoResponse>"},
    {UM_VERB_REPLY, "GetCallInfo", NULL,
     "<GetCallInfoResponse xmlns=\"{m}\"><GetCallInfoResponse><CallState>{1}</CallState>"
     "<EventCause>{2}</EventCause></GetCallInfoResponse></GetCallInfoResponse>"},
    {UM_VERB_REPLY, NULL, NULL,
     "<{0}Response xmlns=\"{m}\">[<{0}Response>{call}</{0}Response>]"
     "[<{0}Response>{value}</{0}Response>]</{0}Response>"},

    {UM_VERB_FAULT, NULL, "request",
     "<s:Fault><faultcode xmlns:a=\"{t}\">a:{0}</faultcode>"
     "<faultstring xml:lang=\"en-US\">{text}</faultstring><detail>"
     "<e:ResponseCode xmlns:e=\"{e}\">{0}</e:ResponseCode>"
     "<e:Message xmlns:e=\"{e}\">{text}</e:Message></detail></s:Fault>"},
    {UM_VERB_FAULT, NULL, NULL,
     "<s:Fault><faultcode xmlns:a=\"{e}\">a:{0}</faultcode>"
     "<faultstring xml:lang=\"en-US\">{text}</faultstring><detail>"
     "<m:ExceptionType xmlns:m=\"{m}\">{0}</m:ExceptionType></detail></s:Fault>"},
};

/* What stands around it; the option envelope chooses. */
static const struct {
    const char *name, *head, *tail;
} envelopes[] = {
    {"client", DECLARATION "<soap:Envelope xmlns:soap=\"" ENVELOPE_NS "\"><soap:Body>",
     "</soap:Body></soap:Envelope>"},
    {"asmx",
     DECLARATION "<soap:Envelope xmlns:soap=\"" ENVELOPE_NS "\" xmlns:xsi=\"" XSI
                 "\" xmlns:xsd=\"" XSD "\"><soap:Body>",
     "</soap:Body></soap:Envelope>"},
    {"wcf",
     "<s:Envelope xmlns:s=\"" ENVELOPE_NS "\"><s:Body xmlns:xsi=\"" XSI "\" xmlns:xsd=\"" XSD "\">",
     "</s:Body></s:Envelope>"},
};

static const struct {
    const char *name, *value;
} defaults[] = {
    {"entry", "AAECAwQFBgc="}, {"item", "AAECAwQF"},  {"dial", "5550100"},
    {"text", "example text"},  {"encoding", "utf-8"},
};

static bool
is_text(const char *text, const char *name, size_t len)
{
    return text && strlen(text) == len && memcmp(text, name, len) == 0;
}

static void
add_namespace(const struct um_event *event, const char *last, struct um_bytes *out)
{
    const char *scheme = um_words_option(&event->words, "namespace");
    um_bytes_format(out, "%s://schemas.microsoft.com/exchange/services/2006/%s",
                    scheme ? scheme : "http", last);
}

static const char *
option_of(const struct um_event *event, const char *name, size_t len)
{
    for (size_t i = event->words.option_count; i > 0; i--) {
        if (is_text(event->words.options[i - 1].key, name, len))
            return event->words.options[i - 1].value;
    }
    if (is_text("encoding", name, len))
        return um_words_option(&event->words, "charset");
    return NULL;
}

/* Adds the placeholder's value; false when it has none. */
static bool
add_value(const struct um_event *event, const char *name, size_t len, struct um_bytes *out)
{
    static const char *const namespaces[] = {"messages", "types", "errors"};
    const char *text = NULL;
    if (len == 1 && *name >= '0' && *name <= '3')
        text = um_words_plain(&event->words, (size_t)(*name - '0'));
    else
        text = option_of(event, name, len);
    for (size_t i = 0; i < sizeof namespaces / sizeof namespaces[0]; i++) {
        if (len == 1 && *name == *namespaces[i]) {
            add_namespace(event, namespaces[i], out);
            return true;
        }
    }
    for (size_t i = 0; !text && i < sizeof defaults / sizeof defaults[0]; i++) {
        if (is_text(defaults[i].name, name, len))
            text = defaults[i].value;
    }
    if (text)
        um_bytes_text(out, text);
    return text != NULL;
}

/* Adds `text` with its placeholders filled in; false when one has no value. */
static bool
expand(const struct um_event *event, const char *text, size_t text_len, struct um_bytes *out)
{
    bool good = true;
    for (size_t i = 0; i < text_len;) {
        size_t left = text_len - i - 1;
        const char *close = text[i] == '{' ? memchr(text + i + 1, '}', left) : NULL;
        if (close) {
            size_t len = (size_t)(close - text) - i - 1;
            if (!add_value(event, text + i + 1, len, out)) {
                um_bytes_format(out, "{%.*s}", (int)len, text + i + 1);
                good = false;
            }
            i += len + 2;
        } else {
            um_bytes_add(out, text + i++, 1);
        }
    }
    return good;
}

static void
expand_or_die(const struct um_event *event, const char *text, size_t len, struct um_bytes *out)
{
    size_t before = out->len;
    if (!expand(event, text, len, out))
        um_place_die(&event->place, "a value is missing: %.*s", (int)(out->len - before),
                     (const char *)out->data + before);
}

/* The template with its optional parts. */
static void
expand_template(const struct um_event *event, const char *text, struct um_bytes *out)
{
    while (*text) {
        size_t len = strcspn(text, "[");
        expand_or_die(event, text, len, out);
        text += len;
        if (*text != '[')
            return;
        size_t before = out->len;
        len = strcspn(++text, "]");
        if (!expand(event, text, len, out))
            out->len = before;
        text += len + 1;
    }
}

static const struct template *
find_template(const struct um_event *event)
{
    const char *operation = um_words_plain(&event->words, 0);
    const char *form = um_words_option(&event->words, "form");
    if (!operation)
        um_place_die(&event->place, "the name of the operation or exception is missing");
    for (size_t i = 0; i < sizeof templates / sizeof templates[0]; i++) {
        const struct template *template = &templates[i];
        if (template->verb == event->verb &&
            (!template->operation || strcmp(template->operation, operation) == 0) &&
            (!template->form || (form && strcmp(template->form, form) == 0)))
            return template;
    }
    um_place_die(&event->place, "no template for %s", operation);
}

static size_t
find_envelope(const struct um_event *event)
{
    const char *name = um_words_option(&event->words, "envelope");
    if (!name && event->verb == UM_VERB_REQUEST)
        name = "client";
    if (!name)
        name = event->verb == UM_VERB_FAULT || um_soap_is_ews(event) ? "wcf" : "asmx";
    for (size_t i = 0; i < sizeof envelopes / sizeof envelopes[0]; i++) {
        if (strcmp(envelopes[i].name, name) == 0)
            return i;
    }
    um_place_die(&event->place, "envelope is client, asmx or wcf, not %s", name);
}

void
um_soap_make(const struct um_event *event, struct um_bytes *out)
{
    if (event->text) {
        expand_or_die(event, event->text, event->text_len, out);
        return;
    }
    size_t envelope = find_envelope(event);
    expand_template(event, envelopes[envelope].head, out);
    expand_template(event, find_template(event)->text, out);
    expand_template(event, envelopes[envelope].tail, out);
}

bool
um_soap_is_ews(const struct um_event *event)
{
    const char *operation = um_words_plain(&event->words, 0);
    const char *form = um_words_option(&event->words, "form");
    if (form && (strcmp(form, "ews") == 0 || strcmp(form, "error") == 0))
        return true;
    return operation && (strcmp(operation, "GetPhoneCallInformation") == 0 ||
                         strcmp(operation, "DisconnectPhoneCall") == 0);
}
