#include "apps/simsignal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const char *simsignal_name(enum simsignal_type type)
{
    static const char *const names[] = {"offer", "answer", "candidate", "bye"};
    return names[type];
}

static char *copy_of(const char *text)
{
    size_t size = strlen(text) + 1;
    char *copy = malloc(size);
    if (copy) memcpy(copy, text, size);
    return copy;
}

enum err simsignal_send(struct simsignal *s, usec at, int to, enum simsignal_type type,
                        const char *text, const char *ufrag)
{
    if (s->count == SIMSIGNAL_WAITING) return E_FULL;
    struct simsignal_message *m = &s->waiting[s->count];
    *m = (struct simsignal_message){.at = at, .to = to, .type = type, .text = copy_of(text)};
    if (!m->text) return E_NOMEM;
    snprintf(m->ufrag, sizeof m->ufrag, "%s", ufrag);
    s->count++;
    return OK;
}

/* Every message takes the same time: the first one sent is the first to arrive. */
usec simsignal_deadline(const struct simsignal *s)
{
    return s->count > 0 ? s->waiting[0].at : TIME_NEVER;
}

bool simsignal_take(struct simsignal *s, struct simsignal_message *message, usec now)
{
    if (simsignal_deadline(s) > now) return false;
    *message = s->waiting[0];
    memmove(&s->waiting[0], &s->waiting[1], --s->count * sizeof s->waiting[0]);
    return true;
}

void simsignal_drop(struct simsignal *s)
{
    for (size_t i = 0; i < s->count; i++) free(s->waiting[i].text);
    s->count = 0;
}

/* Replaces `from` by `to`, as long, everywhere. */
static void replace(char *text, const char *from, const char *to)
{
    size_t len = strlen(to);
    for (char *at = text; (at = strstr(at, from)) != NULL; at += len)
        memcpy(at, to, len); /* NOLINT(bugprone-not-null-terminated-result): the text goes on */
}

/* Replaces the first `from` by the longer `to`, if there is room. */
static void insert(char *text, size_t room, const char *from, const char *to)
{
    char *at = strstr(text, from);
    size_t len = strlen(text), old = strlen(from), new = strlen(to);
    if (!at || len - old + new >= room) return;
    memmove(at + new, at + old, strlen(at + old) + 1);
    for (size_t i = 0; i < new; i++) at[i] = to[i];
}

/* Turns one character behind every `key` into another one that may stand there. */
static void bend(char *text, const char *key, size_t behind)
{
    for (char *at = text; (at = strstr(at, key)) != NULL;) {
        at += strlen(key) + behind;
        *at = *at == 'A' ? 'B' : 'A';
    }
}

void simsignal_break(char *sdp, size_t room, enum simsignal_type type, enum scenario_fault fault)
{
    bool answer = type == SIGNAL_ANSWER;
    switch (fault) {
    case FAULT_FINGERPRINT:
        if (answer) bend(sdp, "a=fingerprint:sha-256 ", 0);
        break;
    case FAULT_PASSWORD:
        if (answer) bend(sdp, "a=ice-pwd:", 3);
        break;
    case FAULT_SETUP:
        if (answer) insert(sdp, room, "a=setup:acti", "a=setup:actpass\r\na=was:acti");
        break;
    case FAULT_NO_CANDIDATES: replace(sdp, "a=candidate:", "a=candidata:"); break;
    case FAULT_NO_CODEC:
        if (!answer) replace(sdp, " opus/", " oqus/"), replace(sdp, " VP8/", " VQ8/");
        break;
    default: break;
    }
}

char *simsignal_with_candidates(const char *sdp, const char *lines)
{
    const char *first = strstr(sdp, "\r\nm="), *second = NULL;
    if (first) second = strstr(first + 4, "\r\nm=");
    size_t before = second ? (size_t)(second - sdp) + 2 : strlen(sdp);
    size_t size = strlen(sdp) + strlen(lines) + 1;
    char *text = malloc(size);
    if (text) snprintf(text, size, "%.*s%s%s", (int)before, sdp, lines, sdp + before);
    return text;
}
