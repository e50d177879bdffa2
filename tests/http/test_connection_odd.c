/* SPDX-License-Identifier: GPL-2.0-or-later */
/* HTTP/1 as clients, servers and proxies write it, whatever the standard says. */
#include "offline/http/connection.h"

#include "tests/http/h1_talk.h"

#define GET UM_H1_GET
#define POST UM_H1_POST
#define OK UM_H1_OK
#define CHUNKED "Transfer-Encoding: chunked\\r\\n"
#define WAIT "Expect: 100-continue\\r\\n"
#define AND_NEXT GET("/next") OK("x", "1")
#define NEXT " GET /next()+200(x)"

struct odd {
    const char *dialogue, *told;
};

static void
assert_each(const struct odd *odds, size_t count)
{
    for (size_t i = 0; i < count; i++)
        um_h1_talk_assert(odds[i].dialogue, UM_END_FIN, odds[i].told);
}

#define ASSERT_EACH(odds) assert_each(odds, sizeof(odds) / sizeof *(odds))

static void
line_ends_and_lines_between_messages(void **state)
{
    (void)state;
    static const struct odd odds[] = {
        /* bare line feeds, mixed with others */
        {">POST /a HTTP/1.1\\nHost: x\\r\\nContent-Length: 2\\n\\nhi\n"
         "<HTTP/1.1 200 OK\\n" CHUNKED "\\n2\\nho\\n0\\n\\n\n" AND_NEXT,
         "POST /a(hi)+200(ho)" NEXT},
        /* folded field lines, in the middle of a value and before its beginning */
        {">POST /a HTTP/1.1\\r\\nContent-Length:\\r\\n  2\\r\\nX-Y: a\\r\\n\\tb\\r\\n\\r\\nhi\n" OK(
             "", "0") AND_NEXT,
         "POST /a(hi)+200()" NEXT},
        /* in a line of white space alone */
        {GET("/a") "<HTTP/1.1 200 OK\\r\\nX: 1\\r\\n \\r\\n b\\r\\nContent-Length: 2\\r\\n\\t\\r\\n"
                   "\\r\\nhi\n" AND_NEXT,
         "GET /a()+200(hi)" NEXT},
        /* empty lines before a request, as behind the body of old browsers, and before a reply */
        {POST("/a", "hi\\r\\n", "2")
             OK("", "0") ">\\r\\n\\n\\r\\n\n" GET("/next") "<\\r\\n\n" OK("x", "1"),
         "POST /a(hi)+200()" NEXT},
        /* zeros that fill up, and more body than was said */
        {GET("/a") OK("hi and more", "2") AND_NEXT, "GET /a()+200(hi)" NEXT},
        {POST("/a", "hi</x>", "2") OK("", "0") AND_NEXT, "POST /a(hi)+200()" NEXT},
    };
    ASSERT_EACH(odds);
}

