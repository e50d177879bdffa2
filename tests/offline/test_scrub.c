/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What of a text may stay, and what becomes a pseudonym: told as patterns, '#' being ten letters.
 */
#include "offline/scrub.h"

#include <fnmatch.h>
#include <string.h>

#include "core/base/err.h"
#include "core/um/call_id.h"
#include "tests/support/support.h"

static struct um_scrub
open_scrub(void)
{
    struct um_scrub scrub = {0};
    assert_int_equal(um_pseudonyms_with_key(um_span_text("a key for tests"), &scrub.pseudonyms),
                     UM_OK);
    return scrub;
}

static void
close_scrub(struct um_scrub *scrub)
{
    um_scrub_done(scrub);
    um_pseudonyms_free(scrub->pseudonyms);
}

typedef int scrub_fn(struct um_scrub *scrub, struct um_span text, struct um_span *out);

/* "#" becomes "??????????"; the rest of the pattern is plain. */
static void
expect(struct um_scrub *scrub, scrub_fn *run, const char *text, const char *pattern)
{
    static const char letters[] = "[^aeiou ]?????????";
    char glob[1024] = "";
    for (const char *p = pattern; *p; p++) {
        const char plain[] = {'\\', *p, '\0'};
        strcat(glob, *p == '#' ? letters : plain);
    }
    struct um_span out;
    assert_int_equal(run(scrub, um_span_text(text), &out), UM_OK);
    if (fnmatch(glob, (const char *)out.data, 0) != 0)
        fail_msg("'%s' became '%s', not '%s'", text, (const char *)out.data, pattern);
}

static void
sentences_keep_words_and_lose_names(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pattern;
    } cases[] = {
        {"", ""},
        {"The number cannot be dialled.", "The number cannot be dialled."},
        {"Busy Here", "Busy Here"},
        {"486", "486"},
        {"The call InvalidCallIdException was not found.",
         "The call InvalidCallIdException was not found."},
        {"Mailbox alice.smith@contoso.example is disabled.", "Mailbox mailbox-# is disabled."},
        {"<alice@contoso.example>", "<mailbox-#>"},
        {"User CONTOSO\\asmith has no access", "User user-# has no access"},
        {"server um01.contoso.example:5061 is down", "server host-#:5061 is down"},
        {"server um01.contoso.example, which", "server host-#, which"},
        {"Please call +1 (425) 555-0123 later.", "Please call number-# later."},
        {"dial 5550100", "dial number-#"},
        {"dial 555 0100 now", "dial number-# now"},
        {"extension 4711", "extension number-#"},
        {"error 12", "error 12"},
        {"the owner Alice Smith", "the owner word-# word-#"},
        {"the mailbox 'bob' is gone", "the mailbox 'word-#' is gone"},
        {"mailbox: bob", "mailbox: word-#"},
        {"user=bob", "user=word-#"},
        {"at http://um01.contoso.example/EWS/bob?x=1 now", "at http://host-#/EWS/part-#?x=1 now"},
        {"id 3f2a9c10-5b7e-4d21-9a6f-0c1d2e3f0001", "id word-#"},
        {"build 15.0.1497.2", "build number-#"},
        {"na\xc3\xafve", "word-#"},
        {"a\xff\x01z", "word-#\x01z"},
        {"--- / ...", "--- / ..."},
        {"[5550100] [x] [", "[number-#] [x] ["},
        {"x\n5550100\nx", "x\nnumber-#\nx"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_scrub scrub = open_scrub();
        expect(&scrub, um_scrub_text, cases[i].text, cases[i].pattern);
        close_scrub(&scrub);
    }
}

