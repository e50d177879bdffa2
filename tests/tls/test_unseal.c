/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What no peer of the other tests speaks any more: records sealed with RC4, whose key stream goes
 * on from record to record. (RC4 is its own inverse: the cipher that opens also seals.) And
 * records of GCM in two steps.
 */
#include "offline/tls/unseal.h"

#include "tests/support/support.h"
#include "tests/tls/hex.h"
#include "tests/tls/seal.h"

enum { RC4_SHA = 0x0005, MAC_BYTES = 20 };

/* With no end of patience. */
static int
open_in(struct um_unseal *unseal, const struct um_tls_record *record, uint64_t first, uint64_t last,
        uint8_t *out, struct um_unsealed *opened)
{
    struct um_tls_search search = {.bytes_left = UINT64_MAX};
    struct um_tls_numbers numbers = {first, last, &search};
    return um_unseal_record(unseal, record, numbers, out, opened);
}

struct sealer {
    struct um_crypt *crypt;
    struct um_mac *mac;
    uint8_t sequence;
};

static const struct um_tls_keys keys = {
    .mac = {1, 2, 3}, .key = {4, 5, 6}, .mac_len = MAC_BYTES, .key_len = 16};

static bool
sealer_init(struct sealer *sealer)
{
    *sealer = (struct sealer){0};
    int err = um_crypt_new(UM_CIPHER_RC4, um_span_of(keys.key, keys.key_len), &sealer->crypt);
    if (err == UM_ERR_USAGE)
        return false; /* no legacy provider here */
    assert_int_equal(err, UM_OK);
    assert_int_equal(um_mac_new(UM_HASH_SHA1, um_span_of(keys.mac, keys.mac_len), &sealer->mac),
                     UM_OK);
    return true;
}

static void
sealer_done(struct sealer *sealer)
{
    um_crypt_free(sealer->crypt);
    um_mac_free(sealer->mac);
}

/* The record of `text`; `out` has room for it. */
static struct um_tls_record
seal(struct sealer *sealer, const char *text, uint8_t out[64])
{
    uint8_t clear[64], mac[UM_HASH_MAX_BYTES];
    struct um_span bytes = um_span_text(text);
    size_t len = bytes.len + MAC_BYTES;
    const uint8_t head[] = {
        0, 0, 0, 0, 0, 0, 0, sealer->sequence++, 23, 3, 1, 0, (uint8_t)bytes.len};
    const struct um_span parts[] = {um_span_of(head, sizeof head), bytes};
    const uint8_t header[] = {23, 3, 1, 0, (uint8_t)len};
    struct um_tls_record record;
    assert_int_equal(um_mac_make(sealer->mac, parts, 2, mac), UM_OK);
    memcpy(clear, bytes.data, bytes.len);
    memcpy(clear + bytes.len, mac, MAC_BYTES);
    memcpy(out, header, sizeof header);
    assert_int_equal(um_crypt_decrypt(sealer->crypt, um_span_of(NULL, 0), um_span_of(clear, len),
                                      out + sizeof header),
                     UM_OK);
    struct um_span wire = um_span_of(out, sizeof header + len);
    assert_int_equal(um_tls_record_split(&wire, &record), UM_DONE);
    return record;
}

static struct um_unseal *
make_unseal(void)
{
    struct um_unseal *unseal;
    assert_int_equal(
        um_unseal_new(UM_TLS_VERSION_10, um_tls_suite_find(RC4_SHA), false, &keys, &unseal), UM_OK);
    return unseal;
}

static void
a_stream_is_read_across_a_record_of_known_length_that_is_lost(void **state)
{
    (void)state;
    struct sealer sealer;
    struct um_unsealed opened;
    uint8_t wire[3][64], out[UM_TLS_BODY_MAX];
    if (!sealer_init(&sealer))
        skip();
    struct um_tls_record first = seal(&sealer, "one", wire[0]);
    struct um_tls_record second = seal(&sealer, "the second", wire[1]);
    struct um_tls_record third = seal(&sealer, "3", wire[2]);
    struct um_unseal *unseal = make_unseal();
    assert_int_equal(open_in(unseal, &first, 0, 0, out, &opened), UM_OK);
    assert_span_equal(opened.bytes, S("one"));
    assert_int_equal(um_unseal_overhead(unseal), MAC_BYTES);
    assert_int_equal(um_unseal_skip(unseal, second.body.len), UM_OK);
    assert_false(um_unseal_is_lost(unseal));
    assert_int_equal(open_in(unseal, &third, 1, 4, out, &opened), UM_OK);
    assert_span_equal(opened.bytes, S("3"));
    assert_int_equal(opened.sequence, 2);
    um_unseal_free(unseal);
    sealer_done(&sealer);
}

