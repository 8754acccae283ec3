#include "rtp/protect.h"

#include <assert.h>
#include <srtp2/srtp.h>
#include <stdlib.h>
#include <string.h>

#include "base/unproved.h"
#include "rtp/sealed.h"
#include "rtp/seq.h"

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

/* One of theirs. Indexes are those of RFC 3711 §3.3.1, and of §3.4 for RTCP. */
struct ssrc {
    uint32_t number;
    bool rtp_seen;        /* libsrtp's stream has opened RTP, not only RTCP */
    uint64_t turn;        /* when it was heard last, in packets of all */
    uint64_t first, next; /* below `first` all is a replay; `next` is behind the highest so far */
    uint32_t rtcp_first, rtcp_next;
};

/* One that gave way. libsrtp forgot it, replay window and rollover counter: this is what to refuse
 * and to go on from if it comes back. */
struct forgotten {
    uint32_t number, rtcp_next;
    uint64_t next;
};

/* SSRCs that come: PROTECT_SSRC_MAX at a time, for which there is memory once the first comes. */
struct ssrc_set {
    struct ssrc *at;
    struct forgotten *forgotten; /* PROTECT_FORGOTTEN_MAX, for which there is once `at` is full */
    size_t count, forgotten_count;
    uint64_t turn;
};

struct protect {
    const struct profile *profile;
    srtp_t sending, receiving;
    uint32_t local[PROTECT_LOCAL_MAX];
    size_t local_count;
    struct ssrc_set remote;
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
    free(protect->remote.at);
    free(protect->remote.forgotten);
    bytes_wipe(protect, sizeof *protect);
    free(protect);
}

static bool is_local(const struct protect *p, uint32_t number)
{
    for (size_t i = 0; i < p->local_count; i++)
        if (p->local[i] == number) return true;
    return false;
}

/* After its first packet was protected; there is room, admit_local() has looked. */
static void learn_local(struct protect *p, uint32_t number)
{
    if (!is_local(p, number)) p->local[p->local_count++] = number;
}

static struct ssrc *find_ssrc(const struct ssrc_set *set, uint32_t number)
{
    for (size_t i = 0; i < set->count; i++)
        if (set->at[i].number == number) return &set->at[i];
    return NULL;
}

static struct forgotten *find_forgotten(const struct ssrc_set *set, uint32_t number)
{
    for (size_t i = 0; set->forgotten && i < set->forgotten_count; i++)
        if (set->forgotten[i].number == number) return &set->forgotten[i];
    return NULL;
}

