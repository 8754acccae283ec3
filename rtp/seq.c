#include "rtp/seq.h"

uint64_t rtp_extend(uint64_t near, uint32_t value, unsigned bits)
{
    uint64_t round = (uint64_t)1 << bits;
    uint64_t mask = round - 1;
    uint64_t ahead = ((uint64_t)value - near) & mask; /* from `near` upwards, modulo 2^bits */
    if (ahead < round / 2) return near + ahead;
    uint64_t behind = round - ahead;
    return behind <= near ? near - behind : near + ahead;
}

uint64_t rtp_counter_see(struct rtp_counter *counter, uint32_t value, unsigned bits)
{
    uint64_t round = (uint64_t)1 << bits;
    if (!counter->started) {
        *counter = (struct rtp_counter){.started = true, .highest = round + (value & (round - 1))};
        return counter->highest;
    }
    uint64_t index = rtp_extend(counter->highest, value, bits);
    if (index > counter->highest) counter->highest = index;
    return index;
}
