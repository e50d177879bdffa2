/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The root part of multipart/related bodies, each in a heap copy of exactly its size. */
#include "core/http/multipart.h"

#include "core/base/err.h"

#include "tests/support/support.h"

#define TYPE "multipart/related; boundary=\"b\""

/* `content` NULL: no root part. */
static const struct body {
    const char *type, *body, *content, *part_type;
} bodies[] = {
    {TYPE, "--b\r\nContent-Type: text/xml\r\n\r\n<x/>\r\n--b--\r\n", "<x/>", "text/xml"},
    {TYPE, "preamble\r\n--b \t\r\n\r\n<x/>\r\n--b\r\n\r\nother\r\n--b--", "<x/>", ""},
    {TYPE, "--b\n\n<x/>\n--b--\n", "<x/>", ""},
    {TYPE, "--b\r\n\r\n\r\n--b--", "", ""},
    {TYPE, "--b\r\n\r\n<x>cut", "<x>cut", ""},
    {TYPE, "--b\r\n\r\n<x/>\r\n\r\n--b--", "<x/>\r\n", ""},
    {TYPE, "--b--\r\n--b\r\n\r\n<x/>", NULL, NULL}, /* over */
    {TYPE, "no part", NULL, NULL},
    {TYPE, "", NULL, NULL},
    {"multipart/related", "--b\r\n\r\n<x/>", NULL, NULL},
    {"multipart/related; boundary=", "--\r\n\r\n<x/>", NULL, NULL},

    /* the root is told by its Content-ID */
    {TYPE "; start=\"<r>\"",
     "--b\r\nContent-ID: <a>\r\n\r\nfirst\r\n--b\r\ncontent-id: <r>\r\nContent-Type: "
     "t\r\n\r\nroot\r\n--b--",
     "root", "t"},
    /* not known is which is, while the rest may come; then the first */
    {TYPE "; start=\"<no>\"", "--b\r\nContent-ID: <a>\r\n\r\nfirst\r\n", NULL, NULL},
    {TYPE "; start=\"<no>\"", "--b\r\nContent-ID: <a>\r\n\r\nfirst\r\n--b\r\n\r\nsecond\r\n--b--",
     "first", ""},
    /* a `start` without angle brackets was once no part at all */
    {TYPE "; start=\"r\"", "--b\r\n\r\nfirst\r\n--b\r\nContent-ID: <r>\r\n\r\nroot\r\n--b--",
     "root", ""},
    {TYPE "; start=\"<r>\"", "--b\r\n\r\nfirst\r\n--b\r\nContent-ID: r\r\n\r\nroot\r\n--b--",
     "root", ""},

    /* nor was one whose Content-ID stood on a line of its own: RFC 5322 section 2.2.3 */
    {TYPE "; start=\"<r>\"",
     "--b\r\n\r\nfirst\r\n--b\r\nContent-ID:\r\n <r>\r\nContent-Type:\r\n\t t\r\n\r\nroot\r\n--b--",
     "root", "t"},
    {TYPE, "--b\r\nContent-Type: t;\r\n u=v\r\n\r\n root\r\n--b--", " root", "t;\r\n u=v"},
    {TYPE, "--b\r\nContent-Type: t\r\n \r\nroot\r\n--b--", "root", "t"},

    /* A delimiter stands at the beginning of a line, and nothing else stands on that line. It was
       once taken for one wherever its text stood: an envelope that held it was cut there. */
    {TYPE, "--b\r\n\r\n<x>a--b</x>\r\n--b--", "<x>a--b</x>", ""},
    {TYPE, "--b\r\n\r\n<x>\r\n--bc\r\n</x>\r\n--b--", "<x>\r\n--bc\r\n</x>", ""},
    {TYPE, "x--b\r\n\r\nno\r\n--b\r\n\r\nyes\r\n--b--", "yes", ""},
    {TYPE, "--b-inner\r\n\r\nno\r\n--b\r\n\r\nyes\r\n--b--", "yes", ""},
};