/* What is known of an SSRC whether it gave way or not; zeros: nothing, it is new. */
static struct ssrc recall(const struct ssrc_set *set, uint32_t number)
{
    const struct ssrc *known = find_ssrc(set, number);
    const struct forgotten *past = known ? NULL : find_forgotten(set, number);
    if (known) return *known;
    if (!past) return (struct ssrc){.number = number};
    return (struct ssrc){.number = number,
                         .first = past->next,
                         .next = past->next,
                         .rtcp_first = past->rtcp_next,
                         .rtcp_next = past->rtcp_next};
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

/* What both ways of both protocols check first: a whole header. */
static enum err admit(struct protect *p, const struct reader *r)
{
    p->fault = (struct fault){0};
    if (r->err == OK) return OK;
    struct fault f = reader_fault(r, "srtp");
    return refuse(p, f.err, f.offset, f.rule);
}

/* And room for another SSRC. None of ours gives way: it would repeat its nonces (RFC 7714 §8.4). */
static enum err admit_local(struct protect *p, const struct reader *r, uint32_t ssrc)
{
    enum err err = admit(p, r);
    if (err == OK && p->local_count == PROTECT_LOCAL_MAX && !is_local(p, ssrc))
        return refuse(p, E_FULL, 8, "more SSRCs than PROTECT_LOCAL_MAX");
    return err;
}

static enum err admit_remote(struct protect *p, const struct reader *r, uint32_t ssrc)
{
    const struct ssrc_set *set = &p->remote;
    enum err err = admit(p, r);
    if (err != OK || set->count < PROTECT_SSRC_MAX || find_ssrc(set, ssrc)) return err;
    bool may_give_way = set->forgotten && set->forgotten_count < PROTECT_FORGOTTEN_MAX;
    if (may_give_way || find_forgotten(set, ssrc)) return OK;
    return refuse(p, E_FULL, 8, "more SSRCs than PROTECT_FORGOTTEN_MAX remembers");
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
    enum err err = admit_local(protect, &r, ssrc);
    if (err != OK) return err;
    if (*len > OPEN_MAX || room < *len + PROTECT_ROOM)
        return refuse(protect, E_FULL, *len, "no room behind the packet (PROTECT_ROOM)");
    int n = (int)*len;
    err = answer(protect, srtp_protect(protect->sending, at, &n));
    if (err != OK) return err;
    learn_local(protect, ssrc);
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
    enum err err = admit_local(protect, &r, ssrc);
    if (err != OK) return err;
    if (*len > OPEN_MAX || room < *len + PROTECT_ROOM)
        return refuse(protect, E_FULL, *len, "no room behind the packet (PROTECT_ROOM)");
    int n = (int)*len;
    err = answer(protect, srtp_protect_rtcp(protect->sending, at, &n));
    if (err != OK) return err;
    learn_local(protect, ssrc);
    *len = (size_t)n;
    protect->counters.rtcp_out++;
    return OK;
}

/* The stream of a remote SSRC, or a new one, set to a rollover counter above 0. */
static bool begin_after_wrap(struct protect *p, uint32_t ssrc, uint32_t roc)
{
    if (!find_ssrc(&p->remote, ssrc)) {
        srtp_policy_t policy;
        if (!make_policy(p->profile, p->receive_key, &policy)) return false;
        policy.ssrc = (srtp_ssrc_t){ssrc_specific, ssrc};
        if (srtp_add_stream(p->receiving, &policy) != srtp_err_status_ok) return false;
    }
    return srtp_set_stream_roc(p->receiving, ssrc, roc) == srtp_err_status_ok;
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

/* Before libsrtp learns of a first SSRC: then there is no failing any more. */
static bool has_memory(struct ssrc_set *set)
{
    if (!set->at) set->at = calloc(PROTECT_SSRC_MAX, sizeof *set->at);
    return set->at != NULL;
}

/* The one that was not heard for longest gives way. A stream that is in use seldom is it; and
 * where it is (muted, say), nothing is lost: all that its packets need is remembered. */
static void forget_longest_idle(struct protect *p)
{
    struct ssrc_set *set = &p->remote;
    struct ssrc *idle = &set->at[0];
    for (size_t i = 1; i < set->count; i++)
        if (set->at[i].turn < idle->turn) idle = &set->at[i];
    set->forgotten[set->forgotten_count++] =
        (struct forgotten){idle->number, idle->rtcp_next, idle->next};
    remove_stream(p, idle->number);
    *idle = set->at[--set->count];
}

/* After a packet of it was authenticated; there is room, admit_remote() has looked. */
static struct ssrc *learn_remote(struct protect *p, uint32_t number)
{
    struct ssrc_set *set = &p->remote;
    struct ssrc *known = find_ssrc(set, number);
    if (!known) {
        struct ssrc fresh = recall(set, number);
        struct forgotten *past = find_forgotten(set, number);
        if (past) *past = set->forgotten[--set->forgotten_count];
        if (set->count == PROTECT_SSRC_MAX) forget_longest_idle(p);
        known = &set->at[set->count++];
        *known = fresh;
        if (set->count == PROTECT_SSRC_MAX && !set->forgotten) /* NULL: no further SSRC gets in */
            set->forgotten = calloc(PROTECT_FORGOTTEN_MAX, sizeof *set->forgotten);
    }
    known->turn = ++set->turn;
    return known;
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

/* An RTCP packet's index, which it carries (RFC 3711 §3.4). The first packet of an SSRC is proved
 * here. */
static srtp_err_status_t find_rtcp_index(struct protect *p, struct bytes packet, uint32_t ssrc,
                                         uint32_t *index)
{
    struct sealed s;
    uint8_t room[OPEN_MAX];
    if (sealed_split_rtcp(&s, p->theirs.profile, packet) != OK) return srtp_err_status_auth_fail;
    *index = (uint32_t)s.index;
    if (*index < recall(&p->remote, ssrc).rtcp_first) return srtp_err_status_replay_old;
    if (find_ssrc(&p->remote, ssrc)) return srtp_err_status_ok;
    if (!sealed_open_rtcp(&p->theirs, &s, room)) return srtp_err_status_auth_fail;
    return has_memory(&p->remote) ? srtp_err_status_ok : srtp_err_status_alloc_fail;
}

/* The index of the first RTP packet of an SSRC, whose rollover counter is 0 (RFC 3711 §3.3.1), or 1
 * if packets from before its sequence number wrapped were lost; then nothing would ever
 * authenticate with 0. Later wraps are within what the index estimate allows for. False: its tag is
 * right with neither. */
static bool find_first_index(struct protect *p, struct bytes packet, uint16_t seq, uint64_t *index)
{
    *index = seq;
    if (is_proved_rtp(p, packet, 0)) return true;
    if (seq >= 0x8000 || p->rollover_tries == 0) return false;
    p->rollover_tries--;
    *index = 0x10000 | (uint64_t)seq;
    return is_proved_rtp(p, packet, 1);
}

/* The index of a packet: next to the highest so far (RFC 3711 §3.3.1), as libsrtp has it, too. The
 * first one that libsrtp sees of an SSRC is proved here. */
static srtp_err_status_t find_index(struct protect *p, const struct ssrc *known,
                                    struct bytes packet, uint16_t seq, uint64_t *index)
{
    if (known->next == 0)
        return find_first_index(p, packet, seq, index) ? srtp_err_status_ok
                                                       : srtp_err_status_auth_fail;
    *index = rtp_extend(known->next - 1, seq, 16);
    if (*index < known->first) return srtp_err_status_replay_old;
    if (known->rtp_seen) return srtp_err_status_ok;
    return is_proved_rtp(p, packet, (uint32_t)(*index >> 16)) ? srtp_err_status_ok
                                                              : srtp_err_status_auth_fail;
}

/* libsrtp's part of the first RTP packet of an SSRC, which is proved. */
static srtp_err_status_t open_first(struct protect *p, uint32_t ssrc, uint8_t *at, int *n,
                                    uint32_t roc)
{
    bool is_new = !find_ssrc(&p->remote, ssrc);
    if (!has_memory(&p->remote)) return srtp_err_status_alloc_fail;
    if (roc && !begin_after_wrap(p, ssrc, roc)) return srtp_err_status_alloc_fail;
    srtp_err_status_t status = srtp_unprotect(p->receiving, at, n);
    if (roc && !is_new) srtp_set_stream_roc(p->receiving, ssrc, 0); /* nothing pending */
    if (roc && is_new && status != srtp_err_status_ok) remove_stream(p, ssrc);
    return status;
}

static void note_index(struct ssrc *known, uint64_t index)
{
    known->rtp_seen = true;
    if (index >= known->next) known->next = index + 1;
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
    enum err err = admit_remote(protect, &r, ssrc);
    if (err != OK) return err;

    if (strip_unproved(protect, at, len, 0)) {
        if (!has_memory(&protect->remote)) return answer(protect, srtp_err_status_alloc_fail);
        learn_remote(protect, ssrc);
        protect->counters.rtp_in++;
        return OK;
    }
    const struct ssrc known = recall(&protect->remote, ssrc);
    int n = (int)*len;
    uint64_t index;
    srtp_err_status_t status = find_index(protect, &known, (struct bytes){at, *len}, seq, &index);
    if (status == srtp_err_status_ok)
        status = known.rtp_seen ? srtp_unprotect(protect->receiving, at, &n)
                                : open_first(protect, ssrc, at, &n, (uint32_t)(index >> 16));
    err = answer(protect, status);
    if (err != OK) return err;
    if (known.next == 0 && index >> 16) protect->counters.rollover++;
    note_index(learn_remote(protect, ssrc), index);
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
    enum err err = admit_remote(protect, &r, ssrc);
    if (err != OK) return err;
    if (strip_unproved(protect, at, len, SRTCP_INDEX)) {
        if (!has_memory(&protect->remote)) return answer(protect, srtp_err_status_alloc_fail);
        learn_remote(protect, ssrc);
        protect->counters.rtcp_in++;
        return OK;
    }
    uint32_t index;
    srtp_err_status_t status = find_rtcp_index(protect, (struct bytes){at, *len}, ssrc, &index);
    int n = (int)*len;
    if (status == srtp_err_status_ok) status = srtp_unprotect_rtcp(protect->receiving, at, &n);
    err = answer(protect, status);
    if (err != OK) return err;
    struct ssrc *known = learn_remote(protect, ssrc);
    if (index >= known->rtcp_next) known->rtcp_next = index + 1;
    earn_try(protect);
    *len = (size_t)n;
    protect->counters.rtcp_in++;
    return OK;
}

const struct fault *protect_fault(const struct protect *protect)
{
    return &protect->fault;
}

const struct protect_counters *protect_counters(const struct protect *protect)
{
    return &protect->counters;
}