static void
a_stream_with_a_hole_of_unknown_records_is_lost_for_good(void **state)
{
    (void)state;
    struct sealer sealer;
    struct um_unsealed opened;
    uint8_t wire[64], out[UM_TLS_BODY_MAX];
    if (!sealer_init(&sealer))
        skip();
    struct um_tls_record first = seal(&sealer, "one", wire);
    struct um_unseal *unseal = make_unseal();
    assert_int_equal(um_unseal_skip(unseal, SIZE_MAX), UM_OK);
    assert_true(um_unseal_is_lost(unseal));
    assert_int_equal(open_in(unseal, &first, 0, 9, out, &opened), UM_CRYPTO_FORGED);
    um_unseal_free(unseal);
    sealer_done(&sealer);
}

static void
a_sequence_number_outside_the_range_is_refused(void **state)
{
    (void)state;
    struct sealer sealer;
    struct um_unsealed opened;
    uint8_t wire[64], out[UM_TLS_BODY_MAX];
    if (!sealer_init(&sealer))
        skip();
    sealer.sequence = 5;
    struct um_tls_record record = seal(&sealer, "five", wire);
    static const struct {
        uint64_t first, last;
        int result;
    } ranges[] = {{0, 4, UM_CRYPTO_FORGED}, {6, 9, UM_CRYPTO_FORGED}, {0, 5, UM_OK}, {5, 9, UM_OK}};
    for (size_t i = 0; i < 4; i++) {
        struct um_unseal *unseal = make_unseal();
        assert_int_equal(open_in(unseal, &record, ranges[i].first, ranges[i].last, out, &opened),
                         ranges[i].result);
        um_unseal_free(unseal);
    }
    sealer_done(&sealer);
}

/* Worked out with Python's hashlib: record 5 of suites without encryption, MAC keys 1, 2, 3... */
static void
ssl_3_has_a_mac_of_its_own(void **state)
{
    (void)state;
    static const struct {
        uint16_t suite;
        const char *wire;
    } tests[] = {
        {0x0001, "170300001b68656c6c6f2053534c2033859268dd93adc085b5e0b63878cabd29"},
        {0x0002, "170300001f68656c6c6f2053534c2033e3f9ac45fdd548619b5b7d6187befcb25df657ac"},
    };
    for (size_t i = 0; i < 2; i++) {
        const struct um_tls_suite *suite = um_tls_suite_find(tests[i].suite);
        struct um_tls_keys mac_keys = {.mac_len = um_crypto_hash_bytes(suite->mac)};
        for (size_t k = 0; k < mac_keys.mac_len; k++)
            mac_keys.mac[k] = (uint8_t)(k + 1);
        struct hex wire = hex_of(tests[i].wire);
        struct um_span rest = hex_span(&wire);
        struct um_tls_record record;
        struct um_unsealed opened;
        struct um_unseal *unseal;
        uint8_t out[UM_TLS_BODY_MAX];
        assert_int_equal(um_tls_record_split(&rest, &record), UM_DONE);
        assert_int_equal(um_unseal_new(UM_TLS_VERSION_SSL3, suite, false, &mac_keys, &unseal),
                         UM_OK);
        assert_int_equal(open_in(unseal, &record, 0, 4, out, &opened), UM_CRYPTO_FORGED);
        assert_int_equal(open_in(unseal, &record, 0, 9, out, &opened), UM_OK);
        assert_span_equal(opened.bytes, S("hello SSL 3"));
        assert_int_equal(opened.sequence, 5);
        um_unseal_free(unseal);
    }
}

