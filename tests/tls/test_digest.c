/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Known answers of FIPS 180-4's examples, whole and in pieces. */
#include "offline/tls/digest.h"

#include "tests/support/support.h"

static const struct {
    const char *text, *hex;
} known[] = {
    {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
    {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
    {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
     "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
};

static void
known_texts_have_their_digest_however_they_are_cut(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof known / sizeof *known; i++) {
        for (size_t piece = 1; piece <= 64; piece++) {
            struct um_digest *digest;
            char hex[UM_DIGEST_HEX_MAX];
            assert_int_equal(um_digest_new(&digest), UM_OK);
            struct um_span rest = S(known[i].text);
            while (rest.len > 0) {
                assert_int_equal(um_digest_add(digest, um_span_first(rest, piece)), UM_OK);
                rest = um_span_from(rest, piece);
            }
            assert_int_equal(um_digest_add(digest, um_span_of(NULL, 0)), UM_OK);
            assert_int_equal(um_digest_hex(digest, hex), UM_OK);
            assert_string_equal(hex, known[i].hex);
            um_digest_free(digest);
        }
    }
}

static void
allocation_failing_is_told(void **state)
{
    (void)state;
    struct um_digest *digest = NULL;
    um_test_alloc_fail_at(0);
    assert_int_equal(um_digest_new(&digest), UM_ERR_NOMEM);
    assert_true(um_test_alloc_reset());
    assert_null(digest);
    um_digest_free(NULL);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(known_texts_have_their_digest_however_they_are_cut),
        cmocka_unit_test(allocation_failing_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
