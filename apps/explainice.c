#include "apps/explainice.h"

#include <stdlib.h>

#include "stun/attribute.h"
#include "stun/message.h"

struct credentials {
    uint8_t ufrag[EXPLAINICE_SECRET_MAX], pwd[EXPLAINICE_SECRET_MAX];
    size_t ufrag_len, pwd_len;
};

struct asked {
    uint8_t id[STUN_ID_LEN];
    const struct credentials *by; /* NULL: a free place */
};

struct explainice {
    struct credentials known[EXPLAINICE_KNOWN_MAX]; /* rings: the oldest goes first */
    struct asked asked[EXPLAINICE_ASKED_MAX];
    size_t known_count, asked_count; /* ever written */
};

struct explainice *explainice_new(void)
{
    return calloc(1, sizeof(struct explainice));
}

void explainice_free(struct explainice *e)
{
    if (e) bytes_wipe(e->known, sizeof e->known);
    free(e);
}

static const struct credentials *find(const struct explainice *e, struct bytes ufrag)
{
    for (size_t i = 0; i < EXPLAINICE_KNOWN_MAX; i++) {
        const struct credentials *c = &e->known[i];
        if (c->pwd_len && bytes_equal((struct bytes){c->ufrag, c->ufrag_len}, ufrag)) return c;
    }
    return NULL;
}

static void learn_one(struct explainice *e, struct bytes ufrag, struct bytes pwd)
{
    if (ufrag.len == 0 || ufrag.len > EXPLAINICE_SECRET_MAX) return;
    if (pwd.len == 0 || pwd.len > EXPLAINICE_SECRET_MAX || find(e, ufrag)) return;
    struct credentials *c = &e->known[e->known_count++ % EXPLAINICE_KNOWN_MAX];
    memcpy(c->ufrag, ufrag.at, c->ufrag_len = ufrag.len);
    memcpy(c->pwd, pwd.at, c->pwd_len = pwd.len);
}

void explainice_learn(struct explainice *e, const struct sdp *description)
{
    for (size_t i = 0; i < description->section_count; i++)
        learn_one(e, description->sections[i].ice_ufrag, description->sections[i].ice_pwd);
}

/* RFC 8445 §7.2.2: USERNAME is "theirs:ours", and theirs is the key. */
static const struct credentials *asked_by(struct explainice *e, const struct stun_msg *m)
{
    struct bytes username;
    if (!stun_find(m, STUN_USERNAME, &username)) return NULL;
    size_t len = 0;
    while (len < username.len && username.at[len] != ':') len++;
    const struct credentials *c = find(e, bytes_slice(username, 0, len));
    if (!c) return NULL;
    struct asked *asked = &e->asked[e->asked_count++ % EXPLAINICE_ASKED_MAX];
    memcpy(asked->id, m->id.at, STUN_ID_LEN);
    asked->by = c;
    return c;
}

static const struct credentials *answered_by(const struct explainice *e, const struct stun_msg *m)
{
    for (size_t i = 0; i < EXPLAINICE_ASKED_MAX; i++) {
        const struct asked *asked = &e->asked[i];
        if (asked->by && memcmp(asked->id, m->id.at, STUN_ID_LEN) == 0) return asked->by;
    }
    return NULL;
}

struct bytes explainice_password(struct explainice *e, struct bytes message)
{
    struct stun_msg m;
    const struct credentials *c = NULL;
    if (stun_parse(&m, message) == OK)
        c = stun_class(&m) == STUN_REQUEST ? asked_by(e, &m) : answered_by(e, &m);
    return c ? (struct bytes){c->pwd, c->pwd_len} : (struct bytes){NULL, 0};
}
