/* SPDX-License-Identifier: GPL-2.0-or-later */
/* The peers write into memory; what one has written is noted, then given to the other. */
#include "tests/tls/peers.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/rand.h>
#include <string.h>

#include "tests/support/support.h"

struct peers_server {
    EVP_PKEY *key;
    X509 *certificate;
    uint8_t ticket_keys[80];
};

const struct peers_suite peers_matrix[PEERS_MATRIX_COUNT] = {
    {TLS1_VERSION, "ECDHE-RSA-AES128-SHA"},
    {TLS1_VERSION, "AES256-SHA"},
    {TLS1_VERSION, "DHE-RSA-CAMELLIA128-SHA"},
    {TLS1_1_VERSION, "ECDHE-RSA-AES256-SHA"},
    {TLS1_1_VERSION, "NULL-SHA"},
    {TLS1_2_VERSION, "ECDHE-RSA-AES128-GCM-SHA256"},
    {TLS1_2_VERSION, "ECDHE-RSA-AES256-GCM-SHA384"},
    {TLS1_2_VERSION, "ECDHE-RSA-CHACHA20-POLY1305"},
    {TLS1_2_VERSION, "DHE-RSA-AES256-SHA256"},
    {TLS1_2_VERSION, "ECDHE-RSA-AES256-SHA384"},
    {TLS1_2_VERSION, "AES128-CCM"},
    {TLS1_2_VERSION, "AES256-CCM8"},
    {TLS1_2_VERSION, "AES128-SHA256"},
    {TLS1_2_VERSION, "NULL-SHA256"},
    {TLS1_3_VERSION, "TLS_AES_128_GCM_SHA256"},
    {TLS1_3_VERSION, "TLS_AES_256_GCM_SHA384"},
    {TLS1_3_VERSION, "TLS_CHACHA20_POLY1305_SHA256"},
    {TLS1_3_VERSION, "TLS_AES_128_CCM_SHA256"},
    {TLS1_3_VERSION, "TLS_AES_128_CCM_8_SHA256"},
};

static X509 *
make_certificate(EVP_PKEY *key)
{
    X509 *certificate = X509_new();
    (void)ASN1_INTEGER_set(X509_get_serialNumber(certificate), 1);
    (void)X509_gmtime_adj(X509_getm_notBefore(certificate), -86400);
    (void)X509_gmtime_adj(X509_getm_notAfter(certificate), 86400);
    (void)X509_set_pubkey(certificate, key);
    X509_NAME *name = X509_get_subject_name(certificate);
    const unsigned char text[] = "um.example";
    (void)X509_NAME_add_entry_by_txt(name, "CN", MBSTRING_ASC, text, -1, -1, 0);
    (void)X509_set_issuer_name(certificate, name);
    assert_true(X509_sign(certificate, key, EVP_sha256()) > 0);
    return certificate;
}

struct peers_server *
peers_server_new(void)
{
    struct peers_server *server = calloc(1, sizeof *server);
    assert_non_null(server);
    server->key = EVP_RSA_gen(2048);
    assert_non_null(server->key);
    server->certificate = make_certificate(server->key);
    assert_int_equal(RAND_bytes(server->ticket_keys, sizeof server->ticket_keys), 1);
    return server;
}

void
peers_server_free(struct peers_server *server)
{
    EVP_PKEY_free(server->key);
    X509_free(server->certificate);
    free(server);
}

struct peers_server *peers_shared;

int
peers_set_up(void **state)
{
    (void)state;
    peers_shared = peers_server_new();
    return 0;
}

int
peers_tear_down(void **state)
{
    (void)state;
    peers_server_free(peers_shared);
    return 0;
}

static struct um_buf
take_bio(BIO *bio)
{
    struct um_buf out = {0};
    char *data;
    long len = BIO_get_mem_data(bio, &data);
    assert_true(len > 0);
    assert_int_equal(um_buf_append(&out, um_span_of(data, (size_t)len)), UM_OK);
    BIO_free(bio);
    return out;
}

struct um_buf
peers_server_pem(const struct peers_server *server)
{
    BIO *bio = BIO_new(BIO_s_mem());
    assert_int_equal(PEM_write_bio_PrivateKey(bio, server->key, NULL, NULL, 0, NULL, NULL), 1);
    return take_bio(bio);
}

struct um_buf
peers_server_pack(const struct peers_server *server, const char *password)
{
    BIO *bio = BIO_new(BIO_s_mem());
    PKCS12 *pack =
        PKCS12_create(password, "um", server->key, server->certificate, NULL, 0, 0, 0, 0, 0);
    assert_non_null(pack);
    assert_int_equal(i2d_PKCS12_bio(bio, pack), 1);
    PKCS12_free(pack);
    return take_bio(bio);
}

