#include "apps/explainsession.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/explainpairs.h"
#include "rtp/unseal.h"
#include "trace/keylog.h"

/* Why a packet stays closed. The later, the closer it came to being opened. */
enum why {
    WHY_UNASKED, /* there is no key log */
    WHY_UNKNOWN,
    WHY_NO_SERVER,
    WHY_NO_SECRET,
    WHY_VERSION,
    WHY_SUITE,
    WHY_NO_PROFILE,
    WHY_WRONG,
    WHY_DAMAGED
};

static const char *const reasons[] = {
    [WHY_UNASKED] = "",
    [WHY_UNKNOWN] = "the ClientHello of its association is not in the capture, and the key log "
                    "goes by that",
    [WHY_NO_SERVER] = "the ServerHello of its association is not in the capture, which keys are "
                      "made of too",
    [WHY_NO_SECRET] = "the key log has no line for the ClientHello of its association",
    [WHY_VERSION] =
        "its association speaks another version of DTLS than 1.2, which is not decrypted here",
    [WHY_SUITE] = "its association has a cipher suite that is not decrypted here",
    [WHY_NO_PROFILE] = "its association has no SRTP profile that is decrypted here",
    [WHY_WRONG] = "the secret that the key log has for its association does not open it",
    [WHY_DAMAGED] = "the secret of its association opens other packets, but not this one: it was "
                    "changed on the way, or is forged"};

struct path {
    struct addr client, server;
};

struct association {
    uint8_t client_random[DTLS_RANDOM_LEN], server_random[DTLS_RANDOM_LEN];
    bool has_server, has_secret;
    uint16_t version, suite, profile;
    struct path paths[SESSIONS_PATHS_MAX];
    size_t path_count;
    struct explainpair who; /* client and server, as `from` and `to` */
    uint8_t master[DTLS_MASTER_LEN];
    bool ready;      /* it has keys to try */
    enum why closed; /* if not: why not */
    struct dtls_secrets secrets;
    struct unseal *client, *server; /* what each side sends; NULL: no SRTP */
    uint64_t opened, refused;       /* packets; refused: by all others too */
};

struct sessions {
    struct dtls_reassembly *parts;
    struct explainpairs *pairs;
    bool asked;   /* a key log was given */
    size_t lines; /* of it, with secrets */
    size_t count, secrets;
    struct association all[SESSIONS_MAX];
};

struct sessions *sessions_new(void)
{
    struct sessions *s = calloc(1, sizeof *s);
    if (!s) return NULL;
    s->parts = dtls_reassembly_new();
    s->pairs = explainpairs_new();
    if (s->parts && s->pairs) return s;
    sessions_free(s);
    return NULL;
}

void sessions_free(struct sessions *s)
{
    if (!s) return;
    for (size_t i = 0; i < s->count; i++) {
        unseal_free(s->all[i].client);
        unseal_free(s->all[i].server);
    }
    dtls_reassembly_free(s->parts);
    explainpairs_free(s->pairs);
    bytes_wipe(s->all, s->count * sizeof s->all[0]);
    free(s);
}

/* ---- Paths ---- */

/* How well a packet fits to where an association was seen. */
enum fit {
    FIT_NONE,     /* not at all; ICE may have restarted on other addresses (RFC 8445 §2.4) */
    FIT_ONE_END,  /* on one of its addresses */
    FIT_SESSION,  /* on another pair of the same ICE session */
    FIT_BOTH_ENDS /* on one of its pairs */
};

static enum fit fit_path(const struct path *p, const struct addr *from, const struct addr *to,
                         bool *from_client)
{
    bool up = addr_equal(from, &p->client), up_to = addr_equal(to, &p->server);
    bool down = addr_equal(from, &p->server), down_to = addr_equal(to, &p->client);
    *from_client = up && up_to;
    if ((up && up_to) || (down && down_to)) return FIT_BOTH_ENDS;
    *from_client = up || up_to;
    return up || up_to || down || down_to ? FIT_ONE_END : FIT_NONE;
}

