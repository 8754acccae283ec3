/* HTTP heads: the parser stays inside its input, its views are in order, and a head found byte by
 * byte is the head found at once. */
#include "fuzz/fuzz.h"

#include "signaling/upgrade.h"
#include "signaling/url.h"

#include <string.h>

static void check_view(struct bytes in, struct bytes view)
{
    if (view.len) FUZZ_CHECK(view.at >= in.at && view.at + view.len <= in.at + in.len);
}

static void check_request(struct bytes in)
{
    struct http_request q;
    enum err err = http_request_parse(&q, in);
    FUZZ_CHECK(err == q.fault.err);
    FUZZ_CHECK(q.field_count <= HTTP_FIELDS_MAX && q.fault.offset <= in.len);
    if (err != OK) return;
    FUZZ_CHECK(q.len <= in.len && q.len <= HTTP_HEAD_MAX && q.path.len > 0 && q.path.at[0] == '/');
    check_view(in, q.method), check_view(in, q.host), check_view(in, q.query);
    if (!bytes_is(q.path, "/")) check_view(in, q.path);
    FUZZ_CHECK(q.host.at || q.minor == 0);
    for (size_t i = 0; i < q.field_count; i++) {
        check_view(in, q.fields[i].name), check_view(in, q.fields[i].value);
        /* Nothing that could end a line is left inside one. */
        FUZZ_CHECK(!q.fields[i].value.len ||
                   !memchr(q.fields[i].value.at, '\n', q.fields[i].value.len));
    }
    /* A head does not change with what follows it, and each shorter piece is not enough. */
    struct http_request again;
    FUZZ_CHECK(http_request_parse(&again, bytes_slice(in, 0, q.len)) == OK);
    FUZZ_CHECK(again.field_count == q.field_count && bytes_equal(again.target, q.target));
    FUZZ_CHECK(http_request_parse(&again, bytes_slice(in, 0, q.len - 1)) == E_TRUNCATED);
    struct bytes key, room = http_query(q.query, "room");
    struct fault fault;
    int status = upgrade_check_request(&q, &key, &fault);
    FUZZ_CHECK((status == 101) == (fault.err == OK));
    if (status == 101) FUZZ_CHECK(key.len == UPGRADE_KEY_LEN);
    check_view(in, room);
    upgrade_origin_allowed(http_field(q.fields, q.field_count, "Origin"), q.host, NULL, 0);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes in = {data, n};
    struct http_response p;
    struct fault fault;
    struct sig_url url;
    check_request(in);
    if (http_response_parse(&p, in) == OK) {
        FUZZ_CHECK(p.status >= 100 && p.status <= 599 && p.len <= n);
        upgrade_check_response(&p, "dGhlIHNhbXBsZSBub25jZQ==", &fault);
    }
    size_t whole = http_head_len(in, 0);
    for (size_t i = 0; i <= n && i <= 512; i++) {
        size_t part = http_head_len(bytes_slice(in, 0, i), i ? i - 1 : 0);
        FUZZ_CHECK(part == 0 || part == whole);
        if (part) break;
    }
    if (sig_url_parse(&url, in) == OK)
        FUZZ_CHECK(url.port != 0 && sig_room_valid(bytes_of(url.room)) && url.target[0] == '/');
    FUZZ_CHECK(url.fault.offset <= n);
    return 0;
}
