/* SPDX-License-Identifier: GPL-2.0-or-later */
/* CallIds: both known forms, and that everything else stays what it is. */
#include "core/um/call_id.h"

#include "core/base/err.h"
#include "tests/support/support.h"

#define GUID "09df9edc-4e23-4709-bdaf-7be20cb0ae56"

/* Base64 by the book, to make ids with; the arena owns it. */
static char *
base64(struct um_arena *arena, struct um_span plain)
{
    static const char letters[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    char *out = um_arena_alloc(arena, (plain.len + 2) / 3 * 4 + 1), *at = out;
    assert_non_null(out);
    for (size_t i = 0; i < plain.len; i += 3) {
        size_t left = plain.len - i;
        uint32_t bits = (uint32_t)plain.data[i] << 16;
        bits |= left > 1 ? (uint32_t)plain.data[i + 1] << 8 : 0;
        bits |= left > 2 ? (uint32_t)plain.data[i + 2] : 0;
        *at++ = letters[bits >> 18];
        *at++ = letters[bits >> 12 & 63];
        *at++ = left > 1 ? letters[bits >> 6 & 63] : '=';
        *at++ = left > 2 ? letters[bits & 63] : '=';
    }
    return out;
}

static struct um_call_id
parse(struct um_arena *arena, struct um_span text)
{
    struct um_call_id id;
    uint8_t *heap = um_test_exact_copy(text.data, text.len);
    assert_int_equal(um_call_id_parse(um_span_of(heap, text.len), arena, &id), UM_OK);
    free(heap); /* nothing of `id` may point there */
    return id;
}

static void
call_id_of_the_reference_page_is_read(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    static const char text[] =
        "MDlkZjllZGMtNGUyMy00NzA5LWJkYWYtN2JlMjBjYjBhZTU2QGRmLWV1bS0wMS5leGNo"
        "YW5nZS5jb3JwLm1pY3Jvc29mdC5jb20=";
    struct um_call_id id = parse(&arena, S(text));
    assert_span_equal(id.key, S(text));
    assert_string_equal(id.guid, GUID);
    assert_int_equal(id.separator, '@');
    assert_span_equal(id.server, S("df-eum-01.exchange.corp.microsoft.com"));
    um_arena_done(&arena);
}

static void
call_id_is_read_with_both_separators_and_every_length_of_host(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    for (int separator = 0; separator < 2; separator++) {
        for (int len = 1; len < 300; len++) {
            char *plain = um_arena_printf(&arena, GUID "%c%0*d", "@|"[separator], len, 7);
            struct um_call_id id = parse(&arena, S(base64(&arena, S(plain))));
            assert_string_equal(id.guid, GUID);
            assert_int_equal(id.separator, "@|"[separator]);
            assert_span_equal(id.server, S(plain + UM_GUID_LEN + 1));
        }
    }
    um_arena_done(&arena);
}

static void
call_id_guid_is_folded_and_the_host_is_not(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    struct um_call_id id = parse(
        &arena, S(base64(&arena, S("09DF9EDC-4E23-4709-BDAF-7BE20CB0AE56|UM-01.Example.com"))));
    assert_string_equal(id.guid, GUID);
    assert_span_equal(id.server, S("UM-01.Example.com"));
    um_arena_done(&arena);
}

static void
call_id_key_is_the_text_without_white_space_anywhere(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    char *text = base64(&arena, S(GUID "@um.example.com"));
    char *spaced =
        um_arena_printf(&arena, " \r\n\t%.20s\r\n  %.10s\t%s \n", text, text + 20, text + 30);
    struct um_call_id id = parse(&arena, S(spaced));
    assert_span_equal(id.key, S(text));
    assert_string_equal(id.guid, GUID);
    assert_span_equal(parse(&arena, S(" um call\n42 ")).key, S("umcall42"));
    assert_int_equal(parse(&arena, S(" \t\r\n")).key.len, 0);
    assert_int_equal(parse(&arena, um_span_of(NULL, 0)).key.len, 0);
    um_arena_done(&arena);
}

static void
call_id_with_folded_case_is_another_id(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    char *text = base64(&arena, S(GUID "@um.example.com"));
    struct um_call_id id = parse(&arena, S(text));
    for (char *c = text; *c; c++)
        *c = (char)(*c >= 'A' && *c <= 'Z' ? *c + 32 : *c);
    struct um_call_id folded = parse(&arena, S(text));
    assert_false(um_span_equal(id.key, folded.key));
    assert_true(um_span_equal_nocase(id.key, folded.key));
    assert_string_equal(folded.guid, "");
    assert_int_equal(folded.separator, 0);
    um_arena_done(&arena);
}

static void
call_id_of_any_other_form_is_opaque(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    static const char *const decoded[] = {
        GUID,                                          /* no separator */
        GUID "@",                                      /* no host */
        GUID "#um.example.com",                        /* another separator */
        GUID "@um example",                            /* a host with a space */
        GUID "@um\x01",                                /* not printable */
        GUID "@\xC3\xBCm.example.com",                 /* not ASCII */
        "{" GUID "}@um.example.com",                   /* braces */
        "09df9edc4e234709bdaf7be20cb0ae56@um",         /* no dashes */
        "09df9edc-4e23-4709-bdaf-7be20cb0ae5g@um",     /* g is no digit */
        "09df9edc-4e23-4709-bdaf_7be20cb0ae56@um",     /* a wrong dash */
        "09df9edc-4e23-4709-bdaf-7be20cb0ae56 @um.ex", /* a space before the separator */
        "x",
    };
    for (size_t i = 0; i < sizeof decoded / sizeof *decoded; i++) {
        struct um_call_id id = parse(&arena, S(base64(&arena, S(decoded[i]))));
        assert_string_equal(id.guid, "");
        assert_int_equal(id.separator, 0);
        assert_int_equal(id.server.len, 0);
    }
    struct um_call_id id = parse(&arena, S(GUID "@um.example.com")); /* not base64 at all */
    assert_string_equal(id.guid, "");
    assert_span_equal(id.key, S(GUID "@um.example.com"));
    um_arena_done(&arena);
}

static void
call_id_base64_is_taken_strictly(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    char *good = base64(&arena, S(GUID "@um.examples"));  /* 48 bytes: no padding */
    char *padded = base64(&arena, S(GUID "@um.example")); /* 47: one */
    char *twice = base64(&arena, S(GUID "@um.exampl"));   /* 46: two */
    size_t len = strlen(good);
    assert_string_not_equal(parse(&arena, S(good)).guid, "");
    assert_string_not_equal(parse(&arena, S(padded)).guid, "");
    assert_string_not_equal(parse(&arena, S(twice)).guid, "");
    for (size_t n = 0; n < len; n++) /* a prefix is an id of its own, never read by half */
        assert_int_equal(parse(&arena, um_span_of(good, n)).guid[0] != '\0',
                         n % 4 == 0 && n / 4 * 3 > UM_GUID_LEN + 1);

    const char *const bad[] = {
        um_arena_printf(&arena, "%s====", good),
        um_arena_printf(&arena, "%s=", good),
        um_arena_printf(&arena, "%.*s", (int)strlen(padded) - 1, padded), /* padding gone */
        um_arena_printf(&arena, "%.*s-_==", (int)len, good),              /* the URL alphabet */
        um_arena_printf(&arena, "%.10s=%s", good, good + 11),
        um_arena_printf(&arena, "%.10s.%s", good, good + 11),
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        assert_string_equal(parse(&arena, S(bad[i])).guid, "");

    padded[strlen(padded) - 2]++; /* an unused bit, which no encoder sets */
    assert_string_equal(parse(&arena, S(padded)).guid, "");
    um_arena_done(&arena);
}

static void
call_id_far_longer_than_a_server_takes_is_read_whole(void **state)
{
    (void)state;
    struct um_arena arena = {0};
    char *plain = um_arena_printf(&arena, GUID "@%050000d", 1);
    char *text = base64(&arena, S(plain));
    struct um_call_id id = parse(&arena, S(text));
    assert_int_equal(id.key.len, strlen(text));
    assert_int_equal(id.server.len, 50000);
    assert_string_equal(id.guid, GUID);
    um_arena_done(&arena);
}

static void
guid_is_thirty_six_characters_of_its_form(void **state)
{
    (void)state;
    assert_true(um_call_id_is_guid(S(GUID)));
    assert_true(um_call_id_is_guid(S("09DF9EDC-4E23-4709-BDAF-7BE20CB0AE56")));
    assert_false(um_call_id_is_guid(S("")));
    for (size_t i = 0; i < UM_GUID_LEN; i++) {
        char text[] = GUID;
        assert_false(um_call_id_is_guid(um_span_of(text, i)));
        text[i] = text[i] == '-' ? 'a' : '-';
        assert_false(um_call_id_is_guid(S(text)));
        text[i] = 'G';
        assert_false(um_call_id_is_guid(S(text)));
    }
    assert_false(um_call_id_is_guid(S(GUID "0")));
}

static void
call_id_survives_each_failing_allocation(void **state)
{
    (void)state;
    struct um_arena ids = {0};
    char *plain = um_arena_printf(&ids, GUID "@%06000d", 1);
    struct um_span text = S(base64(&ids, S(plain)));
    for (size_t n = 0;; n++) {
        struct um_arena arena = {0};
        struct um_call_id id = {.separator = 'x'};
        um_test_alloc_fail_at(n);
        int err = um_call_id_parse(text, &arena, &id);
        bool failed = um_test_alloc_reset();
        assert_int_equal(err, failed ? UM_ERR_NOMEM : UM_OK);
        assert_int_equal(id.separator, failed ? 'x' : '@');
        um_arena_done(&arena);
        if (!failed)
            break;
        assert_true(n < 10);
    }
    um_arena_done(&ids);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(call_id_of_the_reference_page_is_read),
        cmocka_unit_test(call_id_is_read_with_both_separators_and_every_length_of_host),
        cmocka_unit_test(call_id_guid_is_folded_and_the_host_is_not),
        cmocka_unit_test(call_id_key_is_the_text_without_white_space_anywhere),
        cmocka_unit_test(call_id_with_folded_case_is_another_id),
        cmocka_unit_test(call_id_of_any_other_form_is_opaque),
        cmocka_unit_test(call_id_base64_is_taken_strictly),
        cmocka_unit_test(call_id_far_longer_than_a_server_takes_is_read_whole),
        cmocka_unit_test(guid_is_thirty_six_characters_of_its_form),
        cmocka_unit_test(call_id_survives_each_failing_allocation),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
