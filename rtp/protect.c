#include "rtp/protect.h"

#include <assert.h>
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include "base/unproved.h"
#include "rtp/sealed.h"

#define SRTCP_INDEX 4 /* RFC 3711 §3.4: E flag and index */

/* Tries with another rollover counter cost a second proof each: a spray of forged packets must not
 * buy them without end. Each packet that authenticates earns one back. */
#define ROLLOVER_TRIES 16

/* Longer than any packet of ours; what proves one has so much room. */
#define OPEN_MAX 2048

struct profile {
    srtp_profile_t number;
    size_t key_len, salt_len, tag_len;
};

static const struct profile profiles[] = {
    {srtp_profile_aes128_cm_sha1_80, 16, 14, 10},
    {srtp_profile_aead_aes_128_gcm, 16, 12, 16},
    {srtp_profile_aead_aes_256_gcm, 32, 12, 16},
};

struct ssrc_set {
    size_t count;
    struct ssrc {
        uint32_t number;
        bool rtp_seen; /* not only RTCP */
    } at[PROTECT_SSRC_MAX];
};

struct protect {
    const struct profile *profile;
    srtp_t sending, receiving;
    struct ssrc_set local, remote;
    unsigned rollover_tries;
    struct sealed_keys theirs; /* for what comes from an SSRC that has sent nothing yet */
    uint8_t receive_key[SRTP_MAX_KEY_LEN]; /* key and salt, for streams that begin after a wrap */
    struct fault fault;
    struct protect_counters counters;
};

static enum err refuse(struct protect *p, enum err err, size_t offset, const char *rule)
{
    p->fault = (struct fault){err, "srtp", offset, rule};
    switch (err) {
    case E_AUTH: p->counters.auth++; break;
    case E_STATE: p->counters.replay++; break;
    case E_FULL:
    case E_NOMEM: p->counters.full++; break;
    default: p->counters.malformed++; break;
    }
    return err;
}

static const struct profile *find_profile(uint16_t number)
{
    for (size_t i = 0; i < COUNT(profiles); i++)
        if ((uint16_t)profiles[i].number == number) return &profiles[i];
    return NULL;
}

static bool make_policy(const struct profile *profile, uint8_t *key, srtp_policy_t *policy)
{
    memset(policy, 0, sizeof *policy);
    policy->key = key;
    policy->window_size = PROTECT_REPLAY_WINDOW;
    policy->allow_repeat_tx = 0; /* the same nonce never protects two packets (RFC 7714 §8.4) */
    return srtp_crypto_policy_set_from_profile_for_rtp(&policy->rtp, profile->number) ==
               srtp_err_status_ok &&
           srtp_crypto_policy_set_from_profile_for_rtcp(&policy->rtcp, profile->number) ==
               srtp_err_status_ok;
}

/* libsrtp keeps one state a process, which srtp_init makes; called again it runs all its self-tests
 * once more (50 ms) and fails. So it is called only when a session can't be made without it. */
static srtp_t make_session(const struct profile *profile, srtp_ssrc_type_t direction, uint8_t *key)
{
    srtp_t session = NULL;
    srtp_policy_t policy;
    if (!make_policy(profile, key, &policy)) return NULL;
    policy.ssrc.type = direction;
    if (srtp_create(&session, &policy) == srtp_err_status_ok) return session;
    if (srtp_init() != srtp_err_status_ok) return NULL;
    if (srtp_create(&session, &policy) == srtp_err_status_ok) return session;
    return NULL;
}

/* libsrtp wants the salt right behind the key. */
static bool join_key(const struct profile *profile, struct bytes key, struct bytes salt,
                     uint8_t joined[SRTP_MAX_KEY_LEN])
{
    if (key.len != profile->key_len || salt.len != profile->salt_len) return false;
    memcpy(joined, key.at, key.len);
    memcpy(joined + key.len, salt.at, salt.len);
    return true;
}

struct protect *protect_new(const struct protect_config *cfg)
{
    const struct profile *profile = find_profile(cfg->profile);
    struct protect *p = profile ? calloc(1, sizeof *p) : NULL;
    if (!p) return NULL;
    uint8_t send_key[SRTP_MAX_KEY_LEN];
    p->profile = profile;
    p->rollover_tries = ROLLOVER_TRIES;
    if (join_key(profile, cfg->send_key, cfg->send_salt, send_key) &&
        join_key(profile, cfg->receive_key, cfg->receive_salt, p->receive_key)) {
        p->sending = make_session(profile, ssrc_any_outbound, send_key);
        p->receiving = make_session(profile, ssrc_any_inbound, p->receive_key);
    }
    bytes_wipe(send_key, sizeof send_key);
    if (p->sending && p->receiving &&
        sealed_keys_init(&p->theirs, cfg->profile, cfg->receive_key, cfg->receive_salt))
        return p;
    protect_free(p);
    return NULL;
}