static void
lengths_that_contradict_or_cannot_be(void **state)
{
    (void)state;
    static const struct odd odds[] = {
        /* Transfer-Encoding wins over Content-Length, in both directions and either order */
        {">POST /a HTTP/1.1\\r\\nContent-Length: 99\\r\\n" CHUNKED
         "\\r\\n2\\r\\nhi\\r\\n0\\r\\n\\r\\n\n"
         "<HTTP/1.1 200 OK\\r\\n" CHUNKED
         "Content-Length: 1\\r\\n\\r\\n2\\r\\nho\\r\\n0\\r\\n\\r\\n\n" AND_NEXT,
         "POST /a(hi)+200(ho)" NEXT},
        /* several lengths: the same is one; of different ones the first counts */
        {">POST /a HTTP/1.1\\r\\nContent-Length: 2\\r\\nContent-Length: 2\\r\\n\\r\\nhi\n" OK(
             "", "0") AND_NEXT,
         "POST /a(hi)+200()" NEXT},
        {GET("/a") "<HTTP/1.1 200 OK\\r\\nContent-Length: 2, 2\\r\\n\\r\\nhi\n" AND_NEXT,
         "GET /a()+200(hi)" NEXT},
        {GET("/a") "<HTTP/1.1 200 OK\\r\\nContent-Length: 2\\r\\nContent-Length: "
                   "4\\r\\n\\r\\nhi-+\n" AND_NEXT,
         "GET /a()+200(hi)" NEXT},
        {GET("/a") "<HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\nContent-Length: "
                   "2\\r\\n\\r\\nhi-+\n" AND_NEXT,
         "GET /a()+200(hi-+)" NEXT},
        /* a length that is none: a request has no body then, and the next one is found behind it */
        {">POST /a HTTP/1.1\\r\\nContent-Length: -2\\r\\n\\r\\n<hi/>\n" OK("", "0") AND_NEXT,
         "POST /a()+200()" NEXT},
        {">POST /a HTTP/1.1\\r\\nContent-Length: 99999999999999999999\\r\\n\\r\\n<hi/>\n" OK(
             "", "0") AND_NEXT,
         "POST /a()+200()" NEXT},
        /* the greatest that is one: the rest of the connection */
        {GET("/a") "<HTTP/1.1 200 OK\\r\\nContent-Length: 18446744073709551615\\r\\n\\r\\nhi\n",
         "GET /a()+200(hi)!"},
        /* and of a reply the rest of the connection is the body */
        {GET("/a") "<HTTP/1.1 200 OK\\r\\nContent-Length: +2\\r\\n\\r\\nhi there\n",
         "GET /a()+200(hi there)"},
    };
    ASSERT_EACH(odds);
}

static void
chunks_with_extensions_and_without_their_end(void **state)
{
    (void)state;
    static const struct odd odds[] = {
        {GET("/a") "<HTTP/1.1 200 OK\\r\\n" CHUNKED "\\r\\n002 ;a=b;c=\"d;e\"\\r\\nhi\\r\\n"
                   "0;last\\r\\nX: y\\r\\n\\r\\n\n" AND_NEXT,
         "GET /a()+200(hi)" NEXT},
        /* without the last line end, the trailer section, the last chunk */
        {GET("/a") "<HTTP/1.1 200 OK\\r\\n" CHUNKED "\\r\\n2\\r\\nhi\\r\\n0\\r\\n\n",
         "GET /a()+200(hi)"},
        {GET("/a") "<HTTP/1.1 200 OK\\r\\n" CHUNKED "\\r\\n2\\r\\nhi\\r\\n\n", "GET /a()+200(hi)!"},
        {GET("/a") "<HTTP/1.1 200 OK\\r\\n" CHUNKED "\\r\\n2\\r\\nhi\n", "GET /a()+200(hi)!"},
        /* a head without its last line end */
        {GET("/a") "<HTTP/1.1 200 OK\\r\\nContent-Length: 0\\r\\n\n", "GET /a()+200()!"},
        {">GET /a HTTP/1.1\\r\\nHost: x\\r\\n\n", "GET /a()!+-closed"},
    };
    ASSERT_EACH(odds);
}

static void
replies_before_their_request_is_complete(void **state)
{
    (void)state;
    static const struct odd odds[] = {
        /* the request goes on to its end, or never does */
        {">POST /a HTTP/1.1\\r\\nContent-Length: 4\\r\\n\\r\\nha\n" OK("no", "2") ">lf\n" AND_NEXT,
         "POST /a(half)+200(no)" NEXT},
        {POST("/a", "ha", "4") OK("no", "2"), "POST /a(ha)!+200(no)"},
        /* interim replies, also several */
        {POST("/a", "hi", "2") "<HTTP/1.1 102 Processing\\r\\n\\r\\nHTTP/1.1 103 "
                               "Early\\r\\nLink: x\\r\\n\\r\\n\n" OK("ok", "2") AND_NEXT,
         "POST /a(hi)+200(ok)" NEXT},
    };
    ASSERT_EACH(odds);
}

/*
 * A client that waits for 100 and gets a refusal may leave its body out (RFC 9110 section 10.1.1).
 * The next request on the connection was once read as that body.
 */