/* `who` is at both ends; `from_client`: who sent it then. */
static enum fit fit(const struct association *a, const struct addr *from, const struct addr *to,
                    struct explainpair who, bool *from_client)
{
    enum fit best = FIT_NONE;
    bool up = who.from && who.from == a->who.from && who.to == a->who.to;
    bool down = who.from && who.from == a->who.to && who.to == a->who.from;
    if (up || down) best = FIT_SESSION;
    *from_client = up;
    for (size_t i = 0; i < a->path_count; i++) {
        bool client;
        enum fit one = fit_path(&a->paths[i], from, to, &client);
        if (one <= best) continue;
        best = one;
        *from_client = client;
    }
    return best;
}

static void add_path(struct association *a, const struct addr *client, const struct addr *server)
{
    const struct explainpair nobody = {0, 0};
    bool from_client;
    if (a->path_count < SESSIONS_PATHS_MAX &&
        fit(a, client, server, nobody, &from_client) != FIT_BOTH_ENDS)
        a->paths[a->path_count++] = (struct path){*client, *server};
}

/* ---- Hellos ---- */

static void learn_client(struct sessions *s, const struct addr *from, const struct addr *to,
                         const struct dtls_hello *hello)
{
    struct association *a = NULL;
    for (size_t i = 0; i < s->count && !a; i++)
        if (memcmp(s->all[i].client_random, hello->random.at, DTLS_RANDOM_LEN) == 0) a = &s->all[i];
    if (!a && s->count == SESSIONS_MAX) return;
    if (!a) a = &s->all[s->count++];
    memcpy(a->client_random, hello->random.at, DTLS_RANDOM_LEN);
    if (!a->path_count) a->closed = WHY_NO_SERVER;
    if (!a->who.from) a->who = explainpairs_find(s->pairs, from, to);
    add_path(a, from, to);
}

/* The ClientHello that a ServerHello answers: the newest that came the other way; if ICE has
 * changed the pair in between, one that waits for an answer at one of its ends. */
static struct association *answered(struct sessions *s, const struct addr *server,
                                    const struct addr *client)
{
    struct association *near = NULL;
    struct explainpair who = explainpairs_find(s->pairs, server, client);
    for (size_t i = s->count; i > 0; i--) {
        struct association *a = &s->all[i - 1];
        bool from_client;
        enum fit how = fit(a, server, client, who, &from_client);
        if (how == FIT_NONE || from_client) continue;
        if (how == FIT_BOTH_ENDS) return a;
        if (!near && !a->has_server) near = a;
    }
    return near;
}

static void learn_server(struct sessions *s, const struct addr *from, const struct addr *to,
                         const struct dtls_hello *hello)
{
    struct association *a = answered(s, from, to);
    if (!a) return;
    memcpy(a->server_random, hello->random.at, DTLS_RANDOM_LEN);
    a->has_server = true;
    /* RFC 8446 §4.2.1: 1.3 says 1.2 in the old place, and itself in the extension. */
    uint16_t said = dtls_u16s_at(hello->versions, 0);
    a->version = said ? said : hello->version;
    a->suite = dtls_u16s_at(hello->cipher_suites, 0);
    a->profile = dtls_u16s_at(hello->srtp_profiles, 0);
    a->closed = a->version == DTLS_VERSION_1_2 ? WHY_NO_SECRET : WHY_VERSION;
    add_path(a, to, from);
}

static void learn_message(struct sessions *s, const struct addr *from, const struct addr *to,
                          uint8_t type, struct bytes body)
{
    struct dtls_hello hello;
    if (type == DTLS_CLIENT_HELLO && dtls_client_hello_parse(&hello, body) == OK)
        learn_client(s, from, to, &hello);
    if (type == DTLS_SERVER_HELLO && dtls_server_hello_parse(&hello, body) == OK)
        learn_server(s, from, to, &hello);
}

static void learn_handshake(struct sessions *s, const struct addr *from, const struct addr *to,
                            const struct dtls_record *record)
{
    struct reader body = reader_of(record->body);
    for (struct dtls_fragment f; dtls_fragment_next(&body, &f);) {
        struct bytes whole;
        if (f.type != DTLS_CLIENT_HELLO && f.type != DTLS_SERVER_HELLO) continue;
        if (dtls_reassembly_add(s->parts, from, to, &f, &whole) == DTLS_PART_WHOLE)
            learn_message(s, from, to, f.type, whole);
    }
}