/* A protect with a key of zeros: nothing ever goes through it. */
struct protect *protect_prepare(void)
{
    static const uint8_t zeros[16];
    const struct bytes key = {zeros, 16}, salt = {zeros, 12};
    return protect_new(&(struct protect_config){.profile = PROTECT_AEAD_AES_128_GCM,
                                                .send_key = key,
                                                .send_salt = salt,
                                                .receive_key = key,
                                                .receive_salt = salt});
}

void protect_free(struct protect *protect)
{
    if (!protect) return;
    if (protect->sending) srtp_dealloc(protect->sending);
    if (protect->receiving) srtp_dealloc(protect->receiving);
    sealed_keys_wipe(&protect->theirs);
    bytes_wipe(protect, sizeof *protect);
    free(protect);
}

static struct ssrc *find_ssrc(struct ssrc_set *set, uint32_t number)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->at[i].number == number) return &set->at[i];
    return NULL;
}

/* After its first packet was authenticated or protected; there is room, admit() has looked. */
static struct ssrc *learn_ssrc(struct ssrc_set *set, uint32_t number)
{
    struct ssrc *known = find_ssrc(set, number);
    if (known) return known;
    known = &set->at[set->count++];
    *known = (struct ssrc){.number = number};
    return known;
}

/* Reads up to where an RTP packet's payload begins (RFC 3550 §5.1, §5.3.1); fails: it has none. */
static inline void skip_rtp_header(struct reader *r, uint32_t *ssrc, uint16_t *seq)
{
    uint8_t first = read_u8(r);
    if (first >> 6 != 2) reader_fail(r, E_MALFORMED, "RTP version is not 2 (RFC 3550 5.1)");
    read_skip(r, 1);
    *seq = read_u16(r);
    read_skip(r, 4);
    *ssrc = read_u32(r);
    read_skip(r, 4 * (size_t)(first & 0x0F));
    if (first & 0x10) {
        read_skip(r, 2);
        read_skip(r, 4 * (size_t)read_u16(r));
    }
}

static void skip_rtcp_header(struct reader *r, uint32_t *ssrc)
{
    uint8_t first = read_u8(r);
    if (first >> 6 != 2) reader_fail(r, E_MALFORMED, "RTCP version is not 2 (RFC 3550 6.1)");
    read_skip(r, 3);
    *ssrc = read_u32(r);
}

/* What both ways of both protocols check first: a whole header, and room for another SSRC. */
static enum err admit(struct protect *p, const struct reader *r, struct ssrc_set *set,
                      uint32_t ssrc)
{
    p->fault = (struct fault){0};
    if (r->err != OK) {
        struct fault f = reader_fault(r, "srtp");
        return refuse(p, f.err, f.offset, f.rule);
    }
    if (set->count == PROTECT_SSRC_MAX && !find_ssrc(set, ssrc))
        return refuse(p, E_FULL, 8, "more SSRCs than PROTECT_SSRC_MAX");
    return OK;
}

/* libsrtp's answer in our words. */
static enum err answer(struct protect *p, srtp_err_status_t status)
{
    switch (status) {
    case srtp_err_status_ok: return OK;
    case srtp_err_status_replay_fail:
        return refuse(p, E_STATE, 0, "this index was seen before (RFC 3711 3.3.2)");
    case srtp_err_status_replay_old:
    case srtp_err_status_pkt_idx_old:
        return refuse(p, E_STATE, 0, "older than the replay window (RFC 3711 3.3.2)");
    case srtp_err_status_key_expired:
        return refuse(p, E_STATE, 0, "the key has protected all it may (RFC 3711 9.2)");
    case srtp_err_status_parse_err:
    case srtp_err_status_bad_param:
        return refuse(p, E_MALFORMED, 0, "header runs past the packet (RFC 3550 5.1)");
    case srtp_err_status_alloc_fail: return refuse(p, E_NOMEM, 0, "no memory for another SSRC");
    default: return refuse(p, E_AUTH, 0, "authentication tag differs (RFC 3711 3.3)");
    }
}

#define IS_ALIGNED(at) ((uintptr_t)(at) % 4 == 0) /* a macro: only assert uses it */

