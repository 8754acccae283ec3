#include "apps/cause.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "dtls/record.h"

__attribute__((format(printf, 3, 4))) static void decide(struct cause *c, const char *spec,
                                                         const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(c->text, sizeof c->text, format, arguments);
    va_end(arguments);
    snprintf(c->spec, sizeof c->spec, "%s", spec);
}

/* What all pairs together have seen. */
struct seen {
    size_t pairs;
    unsigned sent, answered, received;
};

static struct seen seen_of(const struct ice *ice)
{
    struct ice_pair_info pairs[ICE_PAIRS_MAX];
    struct seen seen = {.pairs = ice_pairs(ice, pairs, COUNT(pairs))};
    for (size_t i = 0; i < seen.pairs; i++) {
        seen.sent += pairs[i].requests_sent;
        seen.answered += pairs[i].responses_received;
        seen.received += pairs[i].requests_received;
    }
    return seen;
}

/* ---- Layer by layer ---- */

static void path_lost(struct cause *c, const struct ice *ice)
{
    struct seen seen = seen_of(ice);
    switch (ice_lost_pair(ice)) {
    case ICE_LOSS_REVOKED:
        decide(c, "RFC 7675 5.2",
               "the path was closed in mid-call: the other side took its consent back, with a 403");
        break;
    case ICE_LOSS_REFUSED:
        decide(c, "RFC 8445 7.2.5.2.4",
               "the path was refused: the other side answered the nomination of the pair in use "
               "with an error");
        break;
    case ICE_LOSS_SILENCE:
    case ICE_LOSS_NONE:
        decide(c, "RFC 7675 5.1",
               "the path was lost in mid-call: for 30 s nobody answered our checks on the pair in "
               "use (%u of %u were answered before)",
               seen.answered, seen.sent);
    }
}

static void no_path(struct cause *c, const struct ice *ice, const char *reason)
{
    const struct ice_counters *n = ice_counters(ice);
    struct seen seen = seen_of(ice);
    struct ice_candidate_info one;
    if (n->bad_integrity > 0 && seen.answered == 0 && seen.received == 0)
        decide(c, "RFC 8445 7.3",
               "wrong password: %llu checks or answers came whose MESSAGE-INTEGRITY the ice-pwd of "
               "the two descriptions do not make: the two work from different ones",
               (unsigned long long)n->bad_integrity);
    else if (n->bad_username > 0 && seen.answered == 0 && seen.received == 0)
        decide(c, "RFC 8445 7.3",
               "wrong ufrag: %llu checks came with a USERNAME that is not ours and theirs: the "
               "other side works from another description than we sent",
               (unsigned long long)n->bad_username);
    else if (seen.pairs == 0 && ice_candidates(ice, true, &one, 1) == 0)
        decide(c, "RFC 8838 13",
               "no candidates: the other side never said where it can be reached (%llu for TCP, "
               "%llu with names that may not be asked, %llu others were left out), and no check "
               "of its came",
               (unsigned long long)n->ignored_tcp, (unsigned long long)n->ignored_name,
               (unsigned long long)(n->ignored_component + n->ignored_address));
    else if (seen.answered > 0)
        decide(c, "RFC 8445 8.1.1", "%u checks were answered, but no pair could be used: %s",
               seen.answered, reason);
    else if (seen.received > 0 && n->bad_integrity > 0)
        decide(c, "RFC 8489 9.1.4",
               "wrong password: the other side's checks reach us, but %llu answers to ours carry "
               "a MESSAGE-INTEGRITY that the ice-pwd of its description does not make",
               (unsigned long long)n->bad_integrity);
    else if (seen.received > 0)
        decide(c, "RFC 8445 7.2.5.2",
               "one way only: %u checks of the other side reached us, none of our %u was "
               "answered: what we send is lost, or refused because the ice-pwd in its description "
               "is a wrong password",
               seen.received, seen.sent);
    else
        decide(c, "RFC 8445 7.2.5.2",
               "nothing comes from the other side: no answer to %u checks on %zu pair%s, and none "
               "of its own: UDP is blocked between the two, or the addresses are out of reach",
               seen.sent, seen.pairs, seen.pairs == 1 ? "" : "s");
}

/* The other side has begun a handshake as a client. */
static bool greeted(const struct dtls *dtls)
{
    const struct dtls_flights *flights = dtls_flights(dtls);
    for (size_t i = 0; i < flights->count; i++)
        if (!flights->items[i].sent && flights->items[i].first == DTLS_CLIENT_HELLO) return true;
    return false;
}

static void wrong_fingerprint(struct cause *c)
{
    decide(c, "RFC 8122 6.2",
           "wrong fingerprint: the handshake's certificate is not the one that the description "
           "names: the description is wrong, or somebody stands in between");
}

static void silence(struct cause *c)
{
    decide(c, "RFC 5763 5",
           "DTLS-silent: ICE found a path, but not one DTLS packet came: the other side does not "
           "begin its handshake, or the path loses it");
}

static void no_profile(struct cause *c)
{
    decide(c, "RFC 5764 4.1.2",
           "no SRTP profile in common: what one side offers the other does not have");
}

