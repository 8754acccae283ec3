/* A transaction's clockwork against RFC 8489 §6.2.1 told plainly: requests at 0, 1, 3, 7... times
 * the RTO after the first, the last wait is 16 RTOs, whenever one asks and however late. */
#include "fuzz/fuzz.h"

#include "base/bytes.h"
#include "stun/transaction.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct stun_txn t = {0};
    struct reader r = reader_of((struct bytes){data, n});
    usec now = 0;
    unsigned sent = 0, limit = 0;
    bool running = false;
    while (reader_left(&r)) {
        uint8_t what = read_u8(&r);
        switch (what & 3) {
        case 0:
            limit = 1 + (what >> 4);
            stun_txn_start_limited(&t, MS(1 + read_u8(&r)), limit, now);
            sent = 0, running = true;
            break;
        case 1: now += MS(read_u16(&r)); break;
        case 2:
            if (what & 4 && stun_txn_deadline(&t) != TIME_NEVER)
                now = usec_max(now, stun_txn_deadline(&t));
            break;
        default:
            if (what & 64) stun_txn_stop(&t), running = false;
            break;
        }
        for (int i = 0; stun_txn_due(&t, now); i++) {
            FUZZ_CHECK(running && ++sent <= limit &&
                       i < 1); /* late is not made up for in a burst */
            FUZZ_CHECK(stun_txn_deadline(&t) > now);
        }
        FUZZ_CHECK((stun_txn_deadline(&t) == TIME_NEVER) == !running);
        if (stun_txn_expired(&t, now)) {
            FUZZ_CHECK(running && sent == limit && !stun_txn_due(&t, now));
            stun_txn_stop(&t);
            running = false;
        }
    }
    return 0;
}