void sessions_learn(struct sessions *s, const struct addr *from, const struct addr *to,
                    struct bytes datagram)
{
    struct reader r = reader_of(datagram);
    for (struct dtls_record record; dtls_record_next(&r, &record);)
        if (!record.unified && !record.epoch && record.type == DTLS_CONTENT_HANDSHAKE)
            learn_handshake(s, from, to, &record);
}

void sessions_check(struct sessions *s, const struct addr *from, const struct addr *to,
                    struct bytes message)
{
    explainpairs_learn(s->pairs, from, to, message);
}

bool sessions_has(const struct sessions *s, const struct addr *from, const struct addr *to)
{
    struct explainpair who = explainpairs_find(s->pairs, from, to);
    bool from_client;
    for (size_t i = 0; i < s->count; i++)
        if (fit(&s->all[i], from, to, who, &from_client) >= FIT_SESSION) return true;
    return false;
}

/* ---- Secrets ---- */

/* RFC 5764 §4.2: one master key and salt for each side. */
static void open_media(struct association *a)
{
    struct dtls_srtp_keys keys;
    if (dtls_secrets_srtp(&a->secrets, a->profile, &keys) == OK) {
        a->client = unseal_new(a->profile, (struct bytes){keys.local.key, keys.key_len},
                               (struct bytes){keys.local.salt, keys.salt_len});
        a->server = unseal_new(a->profile, (struct bytes){keys.remote.key, keys.key_len},
                               (struct bytes){keys.remote.salt, keys.salt_len});
    }
    dtls_srtp_keys_wipe(&keys);
}

static void derive(struct association *a)
{
    const struct dtls_agreed agreed = {.version = a->version,
                                       .cipher_suite = a->suite,
                                       .client_random = {a->client_random, DTLS_RANDOM_LEN},
                                       .server_random = {a->server_random, DTLS_RANDOM_LEN}};
    if (!a->has_server) return;
    if (a->version == DTLS_VERSION_1_2) a->closed = WHY_SUITE;
    a->ready = dtls_secrets_init(&a->secrets, &agreed, a->master) == OK;
    if (a->ready) open_media(a);
}

void sessions_keylog(struct sessions *s, struct bytes log)
{
    struct keylog_secret secret;
    struct reader r = reader_of(log);
    s->asked = true;
    for (; keylog_next(&r, &secret); s->lines++) {
        for (size_t i = 0; i < s->count; i++) {
            struct association *a = &s->all[i];
            if (a->has_secret || memcmp(a->client_random, secret.random, DTLS_RANDOM_LEN) != 0)
                continue;
            a->has_secret = true;
            s->secrets++;
            memcpy(a->master, secret.master, DTLS_MASTER_LEN);
            derive(a);
        }
    }
    bytes_wipe(&secret, sizeof secret);
}

/* ---- Opening ---- */

/* The associations that a packet may be of, in the order to try them; of one that fits nowhere
 * either side may have sent it. */
struct tries {
    const struct addr *from, *to;
    struct explainpair who;
    enum fit fit;
    size_t next, count; /* all[next - 1] is next; so many were given */
    bool from_client;
    struct association *again; /* as its other side */
};

static struct tries tries_of(const struct sessions *s, const struct addr *from,
                             const struct addr *to)
{
    return (struct tries){.from = from,
                          .to = to,
                          .who = explainpairs_find(s->pairs, from, to),
                          .fit = FIT_BOTH_ENDS,
                          .next = s->count};
}

static struct association *next_try(struct sessions *s, struct tries *t)
{
    struct association *a = t->again;
    t->again = NULL;
    if (a) {
        t->from_client = true;
        return a;
    }
    while (t->count < SESSIONS_TRIES_MAX) {
        if (t->next == 0) {
            if (t->fit == FIT_NONE) return NULL;
            t->fit--;
            t->next = s->count;
            continue;
        }
        a = &s->all[--t->next];
        if (fit(a, t->from, t->to, t->who, &t->from_client) != t->fit) continue;
        if (t->fit == FIT_NONE && !a->ready) continue;
        if (t->fit == FIT_NONE) t->again = a;
        t->count += a->ready;
        return a;
    }
    return NULL;
}

/* It was opened: this pair is one of its own. */
static void note_opened(struct association *a, const struct tries *t)
{
    a->opened++;
    add_path(a, t->from_client ? t->from : t->to, t->from_client ? t->to : t->from);
}

/* It was not: the reason, if it fits better than what there was. An association that it fits to
 * nowhere was only a guess. */
