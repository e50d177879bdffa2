# SPDX-License-Identifier: GPL-2.0-or-later
"""What make.py makes: version x suite x kind of handshake x source of the secrets."""

VERSIONS = {"TLS 1.0": "-tls1", "TLS 1.1": "-tls1_1", "TLS 1.2": "-tls1_2", "TLS 1.3": "-tls1_3"}


def openssl(name, version, cipher, suite, secrets, run="openssl", **more):
    option = "-ciphersuites" if version == "TLS 1.3" else "-cipher"
    text = cipher if version == "TLS 1.3" else cipher + ":@SECLEVEL=0"
    return {"name": name, "run": run, "version": version, "suite": suite, "secrets": secrets,
            "protocol": [VERSIONS[version], option, text], **more}


def rsa(name, version, cipher, suite, secrets="server.key", **more):
    return openssl(name, version, cipher, "TLS_RSA_WITH_" + suite, secrets, **more)


def ecdhe(name, version, cipher, suite, secrets="keylog", **more):
    return openssl(name, version, "ECDHE-RSA-" + cipher, "TLS_ECDHE_RSA_WITH_" + suite, secrets, **more)


def tls13(name, suite, secrets="keylog", **more):
    return openssl(name, "TLS 1.3", suite, suite, secrets, **more)


def gnutls(name, version, priority, suite):
    return {"name": name, "run": "gnutls", "version": version, "suite": suite, "secrets": "keylog",
            "priority": "NONE:+VERS-%s:+SIGN-ALL:+COMP-NULL:+GROUP-ALL:+CURVE-ALL:+RSA:%s:%%NO_EXTENSIONS"
                        .replace(":%%NO_EXTENSIONS", "") % (version.replace(" ", ""), priority)}


def nginx(name, version, suite, secrets="keylog", **more):
    return {"name": name, "run": "nginx", "version": version, "suite": suite, "secrets": secrets,
            "protocol": version.replace(" ", "v").replace("v1.0", "v1"), **more}