static void
root_part_is_found(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        size_t len = strlen(bodies[i].body);
        uint8_t *exact = um_test_exact_copy(bodies[i].body, len);
        struct um_multipart_part part;
        bool is_found = um_multipart_root(S(bodies[i].type), um_span_of(exact, len), &part);
        if (is_found != (bodies[i].content != NULL))
            fail_msg("'%s': %s", bodies[i].body, is_found ? "found" : "not found");
        if (is_found) {
            if (!um_span_equal(part.content, S(bodies[i].content)))
                fail_msg("'%s': is '%.*s'", bodies[i].body, (int)part.content.len,
                         (const char *)part.content.data);
            assert_span_equal(part.content_type, S(bodies[i].part_type));
        }
        free(exact);
    }
}

static void
every_prefix_gives_a_beginning_of_the_root_or_nothing(void **state)
{
    (void)state;
    const char *body = "--b\r\nContent-Type: text/xml\r\n\r\n<x>text</x>\r\n--b--\r\n";
    size_t whole = 0;
    for (size_t len = 0; len <= strlen(body); len++) {
        uint8_t *exact = um_test_exact_copy(body, len);
        struct um_multipart_part part;
        if (um_multipart_root(S(TYPE), um_span_of(exact, len), &part)) {
            /* until the delimiter is there, its beginning may be content */
            struct um_span wanted = S("<x>text</x>\r\n--b-");
            assert_true(um_span_starts(wanted, part.content));
            whole += um_span_equal(part.content, S("<x>text</x>"));
        }
        free(exact);
    }
    assert_true(whole > 0);
}

/* An envelope in base64 was once said to be XML that is not well-formed. */
static void
transfer_encodings_are_undone(void **state)
{
    (void)state;
    static const struct {
        const char *encoding, *content, *plain;
    } cases[] = {
        {"base64", "PHgv\r\nPg==\r\n", "<x/>"},
        {"BASE64", "PHgvPg", "<x/>"},
        {"base64", "PHgv!P", "<x/"}, /* cut */
        {"base64", "", ""},
        {"base64", "====", ""},
        {"quoted-printable", "<x a=3D\"=c3=A9\"=\r\n/=\n>", "<x a=\"\xc3\xa9\"/>"},
        {"quoted-printable", "1=2g=", "1=2g="}, /* no encoding at all */
        {"quoted-printable", "x=3", "x=3"},
        {"8bit", "PHgvPg==", "PHgvPg=="},
        {"", "PHgvPg==", "PHgvPg=="},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_buf body = {0};
        assert_int_equal(um_buf_printf(&body,
                                       "--b\r\nContent-Transfer-Encoding: %s\r\n\r\n%s\r\n--b--",
                                       cases[i].encoding, cases[i].content),
                         UM_OK);
        uint8_t *exact = um_test_exact_copy(body.data, body.len);
        struct um_buf copy = {.data = exact, .len = body.len};
        struct um_multipart_part part;
        assert_true(um_multipart_root(S(TYPE), um_buf_span(&copy), &part));
        um_multipart_undo_encoding(&part, &copy);
        assert_span_equal(part.content, S(cases[i].plain));
        free(exact);
        um_buf_done(&body);
    }
}

static void
boundary_has_a_longest(void **state)
{
    (void)state;
    char boundary[72], type[200], body[200];
    for (size_t len = 70; len <= 71; len++) {
        memset(boundary, 'x', len);
        boundary[len] = '\0';
        strcat(strcpy(type, "multipart/related; boundary="), boundary);
        strcat(strcat(strcpy(body, "--"), boundary), "\r\n\r\n<x/>");
        struct um_multipart_part part;
        assert_int_equal(um_multipart_root(S(type), S(body), &part), len == 70);
    }
}

static void
only_related_parts_have_a_root(void **state)
{
    (void)state;
    assert_true(um_multipart_is_related(S("Multipart/RELATED; boundary=b")));
    assert_false(um_multipart_is_related(S("multipart/mixed; boundary=b")));
    assert_false(um_multipart_is_related(S("")));
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(root_part_is_found),
        cmocka_unit_test(every_prefix_gives_a_beginning_of_the_root_or_nothing),
        cmocka_unit_test(transfer_encodings_are_undone),
        cmocka_unit_test(boundary_has_a_longest),
        cmocka_unit_test(only_related_parts_have_a_root),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