static void
addresses_in_sentences_stay_addresses(void **state)
{
    (void)state;
    struct um_scrub scrub = open_scrub();
    struct um_span a, b;
    struct um_endpoint endpoint;
    assert_int_equal(um_scrub_text(&scrub, um_span_text("10.0.0.1"), &a), UM_OK);
    assert_int_equal(um_scrub_text(&scrub, um_span_text("from 10.0.0.1:443."), &b), UM_OK);
    assert_memory_equal(b.data + 5, a.data, a.len);
    assert_string_equal((const char *)b.data + 5 + a.len, ":443.");
    assert_true(um_endpoint_parse(um_span_of(b.data + 5, b.len - 6), &endpoint));
    assert_int_equal(endpoint.address[0] & 0xF0, 0xF0);
    assert_int_equal(um_scrub_text(&scrub, um_span_text("on [10.0.0.1]"), &b), UM_OK);
    assert_memory_equal(b.data + 4, a.data, a.len);
    assert_int_equal(um_scrub_text(&scrub, um_span_text("2001:db8::1 or"), &a), UM_OK);
    assert_int_equal(um_span_search(a, um_span_text("fd")), 0);
    assert_int_equal(um_scrub_text(&scrub, um_span_text("[2001:db8::1]:80"), &a), UM_OK);
    assert_int_equal(um_span_search(a, um_span_text("[fd")), 0);
    close_scrub(&scrub);
}

static void
targets_keep_what_every_installation_has(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pattern;
    } cases[] = {
        {"/EWS/UM2007Legacy.asmx", "/EWS/UM2007Legacy.asmx"},
        {"/ews/exchange.asmx/WSDL", "/ews/exchange.asmx/WSDL"},
        {"/EWS/alice@contoso.example/x?mailbox=bob", "/EWS/mailbox-#/part-#?part-#=part-#"},
        {"/~asmith/", "/part-#/"},
        {"http://mail.contoso.example:8080/EWS/", "http://host-#:8080/EWS/"},
        {"https://bob:secret@mail.contoso.example", "https://user-#@host-#"},
        {"mail.contoso.example:443", "host-#:443"},
        {"*", "*"},
        {"/", "/"},
        {"/%61lice", "/part-#"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_scrub scrub = open_scrub();
        expect(&scrub, um_scrub_target, cases[i].text, cases[i].pattern);
        close_scrub(&scrub);
    }
}

