/* Certificates made while the tests run, good and bad ones. */
#ifndef DUET_TESTS_NET_CERTIFICATE_H
#define DUET_TESTS_NET_CERTIFICATE_H

#include "tests/suite.h"

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdlib.h>
#include <unistd.h>

struct certificate {
    EVP_PKEY *key;
    X509 *x509;
    char cert_file[256], key_file[256]; /* PEM */
};

struct certificate_wish {
    const char *name;               /* subjectAltName: "DNS:localhost", "IP:127.0.0.1" */
    long from, until;               /* seconds from now */
    const struct certificate *made; /* the issuer; NULL: itself */
    int authority;                  /* may sign others */
};

static inline void certificate_extend(X509 *x509, int nid, const char *value)
{
    X509_EXTENSION *e = X509V3_EXT_conf_nid(NULL, NULL, nid, value);
    ck_assert_ptr_nonnull(e);
    ck_assert_int_eq(X509_add_ext(x509, e, -1), 1);
    X509_EXTENSION_free(e);
}

/* A new file in the build folder, for writing; its name into `path`. */
static inline FILE *certificate_file(char path[256])
{
    snprintf(path, 256, "%s/certificate-XXXXXX", DUET_BINARY_DIR);
    int fd = mkstemp(path);
    ck_assert_int_ge(fd, 0);
    return fdopen(fd, "wb");
}

static inline struct certificate certificate_make(struct certificate_wish wish)
{
    struct certificate c = {.key = EVP_EC_gen("P-256"), .x509 = X509_new()};
    X509_NAME *subject = X509_get_subject_name(c.x509);
    X509_set_version(c.x509, X509_VERSION_3);
    ASN1_INTEGER_set(X509_get_serialNumber(c.x509), wish.authority ? 1 : 2);
    X509_gmtime_adj(X509_getm_notBefore(c.x509), wish.from);
    X509_gmtime_adj(X509_getm_notAfter(c.x509), wish.until);
    X509_set_pubkey(c.x509, c.key);
    X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_ASC, (const unsigned char *)wish.name, -1,
                               -1, 0);
    X509_set_issuer_name(c.x509, wish.made ? X509_get_subject_name(wish.made->x509) : subject);
    if (wish.authority)
        certificate_extend(c.x509, NID_basic_constraints, "critical,CA:TRUE");
    else
        certificate_extend(c.x509, NID_subject_alt_name, wish.name);
    ck_assert_int_gt(X509_sign(c.x509, wish.made ? wish.made->key : c.key, EVP_sha256()), 0);
    FILE *f = certificate_file(c.cert_file);
    ck_assert_int_eq(PEM_write_X509(f, c.x509), 1);
    fclose(f);
    f = certificate_file(c.key_file);
    ck_assert_int_eq(PEM_write_PrivateKey(f, c.key, NULL, NULL, 0, NULL, NULL), 1);
    fclose(f);
    return c;
}

static inline void certificate_drop(struct certificate *c)
{
    EVP_PKEY_free(c->key);
    X509_free(c->x509);
    unlink(c->cert_file);
    unlink(c->key_file);
}

#endif
