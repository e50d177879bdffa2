/* SPDX-License-Identifier: GPL-2.0-or-later */
/* Never tells what stood in a file, only its name. */
#include "offline/secrets_input.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

#include "core/base/err.h"
#include "offline/tls/keylog.h"

enum { KEY_FILE_MAX = 1 << 20, KEYS_MAX = 64, TYPE_TLS_KEY_LOG = 0x544c534b };

static int
tell(FILE *errors, const char *option, const char *path, const char *why)
{
    (void)fprintf(errors, "umtrace: %s %s: %s\n", option, path, why);
    return UM_ERR_USAGE;
}

static int
push_file(FILE *file, struct um_keylog *keylog)
{
    char bytes[4096];
    int err = UM_OK;
    (void)setvbuf(file, NULL, _IONBF, 0); /* no second copy that nobody wipes */
    for (size_t len; !err && (len = fread(bytes, 1, sizeof bytes, file)) > 0;)
        err = um_keylog_push(keylog, um_span_of(bytes, len));
    um_crypto_wipe(bytes, sizeof bytes);
    return err ? err : um_keylog_end(keylog);
}

/* What a log holds that is no secret may be a secret that was cut. */
static void
tell_malformed(FILE *errors, const char *path, const struct um_keylog *keylog)
{
    if (keylog->malformed > 0)
        (void)fprintf(errors,
                      "umtrace: --keylog %s: line %" PRIu64 "%s: left out, no whole secret\n", path,
                      keylog->first_malformed, keylog->malformed > 1 ? " and others" : "");
}

static int
read_keylog(const char *path, struct um_secrets *secrets, FILE *errors)
{
    struct um_keylog keylog = {.secrets = secrets};
    FILE *file = fopen(path, "rb");
    if (!file)
        return tell(errors, "--keylog", path, strerror(errno));
    int err = push_file(file, &keylog);
    bool is_broken = ferror(file) != 0;
    (void)fclose(file);
    if (err)
        return err;
    if (is_broken)
        return tell(errors, "--keylog", path, "cannot be read");
    if (keylog.understood == 0)
        return tell(errors, "--keylog", path,
                    "holds no TLS secret (lines such as CLIENT_RANDOM, as SSLKEYLOGFILE gives)");
    tell_malformed(errors, path, &keylog);
    return UM_OK;
}

/* Every RSA key in a file; the others say nothing of TLS. */
static int
parse_keys(const char *path, struct um_span bytes, struct um_secrets *secrets, FILE *errors)
{
    const char *password = getenv("UMTRACE_TLS_KEY_PASSWORD");
    struct um_rsa *rsa;
    size_t count = 0;
    int result = UM_OK;
    while (result == UM_OK && count < KEYS_MAX) {
        result = um_rsa_next(&bytes, password, &rsa);
        if (result == UM_OK)
            result = um_secrets_add_rsa(secrets, rsa);
        count += result == UM_OK;
    }
    if (result == UM_RSA_SEALED && count == 0)
        return tell(errors, "--tls-key", path,
                    password ? "the password in UMTRACE_TLS_KEY_PASSWORD does not open it"
                             : "is sealed with a password: put it into the environment variable "
                               "UMTRACE_TLS_KEY_PASSWORD");
    if (result == UM_ERR_FORMAT && count == 0)
        return tell(errors, "--tls-key", path, "holds no RSA private key (PEM, DER or PKCS#12)");
    return result == UM_ERR_NOMEM ? result : UM_OK;
}

static int
read_key(const char *path, struct um_secrets *secrets, FILE *errors)
{
    FILE *file = fopen(path, "rb");
    if (!file)
        return tell(errors, "--tls-key", path, strerror(errno));
    (void)setvbuf(file, NULL, _IONBF, 0);
    uint8_t *bytes = malloc(KEY_FILE_MAX);
    if (!bytes) {
        (void)fclose(file);
        return UM_ERR_NOMEM;
    }
    size_t len = fread(bytes, 1, KEY_FILE_MAX, file);
    (void)fclose(file);
    int err = parse_keys(path, um_span_of(bytes, len), secrets, errors);
    um_crypto_wipe(bytes, len);
    free(bytes);
    return err;
}

int
um_secrets_input_read(const struct um_options *options, struct um_secrets *secrets, FILE *errors)
{
    int err = UM_OK;
    for (size_t i = 0; i < options->keylog_count && !err; i++)
        err = read_keylog(options->keylogs[i], secrets, errors);
    for (size_t i = 0; i < options->tls_key_count && !err; i++)
        err = read_key(options->tls_keys[i], secrets, errors);
    return err;
}

int
um_secrets_input_take(void *ctx, uint32_t type, struct um_span bytes)
{
    struct um_keylog keylog = {.secrets = ctx};
    if (type != TYPE_TLS_KEY_LOG)
        return UM_OK;
    int err = um_keylog_push(&keylog, bytes);
    return err ? err : um_keylog_end(&keylog);
}