/* A name was once kept for beginning a sentence. */
static void
words_at_the_beginning_of_a_sentence_are_words_like_others(void **state)
{
    (void)state;
    static const struct {
        const char *text, *pattern;
    } cases[] = {
        {"Huber is not enabled. Greta may not call.",
         "word-# is not enabled. word-# may not call."},
        {"The user is not enabled.", "The user is not enabled."},
        {"Ringing", "Ringing"},
        {"Huber", "word-#"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_scrub scrub = open_scrub();
        expect(&scrub, um_scrub_text, cases[i].text, cases[i].pattern);
        close_scrub(&scrub);
    }
}

static void
what_was_private_once_is_private_everywhere(void **state)
{
    (void)state;
    struct um_scrub scrub = open_scrub();
    expect(&scrub, um_scrub_text, "no asmith here", "no asmith here");
    expect(&scrub, um_scrub_target, "/EWS/asmith@contoso.example", "/EWS/mailbox-#");
    expect(&scrub, um_scrub_text, "no asmith here", "no word-# here");
    expect(&scrub, um_scrub_text, "no ASmith here", "no word-# here");
    expect(&scrub, um_scrub_number, "4711", "number-#");
    expect(&scrub, um_scrub_name, "Asmith", "word-#");
    close_scrub(&scrub);
}

static void
call_ids_keep_their_form(void **state)
{
    (void)state;
    static const char *const ids[] = {
        "M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2YwMDAxQHVtMDEuZXhhbXBsZS5jb20=",
        "M2YyYTljMTAtNWI3ZS00ZDIxLTlhNmYtMGMxZDJlM2YwMDAxfHVtMDEuZXhhbXBsZS5jb20="};
    struct um_scrub scrub = open_scrub();
    struct um_arena arena = {0};
    struct um_span server = {0};
    for (size_t i = 0; i < 2; i++) {
        struct um_span out;
        struct um_call_id before, after;
        assert_int_equal(um_scrub_call_id(&scrub, um_span_text(ids[i]), &out), UM_OK);
        assert_int_equal(um_call_id_parse(um_span_text(ids[i]), &arena, &before), UM_OK);
        assert_int_equal(um_call_id_parse(out, &arena, &after), UM_OK);
        assert_string_equal(after.guid, before.guid);
        assert_int_equal(after.separator, before.separator);
        assert_false(um_span_equal(after.server, before.server));
        if (i > 0)
            assert_true(um_span_equal(after.server, server));
        server = after.server;
    }
    expect(&scrub, um_scrub_call_id, "UM-CALL-0042", "id-#");
    expect(&scrub, um_scrub_call_id, "QUJDRA==", "id-#");
    um_arena_done(&arena);
    close_scrub(&scrub);
}

static void
spellings_of_a_host_stay_apart_and_alike(void **state)
{
    (void)state;
    struct um_scrub scrub = open_scrub();
    struct um_span small, capital, other;
    assert_int_equal(um_scrub_host(&scrub, um_span_text("um01.example.com"), &small), UM_OK);
    assert_int_equal(um_scrub_host(&scrub, um_span_text("UM01.example.com"), &capital), UM_OK);
    assert_int_equal(um_scrub_host(&scrub, um_span_text("um02.example.com"), &other), UM_OK);
    assert_false(um_span_equal(small, capital));
    assert_true(um_span_equal_nocase(small, capital));
    assert_false(um_span_equal_nocase(small, other));
    close_scrub(&scrub);
}

static void
another_key_gives_other_words(void **state)
{
    (void)state;
    struct um_pseudonyms *a, *b, *c;
    struct um_span of_a, of_b, of_c;
    assert_int_equal(um_pseudonyms_new(&a), UM_OK);
    assert_int_equal(um_pseudonyms_new(&b), UM_OK);
    assert_int_equal(um_pseudonyms_with_key(um_span_text("k"), &c), UM_OK);
    assert_int_equal(um_pseudonym_word(a, "number", um_span_text("5550100"), &of_a), UM_OK);
    assert_int_equal(um_pseudonym_word(b, "number", um_span_text("5550100"), &of_b), UM_OK);
    assert_int_equal(um_pseudonym_word(c, "number", um_span_text("5550100"), &of_c), UM_OK);
    assert_false(um_span_equal(of_a, of_b));
    assert_false(um_span_equal(of_a, of_c));
    um_pseudonyms_free(a);
    um_pseudonyms_free(b);
    um_pseudonyms_free(c);
}

static void
addresses_never_fall_together(void **state)
{
    (void)state;
    struct um_pseudonyms *pseudonyms;
    struct um_symbols seen = {0};
    assert_int_equal(um_pseudonyms_with_key(um_span_text("k"), &pseudonyms), UM_OK);
    for (uint32_t i = 0; i < 60000; i++) {
        struct um_endpoint endpoint = {
            .address = {10, (uint8_t)(i >> 16), (uint8_t)(i >> 8), (uint8_t)i},
            .address_len = 4,
            .port = 80};
        assert_int_equal(um_pseudonym_address(pseudonyms, &endpoint), UM_OK);
        assert_int_equal(endpoint.port, 80);
        assert_int_equal(um_symbols_add(&seen, um_span_of(endpoint.address, 4), NULL, NULL), UM_OK);
    }
    assert_int_equal(seen.count, 60000);
    um_symbols_done(&seen);
    um_pseudonyms_free(pseudonyms);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sentences_keep_words_and_lose_names),
        cmocka_unit_test(addresses_in_sentences_stay_addresses),
        cmocka_unit_test(targets_keep_what_every_installation_has),
        cmocka_unit_test(words_at_the_beginning_of_a_sentence_are_words_like_others),
        cmocka_unit_test(what_was_private_once_is_private_everywhere),
        cmocka_unit_test(call_ids_keep_their_form),
        cmocka_unit_test(spellings_of_a_host_stay_apart_and_alike),
        cmocka_unit_test(another_key_gives_other_words),
        cmocka_unit_test(addresses_never_fall_together),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
