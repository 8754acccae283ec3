/* Numbers that wrap, made into numbers that don't: 16-bit sequence numbers and 32-bit timestamps
 * become 64-bit indexes, so that nothing behind the parser ever compares modulo 2^n.
 * RFC 3550 §5.1 and appendix A.1. */
#ifndef DUET_RTP_SEQ_H
#define DUET_RTP_SEQ_H

#include <stdbool.h>
#include <stdint.h>

/* The number congruent to `value` modulo 2^`bits` that lies nearest to `near`; of two equally far
 * ones the lower. Never below 0: where that would happen, the next one above. `bits`: 1 to 32. */
uint64_t rtp_extend(uint64_t near, uint32_t value, unsigned bits);

/* A counter that follows what it has seen. Starts at 2^bits + value, so that what was sent before
 * the first packet that arrived still has an index above 0. */
struct rtp_counter {
    bool started;
    uint64_t highest;
};

/* The index of `value`; remembers it if it is the highest. */
uint64_t rtp_counter_see(struct rtp_counter *counter, uint32_t value, unsigned bits);

#endif
