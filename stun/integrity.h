/* MESSAGE-INTEGRITY, MESSAGE-INTEGRITY-SHA256, FINGERPRINT and the keys. RFC 8489 §9, §14.5 to
 * §14.7. Each of the three stands for itself: integrity is never tied to FINGERPRINT. */
#ifndef DUET_STUN_INTEGRITY_H
#define DUET_STUN_INTEGRITY_H

#include "base/digest.h"
#include "stun/message.h"

/* A password made ready: a tag costs no set-up. It is a secret: wipe it with stun_key_wipe. */
struct stun_key {
    struct hmac_sha1_key sha1;
    struct hmac_sha256_key sha256;
};

/* §9.1.1, short-term: the key is the password. ICE's is plain ASCII (RFC 8839 §5.4), on which
 * OpaqueString changes nothing, so the bytes are taken as they are. */
void stun_key_short_term(struct stun_key *key, struct bytes password);
/* §9.2.2, long-term with the MD5 algorithm: MD5(username ":" realm ":" password). All three
 * prepared by the caller; together below 1024 bytes, else false and no key. */
bool stun_key_long_term(struct stun_key *key, struct bytes username, struct bytes realm,
                        struct bytes password);
void stun_key_wipe(struct stun_key *key);

enum stun_proof { STUN_ABSENT, STUN_OK, STUN_BAD };

/* "absent", "ok", "bad" */
const char *stun_proof_name(enum stun_proof proof);

/* Verify one attribute of a parsed message; compared in constant time. */
enum stun_proof stun_check_integrity(const struct stun_msg *m, const struct stun_key *key);
/* A tag cut short (§14.6: 16 to 32 bytes) is bad: no usage of ours allows truncation. */
enum stun_proof stun_check_integrity_sha256(const struct stun_msg *m, const struct stun_key *key);
enum stun_proof stun_check_fingerprint(const struct stun_msg *m);
/* §9.1.3: SHA-256 decides where present, else SHA-1. */
enum stun_proof stun_check_any(const struct stun_msg *m, const struct stun_key *key);

/* Append one attribute over all that was built before; in this order where several are wanted. */
void stun_put_integrity(struct writer *w, const struct stun_key *key);
void stun_put_integrity_sha256(struct writer *w, const struct stun_key *key);
void stun_put_fingerprint(struct writer *w);

#endif
