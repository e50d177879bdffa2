/* SPDX-License-Identifier: GPL-2.0-or-later */
/* A glance may only refuse: what a parser might find ours is never foreign. */
#include "core/um/glance.h"

#include <stdio.h>

#include "tests/support/support.h"

#define SOAP "<s:Envelope xmlns:s='http://schemas.xmlsoap.org/soap/envelope/'>"
#define HEADER "<s:Header><Body><GetCallInfo/></Body></s:Header>"

static struct um_glance glance; /* remembers through all tests, and may change no answer */

static bool
is_foreign(const char *text, size_t len)
{
    uint8_t *heap = um_test_exact_copy(text, len);
    bool result = um_glance_is_foreign(&glance, um_span_of(heap, len));
    struct um_glance none = {0};
    assert_int_equal(result, um_glance_is_foreign(&none, um_span_of(heap, len)));
    free(heap);
    return result;
}

/* Of every prefix: foreign at last, and from there on. */
static void
assert_foreign(const char *text)
{
    bool was_foreign = false;
    for (size_t len = 0; len <= strlen(text); len++) {
        bool now = is_foreign(text, len);
        assert_true(now || !was_foreign);
        was_foreign = now;
    }
    assert_true(was_foreign);
}

static void
assert_left_to_the_parser(const char *text)
{
    for (size_t len = 0; len <= strlen(text); len++)
        assert_false(is_foreign(text, len));
}

/*
 * A byte that no name holds stood behind the operation's name, and the glance took both for another
 * name: the body was foreign when it came in one piece, and a malformed message of ours in several.
 */
static void
tag_with_bytes_that_no_name_holds_is_left_to_the_parser(void **state)
{
    (void)state;
    assert_left_to_the_parser(SOAP
                              "<s:Body><m:GetCallInfo\x01<m:CallId/></m:GetCallInfo></s:Body>");
    assert_left_to_the_parser("<s:Envelope\x01<a></a></s:Envelope>");
}

static void
body_with_another_first_element_is_foreign(void **state)
{
    (void)state;
    assert_foreign(SOAP "<s:Body><FindItem xmlns='urn:x'>");
    assert_foreign("<?xml version='1.0'?>\r\n" SOAP "<s:Body a='>' b=\"'/>\">\n<m:FindItem/>");
    assert_foreign("\xef\xbb\xbf" SOAP "<s:Header/><s:Body><x/>");
    assert_foreign(SOAP "<s:Header><a><b/></a></s:Header><s:Body><GetCallInfos>");
}

static void
root_that_is_no_envelope_is_foreign(void **state)
{
    (void)state;
    assert_foreign("<html>");
    assert_foreign("<?xml version='1.0'?><rss version='2'>");
    assert_foreign("<s:Envelopes>");
}

static void
messages_and_faults_are_left_to_the_parser(void **state)
{
    (void)state;
    assert_left_to_the_parser(SOAP "<s:Body><GetCallInfo xmlns='urn:x'><CallId>x</CallId>");
    assert_left_to_the_parser(SOAP "<s:Body><m:PlayOnPhoneResponse>");
    assert_left_to_the_parser(SOAP "<s:Body><s:Fault><faultcode/><x/></s:Fault></s:Body>");
    assert_left_to_the_parser(SOAP HEADER "<s:Body><Disconnect>");
}

static void
what_looks_like_a_body_in_the_header_is_not_it(void **state)
{
    (void)state;
    assert_left_to_the_parser(SOAP "<s:Header><Body><x/></Body></s:Header>"
                                   "<s:Body><GetCallInfo/>");
    assert_foreign(SOAP HEADER "<s:Body><x/>");
}

static void
what_is_not_plain_is_left_to_the_parser(void **state)
{
    (void)state;
    static const char utf16[] = "<\0h\0t\0m\0l\0>";
    assert_false(um_glance_is_foreign(&glance, um_span_of(utf16, sizeof utf16)));
    assert_left_to_the_parser("");
    assert_left_to_the_parser("  <html>");
    assert_left_to_the_parser("{\"json\": true}");
    assert_left_to_the_parser("<!DOCTYPE html><html>");
    assert_left_to_the_parser(SOAP "<s:Body><!-- <x> --><GetCallInfo>");
    assert_left_to_the_parser(SOAP "<s:Body><![CDATA[<x>]]><GetCallInfo>");
    assert_left_to_the_parser(SOAP "</s:Envelope></x></y><z>");
    assert_left_to_the_parser("</x><html>");
    assert_left_to_the_parser("<>");
}

/* More kinds than are remembered, and beginnings that are too long for it, are told as before. */
static void
what_is_not_remembered_is_looked_at(void **state)
{
    (void)state;
    char text[4 * UM_GLANCE_BYTES];
    for (int i = 0; i < 3 * UM_GLANCE_SEEN; i++) {
        (void)snprintf(text, sizeof text, SOAP "<s:Body><Find%d/>", i % (2 * UM_GLANCE_SEEN));
        assert_true(is_foreign(text, strlen(text)));
        (void)snprintf(text, sizeof text, SOAP "<s:Header>%*d</s:Header><s:Body><Find/>",
                       UM_GLANCE_BYTES - 60 + 10 * i, i);
        assert_true(is_foreign(text, strlen(text)));
        (void)snprintf(text, sizeof text, SOAP "<s:Body><GetCallInfo a='%d'/>", i);
        assert_false(is_foreign(text, strlen(text)));
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tag_with_bytes_that_no_name_holds_is_left_to_the_parser),
        cmocka_unit_test(body_with_another_first_element_is_foreign),
        cmocka_unit_test(root_that_is_no_envelope_is_foreign),
        cmocka_unit_test(messages_and_faults_are_left_to_the_parser),
        cmocka_unit_test(what_looks_like_a_body_in_the_header_is_not_it),
        cmocka_unit_test(what_is_not_plain_is_left_to_the_parser),
        cmocka_unit_test(what_is_not_remembered_is_looked_at),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