static void
keep_line(const SSL *ssl, const char *line)
{
    struct peers *peers = SSL_get_app_data(ssl);
    assert_int_equal(um_buf_append(&peers->keylog, um_span_text(line)), UM_OK);
    assert_int_equal(um_buf_append(&peers->keylog, um_span_text("\n")), UM_OK);
}

static SSL_CTX *
make_context(const struct peers_server *server, const struct peers_plan *plan)
{
    SSL_CTX *context = SSL_CTX_new(server ? TLS_server_method() : TLS_client_method());
    assert_non_null(context);
    (void)SSL_CTX_set_min_proto_version(context, plan->version);
    (void)SSL_CTX_set_max_proto_version(context, plan->version);
    (void)SSL_CTX_set_options(context, plan->options);
    SSL_CTX_set_security_level(context, 0);
    if (plan->pads_to > 0)
        assert_int_equal(SSL_CTX_set_block_padding(context, plan->pads_to), 1);
    if (plan->version == TLS1_3_VERSION)
        assert_int_equal(SSL_CTX_set_ciphersuites(context, plan->suite), 1);
    else
        assert_int_equal(SSL_CTX_set_cipher_list(context, plan->suite), 1);
    /* a context that is freed would spoil the sessions in its cache */
    (void)SSL_CTX_set_session_cache_mode(context, SSL_SESS_CACHE_OFF);
    if (!server)
        return context;
    (void)SSL_CTX_set_options(context, SSL_OP_ALLOW_CLIENT_RENEGOTIATION);
    (void)SSL_CTX_use_certificate(context, server->certificate);
    (void)SSL_CTX_use_PrivateKey(context, server->key);
    (void)SSL_CTX_set_tlsext_ticket_keys(context, (void *)(uintptr_t)server->ticket_keys,
                                         sizeof server->ticket_keys);
    (void)SSL_CTX_set_dh_auto(context, 1);
    (void)SSL_CTX_set_max_early_data(context, plan->refuses_early ? 0 : 16384);
    (void)SSL_CTX_set_session_id_context(context, (const unsigned char *)"um", 2);
    if (plan->fragment > 0)
        assert_int_equal(SSL_CTX_set_max_send_fragment(context, (long)plan->fragment), 1);
    if (plan->other_group)
        (void)SSL_CTX_set1_groups_list(context, "P-384");
    return context;
}

/* One peer of a conversation. */
struct talk {
    struct peers *peers;
    SSL *ssl[2];
};

/* Notes what a side has written and hands it over. */
static void
carry(struct talk *talk, int side)
{
    struct peers *peers = talk->peers;
    char *data;
    BIO *from = SSL_get_wbio(talk->ssl[side]);
    long len = BIO_get_mem_data(from, &data);
    if (len <= 0)
        return;
    assert_true(peers->piece_count < PEERS_PIECES_MAX);
    peers->pieces[peers->piece_count++] =
        (struct peers_piece){.side = side, .at = peers->wire[side].len, .len = (size_t)len};
    assert_int_equal(um_buf_append(&peers->wire[side], um_span_of(data, (size_t)len)), UM_OK);
    assert_int_equal(BIO_write(SSL_get_rbio(talk->ssl[1 - side]), data, (int)len), (int)len);
    (void)BIO_reset(from);
}

/* Everything that is on its way arrives. */
static void
settle(struct talk *talk)
{
    char bytes[16384];
    for (int round = 0; round < 8; round++) {
        for (int side = 0; side < 2; side++) {
            (void)SSL_do_handshake(talk->ssl[side]);
            while (SSL_is_init_finished(talk->ssl[side]) &&
                   SSL_read(talk->ssl[side], bytes, sizeof bytes) > 0)
                continue;
            carry(talk, side);
        }
    }
    assert_true(SSL_is_init_finished(talk->ssl[0]) && SSL_is_init_finished(talk->ssl[1]));
}

static void
say(struct talk *talk, int side, size_t len)
{
    struct peers *peers = talk->peers;
    uint64_t seed = peers->clear[side].len + (uint64_t)side + 1;
    uint8_t *bytes = malloc(len);
    assert_non_null(bytes);
    for (size_t i = 0; i < len; i++)
        bytes[i] = (uint8_t)um_test_random(&seed);
    assert_int_equal(SSL_write(talk->ssl[side], bytes, (int)len), (int)len);
    assert_int_equal(um_buf_append(&peers->clear[side], um_span_of(bytes, len)), UM_OK);
    free(bytes);
    settle(talk);
}