static void no_handshake(struct cause *c, const struct dtls *dtls, const char *reason)
{
    struct dtls_status status = dtls_status(dtls);
    if (dtls_role(dtls) == DTLS_CLIENT && greeted(dtls))
        decide(
            c, "RFC 5763 5",
            "wrong setup role: both sides sent a ClientHello and wait for the other's answer; of "
            "\"a=setup\" one has to be active and the other passive");
    else if (status.alert && status.alert_received)
        decide(c, "RFC 5246 7.2", "the other side ended the handshake with the alert %s",
               status.alert);
    else
        decide(c, "RFC 6347 4.2", "the handshake failed: %s", reason);
}

/* A reason that holds a fault's rule ends as every rule does, "... (RFC 8866 5.14)": what rules is
 * there. `prefix`: what it comes to, or "". */
static void by_rule(struct cause *c, const char *prefix, const char *spec, const char *reason)
{
    const char *named = NULL, *end = NULL;
    for (const char *at = reason; (at = strstr(at, "(RFC ")) != NULL; at++) named = at + 1;
    if (named) end = strchr(named, ')');
    decide(c, spec, "%s%s", prefix, reason);
    if (end && end - named < (long)sizeof c->spec)
        snprintf(c->spec, sizeof c->spec, "%.*s", (int)(end - named), named);
}

/* Nobody called it failed, but there is no media. */
static void no_media(struct cause *c, const struct peer *peer)
{
    const struct peer_counters *n = peer_counters(peer);
    if (n->unauthentic > 0)
        decide(c, "RFC 3711 3.3",
               "%llu packets of media came that our keys do not open: the other side has others",
               (unsigned long long)n->unauthentic);
    else if (n->unexpected > 0)
        decide(c, "RFC 9143 9.2",
               "connected, but what came is of no stream (%llu packets): their SSRC, MID and "
               "payload type "
               "are not in the descriptions",
               (unsigned long long)n->unexpected);
    else
        decide(c, "RFC 3550 5.1", "connected, but no media that could be decoded came");
}

static void waiting(struct cause *c, const struct peer *peer)
{
    const struct ice *ice = peer_ice(peer);
    switch (peer_lacks(peer)) {
    case PEER_LACKS_OFFER: decide(c, "RFC 3264 5", "no offer and no answer came"); break;
    case PEER_LACKS_ANSWER: decide(c, "RFC 3264 5", "our offer was never answered"); break;
    case PEER_LACKS_PATH: no_path(c, ice, ice_why(ice)); break;
    case PEER_LACKS_DTLS: silence(c); break;
    case PEER_LACKS_KEYS: no_handshake(c, peer_dtls(peer), "it did not end"); break;
    case PEER_LACKS_NOTHING: no_media(c, peer); break;
    }
}

void cause_of(const struct peer *peer, struct cause *c)
{
    struct peer_why why = peer_why(peer);
    switch (why.cause) {
    case PEER_CAUSE_NONE: waiting(c, peer); break;
    case PEER_CAUSE_GIVEN_UP:
    case PEER_CAUSE_NO_ANSWER:
    case PEER_CAUSE_STREAM:
    case PEER_CAUSE_DESCRIPTION: by_rule(c, "", "", why.reason); break;
    case PEER_CAUSE_SETUP: by_rule(c, "wrong setup role: ", "RFC 5763 5", why.reason); break;
    case PEER_CAUSE_CODECS: by_rule(c, "no common codec: ", "RFC 3264 6.1", why.reason); break;
    case PEER_CAUSE_NO_PATH: no_path(c, peer_ice(peer), why.reason); break;
    case PEER_CAUSE_PATH_LOST: path_lost(c, peer_ice(peer)); break;
    case PEER_CAUSE_FINGERPRINT: wrong_fingerprint(c); break;
    case PEER_CAUSE_SILENCE: silence(c); break;
    case PEER_CAUSE_PROFILE: no_profile(c); break;
    case PEER_CAUSE_HANDSHAKE: no_handshake(c, peer_dtls(peer), why.reason); break;
    case PEER_CAUSE_KEYS: decide(c, "RFC 5764 4.1.2", "%s", why.reason); break;
    }
}

/* ---- In one line ---- */

/* There was a path: is it the handshake that is waited for? */
static void handshake_waiting(const struct peer *peer, char *to, size_t room)
{
    const char *ice = ice_why(peer_ice(peer)), *alert = dtls_status(peer_dtls(peer)).alert;
    if (ice[0]) /* the path fell silent since */
        snprintf(to, room, "ice: %s", ice);
    else if (alert)
        snprintf(to, room, "dtls: the peer refused with an alert: %s", alert);
    else if (peer_lacks(peer) == PEER_LACKS_DTLS)
        snprintf(to, room, "dtls: no DTLS packet came from the peer");
    else
        snprintf(to, room, "dtls: the handshake did not end");
}

const char *cause_waiting(const struct peer *peer, char *to, size_t room)
{
    switch (peer_lacks(peer)) {
    case PEER_LACKS_OFFER: snprintf(to, room, "signaling: no offer and no answer came"); break;
    case PEER_LACKS_ANSWER: snprintf(to, room, "signaling: no answer came to our offer"); break;
    case PEER_LACKS_PATH: snprintf(to, room, "ice: %s", ice_why(peer_ice(peer))); break;
    case PEER_LACKS_DTLS:
    case PEER_LACKS_KEYS:
    case PEER_LACKS_NOTHING: handshake_waiting(peer, to, room); break;
    }
    return to;
}