static void
bodies_that_are_refused_before_they_are_sent(void **state)
{
    (void)state;
#define ASK ">POST /a HTTP/1.1\\r\\n" WAIT "Content-Length: 30\\r\\n\\r\\n\n"
#define ASK_CHUNKED ">POST /a HTTP/1.1\\r\\n" WAIT CHUNKED "\\r\\n\n"
#define NO "<HTTP/1.1 401 No\\r\\nContent-Length: 2\\r\\n\\r\\nno\n"
#define GO_ON "<HTTP/1.1 100 Continue\\r\\n\\r\\n\n"
#define BODY ">123456789012345678901234567890\n"
    static const struct odd odds[] = {
        {ASK NO AND_NEXT, "POST /a()+401(no)" NEXT},
        {ASK_CHUNKED NO AND_NEXT, "POST /a()+401(no)" NEXT},
        {ASK NO, "POST /a()+401(no)"},
        {ASK NO ASK GO_ON BODY OK("ok", "2") AND_NEXT,
         "POST /a()+401(no) POST /a(123456789012345678901234567890)+200(ok)" NEXT},
        /* refused, and sent all the same */
        {ASK NO BODY AND_NEXT, "POST /a(123456789012345678901234567890)+401(no)" NEXT},
        {ASK NO ">POST 789 no start line 34567\\r\\n\n" AND_NEXT,
         "POST /a(POST 789 no start line 34567\r\n)+401(no)" NEXT},
        {ASK NO ">POST /b HT\n", "POST /a(POST /b HT)!+401(no)"},
        {ASK_CHUNKED NO ">2\\r\\nhi\\r\\n0\\r\\n\\r\\n\n" AND_NEXT, "POST /a(hi)+401(no)" NEXT},
        /* asked for, or not waited for */
        {ASK GO_ON BODY NO AND_NEXT, "POST /a(123456789012345678901234567890)+401(no)" NEXT},
        {ASK BODY GO_ON NO AND_NEXT, "POST /a(123456789012345678901234567890)+401(no)" NEXT},
        /* asked for: what looks like a request then is the body */
        {ASK GO_ON ">GET /is-the-body HTTP/1.1\\r\\n\\r\\nx\n" NO AND_NEXT,
         "POST /a(GET /is-the-body HTTP/1.1\r\n\r\nx)+401(no)" NEXT},
        /* begun, then refused: it is not left out any more, only cut */
        {ASK ">123\n" NO, "POST /a(123)!+401(no)"},
    };
    ASSERT_EACH(odds);
}

/*
 * The refusal was looked for in the replies alone: where it was not captured, the next request was
 * still read as the body.
 */
static void
bodies_left_out_whose_refusal_was_not_captured(void **state)
{
    (void)state;
#define WHOLE "POST /a(123456789012345678901234567890)"
    static const struct odd odds[] = {
        {ASK ASK BODY, "POST /a()+-closed " WHOLE "+-closed"},
        {ASK ">\\r\\n\n" ASK BODY, "POST /a()+-closed " WHOLE "+-closed"},
        {ASK_CHUNKED ASK_CHUNKED ">2\\r\\nhi\\r\\n0\\r\\n\\r\\n\n",
         "POST /a()+-closed POST /a(hi)+-closed"},
        /* nothing came behind it: nobody says that it was left out */
        {ASK, "POST /a()!+-closed"},
        {ASK ">POST /b HT\n", "POST /a(POST /b HT)!+-closed"},
    };
    ASSERT_EACH(odds);
}

/* The empty line that some clients send before a request (RFC 9112 section 2.2) once made the
 * request behind it the body. */
static void
empty_lines_where_a_refused_body_would_begin(void **state)
{
    (void)state;
    static const struct odd odds[] = {
        {ASK NO ">\\r\\n\n" AND_NEXT, "POST /a()+401(no)" NEXT},
        {ASK NO ">\\r\\n\\n\n" AND_NEXT, "POST /a()+401(no)" NEXT},
        {ASK NO ">\\r\\n\n", "POST /a()+401(no)"},
        /* sent all the same */
        {ASK NO ">\\r\\n34567890123456789012345678\\r\\n\n" AND_NEXT,
         "POST /a(\r\n34567890123456789012345678\r\n)+401(no)" NEXT},
    };
    ASSERT_EACH(odds);
}