/* Nobody can say more of it than that: neither its number nor whether it was changed. */
static void
a_suite_that_does_not_encrypt_is_read_without_keys(void **state)
{
    (void)state;
    static const char text[] = "170300001f68656c6c6f2053534c2033e3f9ac45fdd548619b5b7d6187befcb2"
                               "5df657ac";
    struct hex wire = hex_of(text), small = hex_of("170300000400000000");
    struct um_span rest = hex_span(&wire), small_rest = hex_span(&small);
    struct um_tls_record record, stub;
    struct um_unsealed opened;
    struct um_unseal *unseal;
    uint8_t out[UM_TLS_BODY_MAX];
    assert_int_equal(um_tls_record_split(&rest, &record), UM_DONE);
    assert_int_equal(um_tls_record_split(&small_rest, &stub), UM_DONE);
    assert_int_equal(um_unseal_new(UM_TLS_VERSION_SSL3, um_tls_suite_find(0x0002), false,
                                   &(struct um_tls_keys){0}, &unseal),
                     UM_OK);
    assert_false(um_unseal_verifies(unseal));
    assert_int_equal(open_in(unseal, &record, 3, 3, out, &opened), UM_OK);
    assert_span_equal(opened.bytes, S("hello SSL 3"));
    assert_int_equal(opened.sequence, 3);
    assert_int_equal(open_in(unseal, &record, 3, 9, out, &opened), UM_OK);
    assert_int_equal(opened.sequence, 4); /* at least one was lost */
    assert_int_equal(open_in(unseal, &stub, 3, 3, out, &opened), UM_CRYPTO_FORGED);
    record.version = UM_TLS_VERSION_12; /* no record of this connection */
    assert_int_equal(open_in(unseal, &record, 3, 3, out, &opened), UM_CRYPTO_FORGED);
    um_unseal_free(unseal);
    unseal = make_unseal();
    assert_true(um_unseal_verifies(unseal));
    um_unseal_free(unseal);
}

static void
any_failing_allocation_is_passed_up(void **state)
{
    (void)state;
    for (size_t n = 0;; n++) {
        struct um_unseal *unseal = NULL;
        um_test_alloc_fail_at(n);
        int err =
            um_unseal_new(UM_TLS_VERSION_12, um_tls_suite_find(0x002f), true,
                          &(struct um_tls_keys){.mac_len = MAC_BYTES, .key_len = 16}, &unseal);
        bool has_failed = um_test_alloc_reset();
        assert_int_equal(err, has_failed ? UM_ERR_NOMEM : UM_OK);
        um_unseal_free(unseal);
        if (!has_failed)
            break;
    }
}

/* ---- GCM in two steps ---- */

enum { GCM_12 = 0xc02f, GCM_13 = 0x1301, GCM_MAX = 512 };

static const struct um_tls_keys gcm_keys = {
    .key = {1, 2, 3}, .iv = {4, 5, 6}, .key_len = 16, .iv_len = 12};

/* A record of `len` bytes that make_wire made. */
struct gcm_wire {
    uint8_t bytes[GCM_MAX];
    size_t len;
};

static struct um_tls_record
record_of(const struct gcm_wire *wire)
{
    struct um_span bytes = um_span_of(wire->bytes, wire->len);
    struct um_tls_record record;
    assert_int_equal(um_tls_record_split(&bytes, &record), UM_DONE);
    return record;
}

/*
 * RFC 5288 section 3, with that explicit nonce; RFC 8446 section 5.2 with that much padding. The
 * clear bytes are all `fill`.
 */
static struct gcm_wire
make_numbered(uint16_t version, uint64_t sequence, uint64_t explicit_nonce, uint8_t fill,
              size_t clear_len, size_t padding)
{
    bool is_13 = version == UM_TLS_VERSION_13;
    size_t explicit_len = is_13 ? 0 : 8, sealed_len = clear_len + (is_13 ? 1 + padding : 0);
    size_t body_len = explicit_len + sealed_len + SEAL_TAG_BYTES;
    struct gcm_wire wire = {
        .bytes = {UM_TLS_TYPE_DATA, 3, 3, (uint8_t)(body_len >> 8), (uint8_t)body_len},
        .len = UM_TLS_HEADER_BYTES + body_len};
    uint8_t nonce[12] = {4, 5, 6}, clear[GCM_MAX] = {0};
    uint8_t extra[8 + 5] = {
        [8] = UM_TLS_TYPE_DATA, 3, 3, (uint8_t)(sealed_len >> 8), (uint8_t)sealed_len};
    assert_true(wire.len <= GCM_MAX);
    memset(clear, fill, clear_len);
    if (is_13)
        clear[clear_len] = UM_TLS_TYPE_DATA;
    um_tls_number_put(extra, sequence);
    um_tls_number_put(nonce + 4, is_13 ? sequence : explicit_nonce);
    uint8_t *body = wire.bytes + UM_TLS_HEADER_BYTES, *sealed = body + explicit_len;
    memcpy(body, nonce + 4, explicit_len);
    struct um_span of_12 = um_span_of(extra, sizeof extra);
    seal_gcm(um_span_of(gcm_keys.key, gcm_keys.key_len), nonce,
             is_13 ? um_span_of(wire.bytes, UM_TLS_HEADER_BYTES) : of_12,
             um_span_of(clear, sealed_len), sealed);
    return wire;
}