enum err protect_rtp(struct protect *protect, uint8_t *at, size_t *len, size_t room)
{
    uint32_t ssrc;
    uint16_t seq;
    assert(IS_ALIGNED(at));
    struct reader r = reader_of((struct bytes){at, *len});
    skip_rtp_header(&r, &ssrc, &seq);
    enum err err = admit(protect, &r, &protect->local, ssrc);
    if (err != OK) return err;
    if (*len > OPEN_MAX || room < *len + PROTECT_ROOM)
        return refuse(protect, E_FULL, *len, "no room behind the packet (PROTECT_ROOM)");
    int n = (int)*len;
    err = answer(protect, srtp_protect(protect->sending, at, &n));
    if (err != OK) return err;
    learn_ssrc(&protect->local, ssrc);
    *len = (size_t)n;
    protect->counters.rtp_out++;
    return OK;
}

enum err protect_rtcp(struct protect *protect, uint8_t *at, size_t *len, size_t room)
{
    uint32_t ssrc;
    assert(IS_ALIGNED(at));
    struct reader r = reader_of((struct bytes){at, *len});
    skip_rtcp_header(&r, &ssrc);
    if (*len % 4) reader_fail(&r, E_MALFORMED, "RTCP is not whole words (RFC 3550 6.1)");
    enum err err = admit(protect, &r, &protect->local, ssrc);
    if (err != OK) return err;
    if (*len > OPEN_MAX || room < *len + PROTECT_ROOM)
        return refuse(protect, E_FULL, *len, "no room behind the packet (PROTECT_ROOM)");
    int n = (int)*len;
    err = answer(protect, srtp_protect_rtcp(protect->sending, at, &n));
    if (err != OK) return err;
    learn_ssrc(&protect->local, ssrc);
    *len = (size_t)n;
    protect->counters.rtcp_out++;
    return OK;
}

/* The stream of a remote SSRC, or a new one, set to the rollover counter 1. */
static bool begin_after_wrap(struct protect *p, uint32_t ssrc)
{
    if (!find_ssrc(&p->remote, ssrc)) {
        srtp_policy_t policy;
        if (!make_policy(p->profile, p->receive_key, &policy)) return false;
        policy.ssrc = (srtp_ssrc_t){ssrc_specific, ssrc};
        if (srtp_add_stream(p->receiving, &policy) != srtp_err_status_ok) return false;
    }
    return srtp_set_stream_roc(p->receiving, ssrc, 1) == srtp_err_status_ok;
}

static void remove_stream(struct protect *p, uint32_t ssrc)
{
    /* Unlike its other functions this one wants the SSRC as it is on the wire. */
    uint8_t wire[4] = {(uint8_t)(ssrc >> 24), (uint8_t)(ssrc >> 16), (uint8_t)(ssrc >> 8),
                       (uint8_t)ssrc};
    uint32_t network_order;
    memcpy(&network_order, wire, sizeof network_order);
    srtp_remove_stream(p->receiving, network_order);
}

static void earn_try(struct protect *p)
{
    if (p->rollover_tries < ROLLOVER_TRIES) p->rollover_tries++;
}

/* In fuzz builds alone: takes off a tag that only such builds let pass, with `more` bytes before it
 * (base/unproved.h). The packet is in the clear then. */
static bool strip_unproved(const struct protect *p, const uint8_t *at, size_t *len, size_t more)
{
    size_t tag_len = p->profile->tag_len;
    if (!unproved_passes((struct bytes){at + *len - tag_len, tag_len})) return false;
    *len -= tag_len + more;
    return true;
}

/* Whether the tag is right, of a packet whose SSRC has sent nothing yet. libsrtp would tell, too,
 * but over NSS it takes 2.7 us to refuse what anybody can send from the proved address, and OpenSSL
 * a quarter of that. One packet of a stream is looked at twice for it. */
static bool is_proved_rtp(struct protect *p, struct bytes packet, uint32_t roc)
{
    struct sealed s;
    uint8_t room[OPEN_MAX];
    if (sealed_split_rtp(&s, p->theirs.profile, packet) != OK) return false;
    s.index |= (uint64_t)roc << 16;
    return sealed_open_rtp(&p->theirs, &s, room);
}

static bool is_proved_rtcp(struct protect *p, struct bytes packet)
{
    struct sealed s;
    uint8_t room[OPEN_MAX];
    return sealed_split_rtcp(&s, p->theirs.profile, packet) == OK &&
           sealed_open_rtcp(&p->theirs, &s, room);
}

