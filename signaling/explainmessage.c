#include "signaling/explainmessage.h"

#include "base/explain.h"
#include "signaling/message.h"

#define SPEC       "signaling.md"
#define ID_SHORT   6 /* characters of an id in a summary */
/* Of a longer text the beginning is enough: its members follow one by one. */
#define TEXT_MAX   160
#define TEXT_SHORT 60

static const struct bytes none = {NULL, 0};

static const char *meaning_of(enum sig_type type)
{
    switch (type) {
    case SIG_WELCOME: return "the server's first word: who you are, and who is in the room";
    case SIG_JOIN: return "someone came into the room; whoever comes offers";
    case SIG_LEAVE: return "someone's socket was closed; a call that is connected goes on";
    case SIG_ERROR: return "the server refuses the last message";
    case SIG_OFFER: return "what I can do, and where and as whom I am to be found: RFC 3264 5";
    case SIG_ANSWER: return "which of it we do: RFC 3264 6";
    case SIG_CANDIDATE: return "an address to try, as soon as it was found: RFC 8838";
    case SIG_BYE: return "this call is over";
    case SIG_WATCH: return "whether to show what happens in your calls: the ladder";
    case SIG_TRACE: return "what happened in a call that is watched";
    case SIG_EXPLAIN: return "what is in a message of the ladder?";
    case SIG_EXPLAINED: return "its fields";
    }
    return "";
}

static void tell_id(struct explain *x, const char *name, const struct sig_id *id,
                    const char *meaning)
{
    if (!id->text[0]) return;
    explain_field_text(x, name, none, SPEC, bytes_of(id->text));
    explain_meaning(x, "%s", meaning);
}

static void tell_text(struct explain *x, const char *name, struct bytes text, const char *spec)
{
    if (text.at) explain_field_text(x, name, none, spec, text);
}

static void tell_candidate(struct explain *x, const struct sig_message *m)
{
    const struct sig_candidate *c = &m->candidate;
    if (m->end_of_candidates) {
        explain_field(x, "candidate", none, "RFC 8838 13", "end of candidates");
        explain_meaning(x, "no more will come");
    } else {
        explain_field_text(x, "candidate", none, "RFC 8839 5.1", c->candidate);
    }
    tell_text(x, "sdpMid", c->mid, "W3C webrtc 4.8.1.1");
    if (c->mline_index >= 0)
        explain_field(x, "sdpMLineIndex", none, "W3C webrtc 4.8.1.1", "%d", c->mline_index);
    tell_text(x, "usernameFragment", c->ufrag, "W3C webrtc 4.8.1.1");
}

static void tell_members(struct explain *x, const struct sig_message *m)
{
    explain_field(x, "type", none, SPEC, "%s", sig_type_name(m->type));
    explain_meaning(x, "%s", meaning_of(m->type));
    if (m->type == SIG_WATCH) explain_field(x, "on", none, SPEC, "%s", m->on ? "true" : "false");
    if (m->type == SIG_EXPLAIN || m->type == SIG_EXPLAINED)
        explain_field(x, "number", none, SPEC, "%u", (unsigned)m->number);
    tell_id(x, "id", &m->id, m->type == SIG_WELCOME ? "your own name" : "whose");
    for (size_t i = 0; i < m->peer_count; i++)
        tell_id(x, "peer", &m->peers[i], "is here already: offer to it");
    tell_id(x, "to", &m->to, "for whom it is: the server passes it on");
    tell_id(x, "from", &m->from, "whose it is: written by the server, so that nobody can lie");
    tell_id(x, "key", &m->key, "the sender's name for itself, which outlives its socket");
    if (m->sdp.at)
        explain_field(x, "sdp", none, "RFC 8866 5", "a description of %zu bytes", m->sdp.len);
    if (m->type == SIG_CANDIDATE) tell_candidate(x, m);
    tell_text(x, "code", m->code, SPEC);
    tell_text(x, "message", m->message, SPEC);
}

static void sum_up(struct explain *x, const struct sig_message *m)
{
    const struct sig_id *id = m->from.text[0] ? &m->from : m->to.text[0] ? &m->to : &m->id;
    size_t len = strlen(id->text);
    explain_summary(x, "%s", sig_type_name(m->type));
    if (len)
        explain_summary(x, "%s %.*s%s",
                        id == &m->to     ? " to"
                        : id == &m->from ? " from"
                                         : "",
                        len > ID_SHORT + 2 ? ID_SHORT : (int)len, id->text,
                        len > ID_SHORT + 2 ? ".." : "");
    if (m->end_of_candidates) explain_summary(x, ", the last");
    if (m->type == SIG_ERROR)
        explain_summary(x, " %.*s", (int)m->code.len, (const char *)m->code.at);
}

bool sig_message_explain(struct explain *x, struct bytes text, bool summed_up)
{
    static const size_t room = 256; /* as sig_message_parse asks for */
    struct sig_message m;
    struct arena arena;
    arena_init(&arena, text.len + room);
    bool ours = sig_message_parse(&m, text, &arena) == OK;
    if (ours) {
        if (summed_up) sum_up(x, &m);
        if (text.len <= TEXT_MAX)
            explain_field_text(x, "message", none, "RFC 6455 5.6", text);
        else
            explain_field(x, "message", none, "RFC 6455 5.6", "%.*s...", TEXT_SHORT,
                          (const char *)text.at);
        explain_down(x);
        tell_members(x, &m);
        explain_up(x);
    }
    arena_free(&arena);
    return ours;
}