static struct gcm_wire
make_wire(uint16_t version, uint64_t sequence, uint8_t fill, size_t clear_len, size_t padding)
{
    return make_numbered(version, sequence, sequence, fill, clear_len, padding);
}

static struct gcm_wire
make_counted(uint64_t sequence, uint64_t explicit_nonce)
{
    return make_numbered(UM_TLS_VERSION_12, sequence, explicit_nonce, 'c', 300, 0);
}

static struct um_unseal *
make_gcm(uint16_t version)
{
    struct um_unseal *unseal;
    uint16_t suite = version == UM_TLS_VERSION_13 ? GCM_13 : GCM_12;
    assert_int_equal(um_unseal_new(version, um_tls_suite_find(suite), false, &gcm_keys, &unseal),
                     UM_OK);
    return unseal;
}

static const uint16_t gcm_versions[] = {UM_TLS_VERSION_12, UM_TLS_VERSION_13};

static int
check_gcm(struct um_unseal *unseal, const struct gcm_wire *wire, uint64_t sequence)
{
    struct um_tls_record record = record_of(wire);
    return um_unseal_check(unseal, &record, sequence);
}

static void
a_record_is_authentic_or_not_without_being_opened(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct um_unseal *unseal = make_gcm(gcm_versions[i]);
        struct gcm_wire wire = make_wire(gcm_versions[i], 2, 'b', 45, 0);
        assert_int_equal(check_gcm(unseal, &wire, 2), UM_OK);
        for (size_t at = 2; at < wire.len; at++) {
            if (at == 3 || at == 4)
                continue; /* its length: another record */
            wire.bytes[at] ^= 1;
            assert_int_equal(check_gcm(unseal, &wire, 2), UM_CRYPTO_FORGED);
            wire.bytes[at] ^= 1;
        }
        assert_int_equal(check_gcm(unseal, &wire, 3), UM_CRYPTO_FORGED);
        um_unseal_free(unseal);
    }
}

static void
a_part_of_a_record_is_revealed_beside_records_that_are_opened(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct um_unseal *unseal = make_gcm(gcm_versions[i]);
        struct gcm_wire wire = make_wire(gcm_versions[i], 7, 'b', 45, 0);
        struct um_tls_record record = record_of(&wire);
        struct um_unsealed opened;
        uint8_t out[UM_TLS_BODY_MAX];
        for (int n = 0; n < 2; n++) {
            assert_int_equal(um_unseal_reveal(unseal, &record, 7, 20, 3, out), UM_OK);
            assert_span_equal(um_span_of(out, 3), S("bbb"));
            assert_int_equal(open_in(unseal, &record, 7, 7, out, &opened), UM_OK);
            assert_int_equal(opened.bytes.len, 45);
        }
        um_unseal_free(unseal);
    }
}

static size_t
clear_bytes(struct um_unseal *unseal, const struct gcm_wire *wire, uint64_t sequence)
{
    struct um_tls_record record = record_of(wire);
    return um_unseal_clear_bytes(unseal, &record, sequence);
}

static void
how_many_clear_bytes_there_are_shows_unless_they_are_padded(void **state)
{
    (void)state;
    for (size_t i = 0; i < 2; i++) {
        struct um_unseal *unseal = make_gcm(gcm_versions[i]);
        struct gcm_wire wire = make_wire(gcm_versions[i], 3, 'a', 200, 0);
        assert_int_equal(clear_bytes(unseal, &wire, 3), 200);
        wire.bytes[0] = UM_TLS_TYPE_HANDSHAKE;
        assert_int_equal(clear_bytes(unseal, &wire, 3), SIZE_MAX);
        const struct gcm_wire tiny = {.bytes = {UM_TLS_TYPE_DATA, 3, 3, 0, 5}, .len = 10};
        assert_int_equal(clear_bytes(unseal, &tiny, 3), SIZE_MAX);
        um_unseal_free(unseal);
    }
    struct um_unseal *unseal = make_gcm(UM_TLS_VERSION_13);
    struct gcm_wire padded = make_wire(UM_TLS_VERSION_13, 3, 'a', 200, 1);
    assert_int_equal(clear_bytes(unseal, &padded, 3), SIZE_MAX);
    um_unseal_free(unseal);
    unseal = make_unseal(); /* RC4 */
    struct gcm_wire other = make_wire(UM_TLS_VERSION_12, 3, 'a', 200, 0);
    assert_int_equal(clear_bytes(unseal, &other, 3), SIZE_MAX);
    um_unseal_free(unseal);
}