GCM = "AES_128_GCM_SHA256"
CASES = [
    # versions and suites
    ecdhe("tls10-ecdhe-aes128", "TLS 1.0", "AES128-SHA", "AES_128_CBC_SHA"),
    ecdhe("tls10-mac-inside", "TLS 1.0", "AES256-SHA", "AES_256_CBC_SHA", "dsb", server=["-no_etm"]),
    rsa("tls10-rsa-key", "TLS 1.0", "AES256-SHA", "AES_256_CBC_SHA"),
    rsa("tls11-rsa-key", "TLS 1.1", "AES128-SHA", "AES_128_CBC_SHA"),
    ecdhe("tls11-ecdhe", "TLS 1.1", "AES256-SHA", "AES_256_CBC_SHA", "dsb"),
    ecdhe("tls12-aes128gcm", "TLS 1.2", "AES128-GCM-SHA256", GCM),
    ecdhe("tls12-aes256gcm-dsb", "TLS 1.2", "AES256-GCM-SHA384", "AES_256_GCM_SHA384", "dsb"),
    ecdhe("tls12-chacha", "TLS 1.2", "CHACHA20-POLY1305", "CHACHA20_POLY1305_SHA256"),
    ecdhe("tls12-etm-sha384", "TLS 1.2", "AES256-SHA384", "AES_256_CBC_SHA384"),
    ecdhe("tls12-mac-inside", "TLS 1.2", "AES128-SHA256", "AES_128_CBC_SHA256", "dsb", server=["-no_etm"]),
    openssl("tls12-dhe", "TLS 1.2", "DHE-RSA-AES128-GCM-SHA256", "TLS_DHE_RSA_WITH_AES_128_GCM_SHA256", "dsb"),
    openssl("tls12-camellia", "TLS 1.2", "DHE-RSA-CAMELLIA256-SHA", "TLS_DHE_RSA_WITH_CAMELLIA_256_CBC_SHA",
            "keylog"),
    openssl("tls12-ecdsa-ccm8", "TLS 1.2", "ECDHE-ECDSA-AES128-CCM8", "TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8",
            "keylog", certificate="ec"),
    rsa("tls12-rsa-key", "TLS 1.2", "AES128-GCM-SHA256", GCM),
    rsa("tls12-rsa-p12", "TLS 1.2", "AES256-GCM-SHA384", "AES_256_GCM_SHA384", "server.p12"),
    rsa("tls12-rsa-old-p12", "TLS 1.2", "AES128-SHA256", "AES_128_CBC_SHA256", "server-legacy.p12"),
    rsa("tls12-rsa-sealed-pem", "TLS 1.2", "AES128-SHA", "AES_128_CBC_SHA", "server-sealed.key"),
    rsa("tls12-rsa-several-keys", "TLS 1.2", "AES256-SHA", "AES_256_CBC_SHA", "several.pem"),
    rsa("tls12-rsa-keylog", "TLS 1.2", "AES128-CCM", "AES_128_CCM", "keylog"),
    rsa("tls12-rsa-ccm8", "TLS 1.2", "AES256-CCM8", "AES_256_CCM_8"),
    rsa("tls12-null", "TLS 1.2", "NULL-SHA256", "NULL_SHA256"),
    tls13("tls13-aes128gcm", "TLS_" + GCM),
    tls13("tls13-aes256gcm-dsb", "TLS_AES_256_GCM_SHA384", "dsb"),
    tls13("tls13-chacha", "TLS_CHACHA20_POLY1305_SHA256"),
    tls13("tls13-ccm", "TLS_AES_128_CCM_SHA256", "dsb"),
    tls13("tls13-ccm8", "TLS_AES_128_CCM_8_SHA256"),
    gnutls("tls12-3des", "TLS 1.2", "+3DES-CBC:+SHA1", "TLS_RSA_WITH_3DES_EDE_CBC_SHA"),
    gnutls("tls11-rc4", "TLS 1.1", "+ARCFOUR-128:+SHA1", "TLS_RSA_WITH_RC4_128_SHA"),
    gnutls("tls13-gnutls", "TLS 1.3", "+AES-256-GCM:+AEAD:+SHA384", "TLS_AES_256_GCM_SHA384"),
    # how records are cut
    tls13("tls13-padded", "TLS_" + GCM, server=["-record_padding", "300"]),
    ecdhe("tls12-small-records", "TLS 1.2", "AES128-GCM-SHA256", GCM, server=["-max_send_frag", "512"]),
    # kinds of handshake
    ecdhe("tls12-ticket", "TLS 1.2", "AES128-GCM-SHA256", GCM, run="resumed"),
    ecdhe("tls12-ticket-first-secret", "TLS 1.2", "AES128-GCM-SHA256", GCM, run="resumed", keylog_lines=1),
    ecdhe("tls12-session-id", "TLS 1.2", "AES256-SHA", "AES_256_CBC_SHA", run="resumed", keylog_lines=1,
          server=["-no_ticket"], client=["-no_ticket"]),
    rsa("tls12-rsa-ticket", "TLS 1.2", "AES128-GCM-SHA256", GCM, run="resumed"),
    rsa("tls11-rsa-session-id", "TLS 1.1", "AES128-SHA", "AES_128_CBC_SHA", run="resumed",
        server=["-no_ticket"], client=["-no_ticket"]),
    tls13("tls13-resumed", "TLS_" + GCM, run="resumed"),
    tls13("tls13-early", "TLS_" + GCM, run="resumed", early="taken", server=["-early_data", "-no_anti_replay"]),
    tls13("tls13-early-dsb", "TLS_AES_256_GCM_SHA384", "dsb", run="resumed", early="taken",
          server=["-early_data", "-no_anti_replay"]),
    tls13("tls13-key-update", "TLS_" + GCM, step=b"K\n"),
    tls13("tls13-hello-retry", "TLS_" + GCM, server=["-groups", "P-384"], client=["-groups", "X25519:P-384"]),
    tls13("tls13-client-certificate", "TLS_" + GCM, server=["-verify", "1"]),
    ecdhe("tls12-renegotiated", "TLS 1.2", "AES128-GCM-SHA256", GCM, step=b"R\n",
          server=["-client_renegotiation"]),
    rsa("tls12-rsa-renegotiated", "TLS 1.2", "AES128-SHA", "AES_128_CBC_SHA", step=b"R\n",
        server=["-client_renegotiation"]),
    # a proxy, curl, HTTP/2
    nginx("tls12-nginx", "TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"),
    nginx("tls12-nginx-rsa", "TLS 1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256", "server.key", ciphers="AES128-GCM-SHA256"),
    nginx("tls12-nginx-new-each", "TLS 1.2", "TLS_RSA_WITH_AES_128_GCM_SHA256", "server.key",
          ciphers="AES128-GCM-SHA256", curl=["-H", "Connection: close"]),
    nginx("tls13-nginx-dsb", "TLS 1.3", "TLS_AES_256_GCM_SHA384", "dsb"),
    nginx("tls13-nginx-gzip", "TLS 1.3", "TLS_AES_256_GCM_SHA384", curl=["--compressed"],
          more="gzip on; gzip_types text/xml; gzip_min_length 1; gzip_http_version 1.0; gzip_proxied any;"),
    nginx("tls12-h2", "TLS 1.2", "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384", http="HTTP/2", curl=["--http2"]),
    nginx("tls13-h2", "TLS 1.3", "TLS_AES_256_GCM_SHA384", "dsb", http="HTTP/2", curl=["--http2"]),
    {"name": "tls13-nghttpd", "run": "nghttpd", "version": "TLS 1.3", "suite": "TLS_AES_256_GCM_SHA384",
     "secrets": "keylog"},
    # what cannot be read, and what fails
    ecdhe("tls12-no-secrets", "TLS 1.2", "AES128-GCM-SHA256", GCM, None),
    rsa("tls12-rsa-no-secrets", "TLS 1.2", "AES128-SHA", "AES_128_CBC_SHA", None),
    tls13("tls13-no-secrets", "TLS_" + GCM, None),
    openssl("alert-protocol-version", "TLS 1.2", "AES128-SHA", None, None, run="alert", alert_by="server",
            server_protocol=["-tls1_3"]),
    ecdhe("alert-unknown-ca", "TLS 1.2", "AES128-GCM-SHA256", GCM, None, run="alert", alert_by="client",
          client=["-verify_return_error", "-verify", "1"]),
    tls13("alert-protected", "TLS_" + GCM, run="alert", alert_by="client",
          client=["-verify_return_error", "-verify", "1"]),
]
