/* JSON messages: what is read can be written and read again with the same meaning; what the server
 * relays says the same as what came, with `from` set. */
#include "fuzz/fuzz.h"

#include "signaling/polite.h"
#include "signaling/relay.h"
#include "signaling/utf8.h"

#include <string.h>

static bool same_text(struct bytes a, struct bytes b)
{
    if (!a.at || !b.at) return !a.at && !b.at;
    return bytes_equal(a, b);
}

static bool same(const struct sig_message *a, const struct sig_message *b)
{
    bool ids = sig_id_equal(&a->id, &b->id) && sig_id_equal(&a->to, &b->to) &&
               sig_id_equal(&a->key, &b->key) && a->peer_count == b->peer_count;
    for (size_t i = 0; ids && i < a->peer_count; i++)
        ids = sig_id_equal(&a->peers[i], &b->peers[i]);
    if (!ids || a->type != b->type || a->end_of_candidates != b->end_of_candidates) return false;
    if (!bytes_equal(a->sdp, b->sdp) || !same_text(a->code, b->code) ||
        !same_text(a->message, b->message))
        return false;
    if (a->watchable != b->watchable || a->on != b->on || a->number != b->number ||
        a->more != b->more)
        return false;
    const struct sig_candidate *c = &a->candidate, *d = &b->candidate;
    if (a->end_of_candidates && !c->mid.at && !c->ufrag.at) return true; /* written as null */
    return bytes_equal(c->candidate, d->candidate) && same_text(c->mid, d->mid) &&
           c->mline_index == d->mline_index && same_text(c->ufrag, d->ufrag);
}

static uint8_t room[2 * SIG_RELAYED_MAX];

static void check_message(struct bytes in)
{
    static struct sig_message m, again;
    struct arena first, second;
    arena_init(&first, 2 * SIG_RELAYED_MAX);
    arena_init(&second, 2 * SIG_RELAYED_MAX);
    enum err err = sig_message_parse(&m, in, &first);
    FUZZ_CHECK(err == m.fault.err && (err == OK) == (m.refusal == SIG_REFUSED_NOT));
    FUZZ_CHECK(m.fault.offset <= in.len && first.used <= in.len);
    struct writer w = writer_of(room, sizeof room);
    if (err == OK && sig_message_write(&m, &w) == OK) {
        FUZZ_CHECK(utf8_valid(writer_done(&w)));
        FUZZ_CHECK(sig_message_parse(&again, writer_done(&w), &second) == OK);
        FUZZ_CHECK(same(&m, &again) && sig_id_equal(&m.from, &again.from));
    }
    arena_free(&first);
    arena_free(&second);
}

static void check_relay(struct bytes in)
{
    static struct sig_message m, relayed;
    static const struct sig_id from = {"0123456789abcdef0123456789abcdef"};
    struct sig_relay r;
    struct arena first, second;
    enum err err = sig_relay_parse(&r, in);
    FUZZ_CHECK(err == r.fault.err && (err == OK) == (r.refusal == SIG_REFUSED_NOT));
    if (err != OK) return;
    arena_init(&first, 2 * SIG_RELAYED_MAX);
    arena_init(&second, 2 * SIG_RELAYED_MAX);
    struct writer w = writer_of(room, sizeof room);
    if (sig_relay_write(&r, &from, &w) == OK) {
        FUZZ_CHECK(writer_len(&w) <= SIG_RELAYED_MAX);
        err = sig_message_parse(&relayed, writer_done(&w), &second);
        if (sig_message_parse(&m, in, &first) == OK) FUZZ_CHECK(err == OK && same(&m, &relayed));
        if (err == OK) FUZZ_CHECK(sig_id_equal(&relayed.from, &from));
        /* Relaying is done after one time: what comes out goes through unchanged. */
        struct sig_relay twice;
        static uint8_t more[2 * SIG_RELAYED_MAX];
        struct writer w2 = writer_of(more, sizeof more);
        if (writer_len(&w) <= SIG_MESSAGE_MAX) {
            FUZZ_CHECK(sig_relay_parse(&twice, writer_done(&w)) == OK);
            FUZZ_CHECK(sig_relay_write(&twice, &from, &w2) == OK);
            FUZZ_CHECK(bytes_equal(writer_done(&w), writer_done(&w2)));
            sig_relay_free(&twice);
        }
    }
    sig_relay_free(&r);
    arena_free(&first);
    arena_free(&second);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes in = {data, n};
    check_message(in);
    check_relay(in);
    return 0;
}
