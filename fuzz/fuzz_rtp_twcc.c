/* Transport-wide feedback, both ends: packets come in whatever order and with whatever numbers.
 * What the recorder writes is well-formed and comes to an end; the sender's history takes it, and
 * feedback made up elsewhere, and settles each packet once. */
#include "fuzz/fuzz.h"

#include "rtp/feedback.h"
#include "rtp/twcc.h"

#include <string.h>

struct world {
    struct twcc_recorder recorder;
    struct twcc_history history;
    struct reader in;
    usec now;
};

static void apply(struct world *w, struct bytes fci, bool ours)
{
    struct rtcp_twcc twcc;
    struct rtcp_twcc_status status;
    struct fault fault;
    if (rtcp_parse_twcc(&twcc, fci, &fault) != OK) {
        FUZZ_CHECK(!ours);
        return;
    }
    struct rtcp_twcc_walk walk = rtcp_twcc_walk_of(&twcc);
    for (size_t i = 0; rtcp_twcc_next(&walk, &status); i++) FUZZ_CHECK(i < 65536);
    twcc_history_feedback(&w->history, &twcc);
}

static void report(struct world *w)
{
    static uint8_t room[1200];
    for (int i = 0;; i++) {
        struct writer out = writer_of(room, sizeof room);
        struct rtcp_packet p;
        struct rtcp_feedback f;
        FUZZ_CHECK(i < 10000);
        if (!twcc_recorder_write(&w->recorder, &out, 1, w->now)) return;
        struct bytes done = writer_done(&out);
        struct rtcp_walk walk = rtcp_walk_of(done);
        FUZZ_CHECK(rtcp_check(done, NULL) == OK && rtcp_next(&walk, &p));
        FUZZ_CHECK(rtcp_parse_feedback(&f, &p, NULL) == OK);
        apply(w, f.fci, true);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct world w;
    memset(&w, 0, sizeof w);
    w.in = reader_of((struct bytes){data, n});
    twcc_recorder_init(&w.recorder);
    twcc_history_init(&w.history);
    while (reader_left(&w.in)) {
        uint8_t what = read_u8(&w.in);
        uint64_t sent = w.history.next;
        switch (what & 3) {
        case 0: /* a packet that was sent comes, or one of another number */
            if (what & 4) twcc_history_sent(&w.history, 100, w.now);
            twcc_recorder_packet(
                &w.recorder, what & 8 ? read_u16(&w.in) : (uint16_t)(sent - (what >> 4)), 7, w.now);
            break;
        case 1:
            for (int i = 0; i < what >> 2; i++) twcc_history_sent(&w.history, 1200, w.now);
            break;
        case 2: w.now += (what & 4 ? MS(1) : 250) * read_u8(&w.in); break;
        default: apply(&w, read_bytes(&w.in, what >> 1), false); break;
        }
        report(&w);
        FUZZ_CHECK(w.history.acked + w.history.lost <= w.history.next - 0x10000);
    }
    return 0;
}
