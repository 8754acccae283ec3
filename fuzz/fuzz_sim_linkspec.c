/* Specs and scripts of links as text: what is read is within the bounds, and written and read
 * again it is the same. */
#include "fuzz/fuzz.h"
#include "sim/linkspec.h"

static void check_bounds(const struct sim_link_spec *s)
{
    const uint32_t odds[] = {s->loss_ppm,
                             s->reorder_ppm,
                             s->duplicate_ppm,
                             s->corrupt_ppm,
                             s->bursts.good_to_bad_ppm,
                             s->bursts.bad_to_good_ppm,
                             s->bursts.loss_good_ppm,
                             s->bursts.loss_bad_ppm};
    const usec times[] = {s->delay, s->jitter, s->reorder_by, s->queue_time};
    for (size_t i = 0; i < COUNT(odds); i++) FUZZ_CHECK(odds[i] <= SIM_PPM);
    for (size_t i = 0; i < COUNT(times); i++)
        FUZZ_CHECK(times[i] >= 0 && times[i] <= SIM_LINK_TIME_MAX);
    FUZZ_CHECK(s->rate_bps <= SIM_LINK_RATE_MAX);
    FUZZ_CHECK(s->queue_bytes <= SIM_LINK_SIZE_MAX && s->mtu <= SIM_LINK_SIZE_MAX);
}

static void check_round_trip(const struct sim_link_spec *spec)
{
    uint8_t first[SIM_LINK_TEXT_MAX], second[SIM_LINK_TEXT_MAX];
    struct sim_link_spec again;
    struct fault fault;
    struct writer w = writer_of(first, sizeof first);
    sim_link_write(&w, spec);
    FUZZ_CHECK(w.err == OK);
    FUZZ_CHECK(sim_link_parse(&again, writer_done(&w), &fault) == OK);
    struct writer w2 = writer_of(second, sizeof second);
    sim_link_write(&w2, &again);
    FUZZ_CHECK(bytes_equal(writer_done(&w), writer_done(&w2)));
    FUZZ_CHECK(again.seed == spec->seed && again.rate_bps == spec->rate_bps &&
               again.queue_time == spec->queue_time && again.queue_bytes == spec->queue_bytes &&
               again.delay == spec->delay && again.mtu == spec->mtu);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct sim_link_script script;
    struct sim_link_spec spec;
    struct fault fault;
    struct bytes text = {data, n};
    if (sim_link_parse(&spec, text, &fault) == OK) {
        check_bounds(&spec);
        check_round_trip(&spec);
    } else {
        FUZZ_CHECK(fault.err == E_MALFORMED && fault.offset <= n && fault.rule);
    }
    if (sim_script_parse(&script, text, &fault) != OK) {
        FUZZ_CHECK(fault.err != OK && fault.offset <= n && fault.rule);
        return 0;
    }
    FUZZ_CHECK(script.count >= 1 && script.count <= SIM_SCRIPT_MAX);
    for (size_t i = 0; i < script.count; i++) {
        FUZZ_CHECK(i == 0 || script.steps[i].at >= script.steps[i - 1].at);
        check_bounds(&script.steps[i].spec);
        check_round_trip(&script.steps[i].spec);
    }
    return 0;
}
