/* Any bytes are a stream that can be explained: the first says who reads and how long a message may
 * be. Fields lie in the stream, members close, and what is told is what the reader finds. */
#include "base/explain.h"
#include "fuzz/fuzz.h"
#include "signaling/explain.h"

static void check(const struct explain *x, struct bytes stream)
{
    size_t open = 0;
    FUZZ_CHECK(explain_fault(x)->err == OK || explain_fault(x)->err == E_FULL ||
               explain_fault(x)->err == E_NOMEM);
    for (size_t i = 0; i < explain_field_count(x); i++) {
        const struct explain_field *f = explain_field_at(x, i);
        FUZZ_CHECK(f->offset <= stream.len && f->raw.len <= stream.len - f->offset && f->spec);
    }
    for (size_t i = 0; i < explain_member_count(x); i++) {
        enum explain_kind kind = explain_member_at(x, i)->kind;
        if (kind == EXPLAIN_OBJECT || kind == EXPLAIN_LIST) open++;
        if (kind == EXPLAIN_CLOSE) FUZZ_CHECK(open-- > 0);
    }
    FUZZ_CHECK(open == 0 || explain_fault(x)->err != OK);
}

/* How many of this opcode the reader finds by itself. */
static size_t count_pings(struct bytes stream, const struct ws_explain_options *options)
{
    struct ws_reader r;
    struct ws_item item;
    size_t pings = 0;
    ws_reader_init(&r, options->role, options->max_message);
    while (ws_read(&r, &stream, &item) == OK) pings += item.opcode == WS_PING;
    ws_reader_free(&r);
    return pings;
}

static size_t count_told(const struct explain *x, const char *name)
{
    size_t told = 0;
    for (size_t i = 0; i < explain_field_count(x); i++)
        told += bytes_is(explain_field_at(x, i)->name, name);
    return told;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    if (n == 0) return 0;
    struct bytes stream = {data + 1, n - 1};
    const struct ws_explain_options options = {data[0] & 1 ? WS_CLIENT : WS_SERVER,
                                               1 + (size_t)(data[0] >> 1) * 64};
    struct explain *x = explain_new("ws", stream);
    if (!x) return 0;
    ws_explain(x, stream, &options);
    check(x, stream);
    if (explain_fault(x)->err == OK)
        FUZZ_CHECK(count_told(x, "ping") == count_pings(stream, &options));
    explain_free(x);
    return 0;
}
