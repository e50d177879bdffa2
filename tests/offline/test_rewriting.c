/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Values in their place in a text; which words of a sentence become one is for test_scrub. */
#include "offline/rewriting.h"

#include "core/base/err.h"
#include "tests/support/support.h"

struct fixture {
    struct um_scrub scrub;
    struct um_rewriting rewriting;
};

static void
begin(struct fixture *f)
{
    *f = (struct fixture){.rewriting = {.scrub = &f->scrub}};
    assert_int_equal(um_pseudonyms_with_key(S("a key for tests"), &f->scrub.pseudonyms), UM_OK);
}

static void
end(struct fixture *f)
{
    um_scrub_done(&f->scrub);
    um_pseudonyms_free(f->scrub.pseudonyms);
}

static void
what_is_put_stands_in_its_order(void **state)
{
    (void)state;
    struct fixture f;
    struct um_span out;
    begin(&f);
    um_rewriting_put(&f.rewriting, S("dial "));
    um_rewriting_word(&f.rewriting, "number", S("5550100"));
    um_rewriting_put(&f.rewriting, S("!"));
    assert_int_equal(um_rewriting_finish(&f.rewriting, &out), UM_OK);
    assert_true(um_span_starts(out, S("dial number-")));
    assert_int_equal(out.len, strlen("dial number-0123456789!"));
    assert_int_equal(out.data[out.len - 1], '!');
    end(&f);
}

static void
a_person_is_private_in_every_part_and_any_case(void **state)
{
    (void)state;
    struct fixture f;
    struct um_span out;
    begin(&f);
    um_rewriting_person(&f.rewriting, "mailbox", S("Alice.Smith@contoso.example"));
    assert_int_equal(um_rewriting_finish(&f.rewriting, &out), UM_OK);
    assert_true(um_rewriting_is_private(&f.rewriting, S("ALICE")));
    assert_true(um_rewriting_is_private(&f.rewriting, S("smith")));
    assert_true(um_rewriting_is_private(&f.rewriting, S("alice.smith")));
    assert_false(um_rewriting_is_private(&f.rewriting, S("alicesmith")));
    assert_false(um_rewriting_is_private(&f.rewriting, S("contoso")));
    um_rewriting_learn(&f.rewriting, S("al.bo")); /* too short to be heeded alone */
    assert_false(um_rewriting_is_private(&f.rewriting, S("al")));
    assert_true(um_rewriting_is_private(&f.rewriting, S("al.bo")));
    end(&f);
}

static void
addresses_are_told_from_words_in_each_of_their_forms(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum um_rewriting_address kind;
    } cases[] = {{"10.0.0.1", UM_REWRITING_ADDRESS_ALONE},
                 {"10.0.0.1:443", UM_REWRITING_ADDRESS_WITH_PORT},
                 {"2001:db8::1", UM_REWRITING_ADDRESS_ALONE},
                 {"[2001:db8::1]", UM_REWRITING_ADDRESS_ALONE},
                 {"[2001:db8::1]:443", UM_REWRITING_ADDRESS_WITH_PORT},
                 {"?", UM_REWRITING_ADDRESS_NONE},
                 {"10.0.0", UM_REWRITING_ADDRESS_NONE},
                 {"um01", UM_REWRITING_ADDRESS_NONE},
                 {"", UM_REWRITING_ADDRESS_NONE}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct fixture f;
        struct um_endpoint endpoint;
        struct um_span out, text = um_span_text(cases[i].text);
        begin(&f);
        assert_int_equal(um_rewriting_parse_address(text, &endpoint), cases[i].kind);
        bool is_one = um_rewriting_address(&f.rewriting, text);
        assert_int_equal(is_one, cases[i].kind != UM_REWRITING_ADDRESS_NONE);
        assert_int_equal(um_rewriting_finish(&f.rewriting, &out), UM_OK);
        if (is_one) /* another one of the same form */
            assert_int_equal(um_rewriting_parse_address(out, &endpoint), cases[i].kind);
        assert_int_equal(out.len > 0, is_one);
        assert_false(is_one && um_span_equal(out, text));
        end(&f);
    }
}

static void
what_is_no_call_id_adds_nothing(void **state)
{
    (void)state;
    struct fixture f;
    struct um_span out;
    begin(&f);
    assert_false(um_rewriting_call_id(&f.rewriting, S("opaque-17")));
    assert_int_equal(um_rewriting_finish(&f.rewriting, &out), UM_OK);
    assert_int_equal(out.len, 0);
    end(&f);
}

static void
a_failure_sticks_and_is_told_at_the_end(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct fixture f;
        struct um_span out;
        begin(&f);
        um_test_alloc_fail_at(n);
        um_rewriting_person(&f.rewriting, "user", S("alice"));
        um_rewriting_host(&f.rewriting, S("um01.contoso.example"));
        (void)um_rewriting_address(&f.rewriting, S("10.0.0.1"));
        int err = um_rewriting_finish(&f.rewriting, &out);
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        end(&f);
        if (!has_failed)
            break;
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_put_stands_in_its_order),
        cmocka_unit_test(a_person_is_private_in_every_part_and_any_case),
        cmocka_unit_test(addresses_are_told_from_words_in_each_of_their_forms),
        cmocka_unit_test(what_is_no_call_id_adds_nothing),
        cmocka_unit_test(a_failure_sticks_and_is_told_at_the_end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