static void
say_early(struct talk *talk, const struct peers_plan *plan)
{
    static const char text[] = "GET /early HTTP/1.1\r\n\r\n";
    char bytes[256];
    size_t len;
    bool is_refused = plan->refuses_early || plan->other_group;
    for (int i = 0; i < 3; i++)
        assert_int_equal(SSL_write_early_data(talk->ssl[0], text, sizeof text - 1, &len), 1);
    carry(talk, 0);
    int result = SSL_read_early_data(talk->ssl[1], bytes, sizeof bytes, &len);
    assert_int_equal(result == SSL_READ_EARLY_DATA_SUCCESS, !is_refused);
    for (int i = 0; i < 3 && !is_refused; i++) {
        assert_int_equal(len, sizeof text - 1);
        assert_int_equal(um_buf_append(&talk->peers->clear[0], um_span_of(text, len)), UM_OK);
        if (i < 2)
            assert_int_equal(SSL_read_early_data(talk->ssl[1], bytes, sizeof bytes, &len),
                             SSL_READ_EARLY_DATA_SUCCESS);
    }
}

static void
converse(struct talk *talk, const struct peers_plan *plan)
{
    static const size_t lengths[] = {1, 20, 300, 16384, 40000, 77, 5};
    for (int i = 0; i < 2; i++)
        talk->peers->handshake_bytes[i] = talk->peers->wire[i].len;
    for (size_t i = 0; i < sizeof lengths / sizeof *lengths; i++) {
        say(talk, 0, lengths[i] % 900 + 1);
        say(talk, 1, lengths[i]);
        if (i == 2 && plan->renegotiates)
            assert_int_equal(SSL_renegotiate(talk->ssl[0]), 1);
        if (i >= 1 && i <= plan->key_updates)
            assert_int_equal(SSL_key_update(talk->ssl[1], SSL_KEY_UPDATE_REQUESTED), 1);
        settle(talk);
    }
    (void)SSL_shutdown(talk->ssl[0]);
    carry(talk, 0);
}

static void
begin(struct talk *talk, SSL_CTX *const contexts[2])
{
    memset(talk->peers, 0, sizeof *talk->peers);
    SSL_CTX_set_keylog_callback(contexts[0], keep_line);
    for (int i = 0; i < 2; i++) {
        talk->ssl[i] = SSL_new(contexts[i]);
        assert_non_null(talk->ssl[i]);
        SSL_set_bio(talk->ssl[i], BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
        SSL_set_app_data(talk->ssl[i], talk->peers);
    }
    SSL_set_connect_state(talk->ssl[0]);
    SSL_set_accept_state(talk->ssl[1]);
    (void)SSL_set_tlsext_host_name(talk->ssl[0], "um.example");
}

static void
end(struct talk *talk, SSL_CTX *const contexts[2])
{
    for (int i = 0; i < 2; i++) {
        SSL_set_shutdown(talk->ssl[i], SSL_SENT_SHUTDOWN | SSL_RECEIVED_SHUTDOWN);
        SSL_free(talk->ssl[i]);
        SSL_CTX_free(contexts[i]);
    }
}

void
peers_talk(struct peers_server *server, const struct peers_plan *plan, struct peers *out)
{
    struct talk talk = {.peers = out};
    SSL_CTX *contexts[2] = {make_context(NULL, plan), make_context(server, plan)};
    begin(&talk, contexts);
    if (plan->resume)
        (void)SSL_set_session(talk.ssl[0], plan->resume);
    if (plan->sends_early)
        say_early(&talk, plan);
    settle(&talk);
    converse(&talk, plan);
    out->was_resumed = SSL_session_reused(talk.ssl[0]) == 1;
    out->session = SSL_get1_session(talk.ssl[0]);
    end(&talk, contexts);
}

void
peers_quarrel(struct peers_server *server, struct peers *out)
{
    struct talk talk = {.peers = out};
    SSL_CTX *contexts[2] = {
        make_context(NULL, &(struct peers_plan){.version = TLS1_2_VERSION, .suite = "AES128-SHA"}),
        make_context(server, &(struct peers_plan){.version = TLS1_3_VERSION,
                                                  .suite = "TLS_AES_128_GCM_SHA256"})};
    begin(&talk, contexts);
    for (int side = 0; side < 2; side++) {
        (void)SSL_do_handshake(talk.ssl[side]);
        carry(&talk, side);
    }
    end(&talk, contexts);
}

void
peers_done(struct peers *peers)
{
    for (int i = 0; i < 2; i++) {
        um_buf_done(&peers->wire[i]);
        um_buf_done(&peers->clear[i]);
    }
    um_buf_done(&peers->keylog);
    SSL_SESSION_free(peers->session);
}