static void keep_reason(enum why *why, const struct association *a, const struct tries *t,
                        enum why closed)
{
    if (t->fit == FIT_NONE) return;
    if (!a->ready) closed = a->closed;
    if (closed == WHY_WRONG && a->opened) closed = WHY_DAMAGED;
    if (closed > *why) *why = closed;
}

/* Nobody's secret opens it: all that it fits to were refused. */
static void note_refused(struct sessions *s, const struct addr *from, const struct addr *to)
{
    struct tries t = tries_of(s, from, to);
    for (struct association *a; (a = next_try(s, &t)) && t.fit != FIT_NONE;) a->refused += a->ready;
}

/* The first record that is encrypted, if there is one. */
static bool first_sealed(struct bytes datagram, struct dtls_record *record)
{
    struct reader r = reader_of(datagram);
    while (dtls_record_next(&r, record))
        if (!record->unified && record->epoch) return true;
    return false;
}

void sessions_dtls(struct sessions *s, const struct addr *from, const struct addr *to,
                   struct bytes datagram, struct dtls_explain_options *options)
{
    uint8_t room[DTLS_RECORD_MAX];
    struct dtls_record record;
    struct bytes plain;
    enum why why = s->asked ? WHY_UNKNOWN : WHY_UNASKED;
    if (!s->asked || !first_sealed(datagram, &record) || record.body.len > sizeof room) return;
    struct tries t = tries_of(s, from, to);
    for (struct association *a; !options->secrets && (a = next_try(s, &t));) {
        if (a->ready &&
            dtls_secrets_open(&a->secrets, t.from_client, &record, room, &plain) == OK) {
            note_opened(a, &t);
            options->secrets = &a->secrets;
            options->from_client = t.from_client;
        } else {
            keep_reason(&why, a, &t, WHY_WRONG);
        }
    }
    bytes_wipe(room, sizeof room);
    if (options->secrets) return;
    options->sealed = reasons[why];
    note_refused(s, from, to);
}

const char *sessions_srtp(struct sessions *s, const struct addr *from, const struct addr *to,
                          struct bytes packet, bool rtcp, uint8_t *room, struct bytes *plain)
{
    enum why why = s->asked ? WHY_UNKNOWN : WHY_UNASKED;
    struct tries t = tries_of(s, from, to);
    *plain = (struct bytes){room, 0};
    for (struct association *a; s->asked && (a = next_try(s, &t));) {
        struct unseal *media = t.from_client ? a->client : a->server;
        if (media && (rtcp ? unseal_rtcp : unseal_rtp)(media, packet, room, plain) == OK) {
            note_opened(a, &t);
            return NULL;
        }
        keep_reason(&why, a, &t, media ? WHY_WRONG : WHY_NO_PROFILE);
    }
    if (s->asked) note_refused(s, from, to);
    return reasons[why];
}

/* ---- Remarks ---- */

/* Nothing of the log was of use: because there is nothing in it for this capture, or because that
 * would be of no use. */
static void remark_none(const struct sessions *s, char *text, size_t room)
{
    size_t others = 0;
    for (size_t i = 0; i < s->count; i++) others += s->all[i].closed == WHY_VERSION;
    if (others == s->count)
        snprintf(text, room,
                 "no handshake of the capture is of DTLS 1.2, which alone is decrypted here "
                 "(handshakes: %zu)",
                 s->count);
    else
        snprintf(text, room,
                 "the key log has no secret for any DTLS handshake of the capture (its lines with "
                 "secrets: %zu, handshakes: %zu)",
                 s->lines, s->count);
}

bool sessions_remark(const struct sessions *s, size_t i, char *text, size_t room)
{
    char client[ADDR_TEXT_MAX], server[ADDR_TEXT_MAX];
    if (s->asked && s->secrets == 0 && s->count > 0) {
        remark_none(s, text, room);
        return i == 0;
    }
    for (size_t k = 0; k < s->count; k++) {
        const struct association *a = &s->all[k];
        if (!a->has_secret || a->opened || !a->refused || i-- > 0) continue;
        snprintf(text, room,
                 "the key log's secret for the handshake of %s with %s opens nothing of it: it is "
                 "another one's",
                 addr_text(&a->paths[0].client, client), addr_text(&a->paths[0].server, server));
        return true;
    }
    return false;
}