/* The rollover counter of the first RTP packet of an SSRC: 0 (RFC 3711 §3.3.1), or 1 if packets
 * from before its sequence number wrapped were lost; then nothing would ever authenticate with 0.
 * Later wraps are within what the index estimate allows for. False: its tag is right with neither.
 */
static bool find_rollover(struct protect *p, struct bytes packet, uint16_t seq, uint32_t *roc)
{
    *roc = 0;
    if (is_proved_rtp(p, packet, 0)) return true;
    if (seq >= 0x8000 || p->rollover_tries == 0) return false;
    p->rollover_tries--;
    *roc = 1;
    return is_proved_rtp(p, packet, 1);
}

/* libsrtp's part of the first RTP packet of an SSRC, which is proved. */
static srtp_err_status_t open_first(struct protect *p, uint32_t ssrc, uint8_t *at, int *n,
                                    uint32_t roc)
{
    bool is_new = !find_ssrc(&p->remote, ssrc);
    if (roc && !begin_after_wrap(p, ssrc)) return srtp_err_status_alloc_fail;
    srtp_err_status_t status = srtp_unprotect(p->receiving, at, n);
    if (roc && !is_new) srtp_set_stream_roc(p->receiving, ssrc, 0); /* nothing pending */
    if (roc && is_new && status != srtp_err_status_ok) remove_stream(p, ssrc);
    if (roc && status == srtp_err_status_ok) p->counters.rollover++;
    return status;
}

enum err unprotect_rtp(struct protect *protect, uint8_t *at, size_t *len)
{
    uint32_t ssrc;
    uint16_t seq;
    assert(IS_ALIGNED(at));
    struct reader r = reader_of((struct bytes){at, *len});
    skip_rtp_header(&r, &ssrc, &seq);
    if (*len > OPEN_MAX) reader_fail(&r, E_MALFORMED, "longer than any packet of ours");
    read_skip(&r, protect->profile->tag_len); /* the tag is behind the header at least */
    enum err err = admit(protect, &r, &protect->remote, ssrc);
    if (err != OK) return err;

    if (strip_unproved(protect, at, len, 0)) {
        learn_ssrc(&protect->remote, ssrc);
        protect->counters.rtp_in++;
        return OK;
    }
    const struct ssrc *known = find_ssrc(&protect->remote, ssrc);
    int n = (int)*len;
    uint32_t roc;
    if (known && known->rtp_seen)
        err = answer(protect, srtp_unprotect(protect->receiving, at, &n));
    else if (find_rollover(protect, (struct bytes){at, *len}, seq, &roc))
        err = answer(protect, open_first(protect, ssrc, at, &n, roc));
    else
        err = answer(protect, srtp_err_status_auth_fail);
    if (err != OK) return err;
    learn_ssrc(&protect->remote, ssrc)->rtp_seen = true;
    earn_try(protect);
    *len = (size_t)n;
    protect->counters.rtp_in++;
    return OK;
}

enum err unprotect_rtcp(struct protect *protect, uint8_t *at, size_t *len)
{
    uint32_t ssrc;
    assert(IS_ALIGNED(at));
    struct reader r = reader_of((struct bytes){at, *len});
    skip_rtcp_header(&r, &ssrc);
    if (*len > OPEN_MAX) reader_fail(&r, E_MALFORMED, "longer than any packet of ours");
    read_skip(&r, SRTCP_INDEX + protect->profile->tag_len);
    enum err err = admit(protect, &r, &protect->remote, ssrc);
    if (err != OK) return err;
    if (strip_unproved(protect, at, len, SRTCP_INDEX)) {
        learn_ssrc(&protect->remote, ssrc);
        protect->counters.rtcp_in++;
        return OK;
    }
    if (!find_ssrc(&protect->remote, ssrc) && !is_proved_rtcp(protect, (struct bytes){at, *len}))
        return answer(protect, srtp_err_status_auth_fail);
    int n = (int)*len;
    err = answer(protect, srtp_unprotect_rtcp(protect->receiving, at, &n));
    if (err != OK) return err;
    learn_ssrc(&protect->remote, ssrc);
    earn_try(protect);
    *len = (size_t)n;
    protect->counters.rtcp_in++;
    return OK;
}

void protect_forget_remote(struct protect *protect, uint32_t ssrc)
{
    struct ssrc *known = find_ssrc(&protect->remote, ssrc);
    if (!known) return;
    remove_stream(protect, ssrc);
    *known = protect->remote.at[--protect->remote.count];
}

const struct fault *protect_fault(const struct protect *protect)
{
    return &protect->fault;
}

const struct protect_counters *protect_counters(const struct protect *protect)
{
    return &protect->counters;
}
