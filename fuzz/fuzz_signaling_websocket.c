/* WebSocket frames in both roles: a stream fed whole and byte by byte gives the same items and the
 * same end, a message never costs more than twice its bytes, and what we write we read. The first
 * byte chooses role and limit. */
#include "fuzz/fuzz.h"

#include "signaling/websocket.h"

#include <string.h>

#define ITEMS_MAX 256

struct seen {
    size_t count;
    uint64_t sum[ITEMS_MAX]; /* of all that an item says */
    enum err err;
    enum ws_code code;
    size_t fault_offset;
    bool incomplete;
};

static uint64_t sum_of(const struct ws_item *item)
{
    uint64_t sum = 14695981039346656037u;
    for (size_t i = 0; i < item->data.len; i++) sum = (sum ^ item->data.at[i]) * 1099511628211u;
    return sum + item->opcode + item->code * 65537u + item->offset * 31u + item->data.len;
}

static void read_stream(struct seen *seen, enum ws_role role, size_t max, struct bytes in,
                        size_t step)
{
    struct ws_reader r;
    ws_reader_init(&r, role, max);
    memset(seen, 0, sizeof *seen);
    for (size_t at = 0; at < in.len && seen->err == OK; at += step) {
        struct bytes part = bytes_slice(in, at, step);
        struct ws_item item;
        enum err err;
        while ((err = ws_read(&r, &part, &item)) == OK) {
            FUZZ_CHECK(item.data.len <= (item.opcode & 8 ? WS_CONTROL_MAX : max));
            if (item.opcode == WS_TEXT) FUZZ_CHECK(utf8_valid(item.data));
            if (seen->count < ITEMS_MAX) seen->sum[seen->count] = sum_of(&item);
            seen->count++;
        }
        FUZZ_CHECK(r.message.room <= 2 * r.message.len + BUFFER_FIRST || r.message.len == 0);
        if (err == E_TRUNCATED)
            FUZZ_CHECK(part.len == 0);
        else
            seen->err = err;
    }
    seen->code = r.close_code;
    seen->fault_offset = r.fault.offset;
    seen->incomplete = ws_reader_incomplete(&r);
    FUZZ_CHECK((seen->err == OK) == (r.fault.err == OK));
    if (seen->err != OK) FUZZ_CHECK(r.fault.rule && r.fault.offset <= in.len && seen->code >= 1002);
    ws_reader_free(&r);
}

static bool seen_equal(const struct seen *a, const struct seen *b)
{
    return a->count == b->count && memcmp(a->sum, b->sum, sizeof a->sum) == 0 && a->err == b->err &&
           a->code == b->code && a->fault_offset == b->fault_offset &&
           a->incomplete == b->incomplete;
}

static void check_writing(enum ws_role role, struct bytes in)
{
    uint8_t frame[1024 + WS_OVERHEAD_MAX];
    struct rng rng;
    struct ws_reader r;
    struct ws_item item;
    rng_init_number(&rng, 1);
    in = bytes_slice(in, 0, 1024);
    struct writer w = writer_of(frame, sizeof frame);
    ws_write(&w, role, WS_BINARY, in, &rng);
    struct bytes out = writer_done(&w);
    ws_reader_init(&r, role == WS_CLIENT ? WS_SERVER : WS_CLIENT, 1024);
    FUZZ_CHECK(ws_read(&r, &out, &item) == OK && bytes_equal(item.data, in) && out.len == 0);
    ws_reader_free(&r);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct seen whole, bytewise;
    if (n == 0) return 0;
    enum ws_role role = data[0] & 1 ? WS_CLIENT : WS_SERVER;
    size_t max = (size_t)1 << (data[0] >> 4);
    struct bytes in = {data + 1, n - 1};
    read_stream(&whole, role, max, in, in.len ? in.len : 1);
    read_stream(&bytewise, role, max, in, 1);
    FUZZ_CHECK(seen_equal(&whole, &bytewise));
    check_writing(role, in);
    return 0;
}
