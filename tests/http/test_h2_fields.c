/* SPDX-License-Identifier: GPL-2.0-or-later */
/* From the fields of a header block to a message with a head of HTTP/1's shape. */
#include "offline/http/h2_fields.h"

#include "core/base/err.h"
#include "tests/support/support.h"

struct field {
    const char *name, *value;
};

static int
add_all(struct um_h2_fields *fields, const struct field *list, size_t count)
{
    int err = UM_OK;
    for (size_t i = 0; i < count && !err; i++)
        err = um_h2_fields_add(fields, S(list[i].name), S(list[i].value));
    return err;
}

/* The message's head. */
static void
assert_head(const struct field *list, size_t count, uint64_t max, bool is_reply, const char *head)
{
    struct um_h2_fields fields = {.max = max};
    struct um_http_message *message;
    assert_int_equal(add_all(&fields, list, count), UM_OK);
    assert_int_equal(um_h2_fields_message(&fields, is_reply, &message), UM_OK);
    assert_span_equal(message->head, S(head));
    assert_int_equal(message->framing, UM_HTTP_FRAMING_H2);
    assert_int_equal(message->is_reply, is_reply);
    free(message);
    um_h2_fields_done(&fields);
}

#define HEAD(is_reply, head, ...)                                                                  \
    do {                                                                                           \
        const struct field list_[] = {__VA_ARGS__};                                                \
        assert_head(list_, sizeof list_ / sizeof *list_, 1000, is_reply, head);                    \
    } while (0)

static void
pseudo_header_fields_make_the_start_line(void **state)
{
    (void)state;
    HEAD(false, "POST /ews HTTP/2\r\nhost: um.example\r\nsoapaction: \"x\"\r\n",
         {":method", "POST"}, {":scheme", "https"}, {":path", "/ews"}, {":authority", "um.example"},
         {"soapaction", "\"x\""});
    HEAD(true, "HTTP/2 200\r\nserver: x\r\n", {":status", "200"}, {"server", "x"});
    HEAD(false, "CONNECT um.example:443 HTTP/2\r\nhost: um.example:443\r\n", {":method", "CONNECT"},
         {":authority", "um.example:443"});
    HEAD(false, "GET / HTTP/2\r\n", {":method", "GET"}, {":path", "/"}, {":path", "/second"});
}

static void
what_is_not_known_reads_so(void **state)
{
    (void)state;
    HEAD(false, "? ? HTTP/2\r\n?: ?\r\n", {"?", "?"});
    HEAD(true, "HTTP/2 0\r\n?: ?\r\n", {"?", "?"});
    HEAD(true, "HTTP/2 0\r\n", {":status", "20x"});
    HEAD(true, "HTTP/2 0\r\n", {":status", "1000"});
    HEAD(false, "GET ? HTTP/2\r\n", {":method", "GET"}, {":path", "  "});
}

/* A value with a line end in it was meant to make two fields of one where HTTP/1 is spoken. */
static void
no_field_forges_another(void **state)
{
    (void)state;
    HEAD(false, "GET /a??b HTTP/2\r\nx: y  content-length: 9\r\n", {":method", "GET"},
         {":path", "/a\r\nb"}, {"x", "y\r\ncontent-length: 9"});
    HEAD(false, "G?T / HTTP/2\r\nx??y: z\r\n", {":method", "G T"}, {":path", "/"}, {"x: y", "z"});
    HEAD(true, "HTTP/2 200\r\n", {":status", "200"}, {"transfer-encoding", "chunked"});
}

static void
trailers_begin_no_message(void **state)
{
    (void)state;
    static const struct {
        struct field field;
        bool is_request, is_reply, has_start, are_trailers;
    } cases[] = {
        {{":method", "GET"}, true, false, true, false},
        {{":status", "200"}, false, true, true, false},
        {{":path", "/"}, false, false, true, false},
        {{"?", "?"}, false, false, false, false}, /* anything may be among them */
        {{"grpc-status", "0"}, false, false, false, true},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct um_h2_fields fields = {.max = 1000};
        assert_int_equal(add_all(&fields, &cases[i].field, 1), UM_OK);
        assert_int_equal(um_h2_fields_is_request(&fields), cases[i].is_request);
        assert_int_equal(um_h2_fields_is_reply(&fields), cases[i].is_reply);
        assert_int_equal(um_h2_fields_has_start(&fields), cases[i].has_start);
        assert_int_equal(um_h2_fields_are_trailers(&fields), cases[i].are_trailers);
        um_h2_fields_done(&fields);
    }
}

static void
fields_above_the_most_are_left_out(void **state)
{
    (void)state;
    static const struct field list[] = {
        {":method", "GET"}, {":path", "/"}, {"a", "1234"}, {"b", "5"}};
    for (uint64_t max = 5; max < 40; max++) {
        struct um_h2_fields fields = {.max = max};
        assert_int_equal(add_all(&fields, list, 4), UM_OK);
        assert_true(fields.lines.len <= max + 4); /* what a line has beside name and value */
        assert_int_equal(fields.is_long, max < 15);
        um_h2_fields_done(&fields);
    }
}

static void
nth_allocation_failing_is_told_and_leaks_nothing(void **state)
{
    (void)state;
    static const struct field list[] = {{":method", "GET"}, {":path", "/"}, {"a", "b"}};
    bool has_failed = true;
    for (size_t n = 0; has_failed; n++) {
        struct um_h2_fields fields = {.max = 1000};
        struct um_http_message *message = NULL;
        um_test_alloc_fail_at(n);
        int err = add_all(&fields, list, 3);
        if (!err)
            err = um_h2_fields_message(&fields, false, &message);
        has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        free(message);
        um_h2_fields_done(&fields);
        assert_true(n < 100);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pseudo_header_fields_make_the_start_line),
        cmocka_unit_test(what_is_not_known_reads_so),
        cmocka_unit_test(no_field_forges_another),
        cmocka_unit_test(trailers_begin_no_message),
        cmocka_unit_test(fields_above_the_most_are_left_out),
        cmocka_unit_test(nth_allocation_failing_is_told_and_leaks_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
