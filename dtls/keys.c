#include "dtls/keys.h"

#include "dtls/codepoints.h"

#include <string.h>

/* RFC 5764 §4.1.2 and RFC 7714 §14.2: what each profile's keys measure, in bytes. */
static const struct profile {
    enum dtls_srtp_profile number;
    size_t key_len, salt_len;
} profiles[] = {
    {DTLS_SRTP_AES128_CM_SHA1_80, 16, 14},
    {DTLS_SRTP_AEAD_AES_128_GCM, 16, 12},
    {DTLS_SRTP_AEAD_AES_256_GCM, 32, 12},
};

static const struct profile *find(enum dtls_srtp_profile number)
{
    for (size_t i = 0; i < COUNT(profiles); i++)
        if (profiles[i].number == number) return &profiles[i];
    return NULL;
}

const char *dtls_srtp_profile_name(enum dtls_srtp_profile profile)
{
    return find(profile) ? dtls_srtp_code_name((uint16_t)profile) : "none";
}

size_t dtls_srtp_export_len(enum dtls_srtp_profile profile)
{
    const struct profile *p = find(profile);
    return p ? 2 * (p->key_len + p->salt_len) : 0;
}

static void take(struct reader *r, uint8_t *to, size_t len)
{
    struct bytes b = read_bytes(r, len);
    if (b.len == len) memcpy(to, b.at, len);
}

enum err dtls_srtp_keys_cut(enum dtls_srtp_profile profile, struct bytes material,
                            bool we_are_client, struct dtls_srtp_keys *out)
{
    memset(out, 0, sizeof *out);
    const struct profile *p = find(profile);
    if (!p) return E_UNSUPPORTED;
    if (material.len != dtls_srtp_export_len(profile)) return E_TRUNCATED;

    struct dtls_srtp_master *client = we_are_client ? &out->local : &out->remote;
    struct dtls_srtp_master *server = we_are_client ? &out->remote : &out->local;
    out->profile = profile;
    out->key_len = p->key_len;
    out->salt_len = p->salt_len;
    /* RFC 5764 §4.2: client_write_SRTP_master_key, server_..., client_..._salt, server_... */
    struct reader r = reader_of(material);
    take(&r, client->key, p->key_len);
    take(&r, server->key, p->key_len);
    take(&r, client->salt, p->salt_len);
    take(&r, server->salt, p->salt_len);
    return OK;
}

void dtls_srtp_keys_wipe(struct dtls_srtp_keys *keys)
{
    bytes_wipe(keys, sizeof *keys);
}