/* ---- records missing before one ---- */

/*
 * Of twelve thousand lost records none was opened any more: 4,096 numbers were tried for the first
 * behind them, and what may be gone through in vain for a connection was used up.
 */
static void
a_counted_nonce_tells_how_many_are_missing(void **state)
{
    (void)state;
    struct um_unseal *unseal = make_gcm(UM_TLS_VERSION_12);
    uint8_t out[UM_TLS_BODY_MAX];
    struct um_unsealed opened;
    struct um_tls_search search = {0};
    struct gcm_wire first = make_counted(40, 5000), far = make_counted(40 + 12000, 17000);
    struct um_tls_record record = record_of(&far);
    struct um_tls_numbers all = {40, UINT64_MAX, &search}, few = {40, 12039, &search};
    assert_int_equal(um_unseal_record(unseal, &record, all, out, &opened), UM_CRYPTO_FORGED);
    assert_int_equal(check_gcm(unseal, &first, 40), UM_OK); /* five thousand less forty ahead */
    assert_int_equal(um_unseal_record(unseal, &record, few, out, &opened), UM_CRYPTO_FORGED);
    assert_int_equal(um_unseal_record(unseal, &record, all, out, &opened), UM_OK);
    assert_int_equal(opened.sequence, 12040);
    um_unseal_free(unseal);
}

/* It is a hint and no more. */
static void
a_nonce_that_is_not_counted_does_no_harm(void **state)
{
    (void)state;
    struct um_unseal *unseal = make_gcm(UM_TLS_VERSION_12);
    uint8_t out[UM_TLS_BODY_MAX];
    struct um_unsealed opened;
    static const uint64_t nonces[] = {0, 3, 900, 7, UINT64_MAX};
    for (uint64_t i = 0; i < 5; i++) {
        struct gcm_wire wire = make_counted(10 * i, nonces[i]);
        struct um_tls_record record = record_of(&wire);
        assert_int_equal(
            open_in(unseal, &record, 10 * i - (i > 0 ? 9 : 0), 10 * i + 3, out, &opened), UM_OK);
        assert_int_equal(opened.sequence, 10 * i);
    }
    um_unseal_free(unseal);
}

/* TLS 1.3 has no nonce on the wire; a number is tried for what a glance costs. */
static void
a_glance_at_the_type_tells_numbers_wrong(void **state)
{
    (void)state;
    for (size_t padding = 0; padding < 2; padding++) {
        struct um_unseal *unseal = make_gcm(UM_TLS_VERSION_13);
        uint8_t out[UM_TLS_BODY_MAX];
        struct um_unsealed opened;
        struct gcm_wire wire = make_wire(UM_TLS_VERSION_13, 200, 'a', 400, padding);
        struct um_tls_record record = record_of(&wire);
        struct um_tls_search search = {.bytes_left = 199 * 256};
        struct um_tls_numbers numbers = {0, UINT64_MAX, &search};
        assert_int_equal(um_unseal_record(unseal, &record, numbers, out, &opened),
                         UM_CRYPTO_FORGED);
        assert_int_equal(search.bytes_left, 0);
        assert_true(search.is_cut_short);
        search.bytes_left = 200 * 256;
        assert_int_equal(um_unseal_record(unseal, &record, numbers, out, &opened), UM_OK);
        assert_int_equal(opened.sequence, 200);
        um_unseal_free(unseal);
    }
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_stream_is_read_across_a_record_of_known_length_that_is_lost),
        cmocka_unit_test(a_stream_with_a_hole_of_unknown_records_is_lost_for_good),
        cmocka_unit_test(a_sequence_number_outside_the_range_is_refused),
        cmocka_unit_test(ssl_3_has_a_mac_of_its_own),
        cmocka_unit_test(a_suite_that_does_not_encrypt_is_read_without_keys),
        cmocka_unit_test(any_failing_allocation_is_passed_up),
        cmocka_unit_test(a_record_is_authentic_or_not_without_being_opened),
        cmocka_unit_test(a_part_of_a_record_is_revealed_beside_records_that_are_opened),
        cmocka_unit_test(how_many_clear_bytes_there_are_shows_unless_they_are_padded),
        cmocka_unit_test(a_counted_nonce_tells_how_many_are_missing),
        cmocka_unit_test(a_nonce_that_is_not_counted_does_no_harm),
        cmocka_unit_test(a_glance_at_the_type_tells_numbers_wrong),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