static void
http_0_9_and_other_shrapnel(void **state)
{
    (void)state;
    static const struct odd odds[] = {
        {">GET /old\\r\\n\n<<html>old</html>\n", ""},
        {">GET /old\\r\\n\n<<html>old</html>\n" AND_NEXT, "GET /next()+200(x)"},
        {">GET\\r\\n\\r\\n\n>GET / HTTP/9.9\\r\\n\\r\\n\n" AND_NEXT, "GET /next()+200(x)"},
        {"<200 OK\\r\\n\\r\\n\n<HTTP/1.1 OK\\r\\n\\r\\n\n" AND_NEXT, "GET /next()+200(x)"},
    };
    ASSERT_EACH(odds);
}

/* Its first letter may be one of "HTTP/1.1", which may stand in a word: with a piece that ended
 * there the rest was once taken for a request. */
static void
method_directly_behind_a_word_begins_no_request_in_whatever_pieces(void **state)
{
    (void)state;
    static const struct odd odds[] = {
        {">(eHEAD /x HTTP/1.1\\r\\n\\r\\n\n" AND_NEXT, "GET /next()+200(x)"},
        {">(e HEAD /x HTTP/1.1\\r\\n\\r\\n\n" OK("", "0") AND_NEXT, "HEAD /x()+200()" NEXT},
    };
    ASSERT_EACH(odds);
}

static void
targets_of_every_form(void **state)
{
    (void)state;
    static const struct odd odds[] = {
        {GET("http://um.example:80/a?b=c#d") OK("", "0") AND_NEXT,
         "GET http://um.example:80/a?b=c#d()+200()" NEXT},
        {">OPTIONS * HTTP/1.1\\r\\n\\r\\n\n" OK("", "0") AND_NEXT, "OPTIONS *()+200()" NEXT},
        {GET("/with spaces and HTTP/1.1 inside") OK("", "0") AND_NEXT,
         "GET /with spaces and HTTP/1.1 inside()+200()" NEXT},
        {">CONNECT um.example:443 HTTP/1.1\\r\\n\\r\\n\n"
         "<HTTP/1.1 502 No\\r\\nContent-Length: 0\\r\\n\\r\\n\n" AND_NEXT,
         "CONNECT um.example:443()+502()" NEXT},
    };
    ASSERT_EACH(odds);
}

static void
replies_without_a_body_whatever_their_fields_say(void **state)
{
    (void)state;
    static const struct odd odds[] = {
        {">HEAD /a HTTP/1.1\\r\\n\\r\\n\n<HTTP/1.1 200 OK\\r\\n" CHUNKED "\\r\\n\n" AND_NEXT,
         "HEAD /a()+200()" NEXT},
        {GET("/a") "<HTTP/1.1 304 Same\\r\\nContent-Length: 99\\r\\n\\r\\n\n" AND_NEXT,
         "GET /a()+304()" NEXT},
        {GET("/a") "<HTTP/1.1 204 None\\r\\n" CHUNKED "\\r\\n\n" AND_NEXT, "GET /a()+204()" NEXT},
        {GET("/a") "<HTTP/1.1 200\\r\\ncontent-LENGTH : 2\\r\\n\\r\\nhi\n" AND_NEXT,
         "GET /a()+200(hi)" NEXT},
    };
    ASSERT_EACH(odds);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(line_ends_and_lines_between_messages),
        cmocka_unit_test(lengths_that_contradict_or_cannot_be),
        cmocka_unit_test(chunks_with_extensions_and_without_their_end),
        cmocka_unit_test(replies_before_their_request_is_complete),
        cmocka_unit_test(bodies_that_are_refused_before_they_are_sent),
        cmocka_unit_test(bodies_left_out_whose_refusal_was_not_captured),
        cmocka_unit_test(empty_lines_where_a_refused_body_would_begin),
        cmocka_unit_test(http_0_9_and_other_shrapnel),
        cmocka_unit_test(method_directly_behind_a_word_begins_no_request_in_whatever_pieces),
        cmocka_unit_test(targets_of_every_form),
        cmocka_unit_test(replies_without_a_body_whatever_their_fields_say),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
