/* What is written as a pcapng capture is read back as it was: packets with their addresses, times
 * and interfaces, and secrets, in order. The script says what is written. */
#include "fuzz/fuzz.h"

#include "trace/capture.h"
#include "trace/datagram.h"
#include "trace/pcapng.h"

#define ITEMS_MAX 16

struct item {
    bool secrets;
    struct bytes data;
    struct pcapng_packet packet;
};

static uint8_t file[ITEMS_MAX * PCAPNG_BLOCK_MAX + 1024];

static struct addr read_addr(struct reader *r, bool ipv6)
{
    struct addr a = {.family = ipv6 ? ADDR_IPV6 : ADDR_IPV4};
    struct bytes ip = read_bytes(r, ipv6 ? 16 : 4);
    for (size_t i = 0; i < ip.len; i++) a.ip[i] = ip.at[i];
    a.port = read_u16(r);
    return a;
}

static struct bytes some(struct reader *r)
{
    size_t len = read_u16(r) % PACKET_MAX;
    return read_bytes(r, len <= reader_left(r) ? len : reader_left(r));
}

static void write_packet(struct writer *w, struct item *item, struct reader *r, uint8_t what)
{
    static const char comment[] = "what somebody said of it";
    struct pcapng_packet *p = &item->packet;
    bool ipv6 = what & 2;
    p->interface = what >> 2 & 1;
    p->outbound = what & 8;
    p->unix_us = (int64_t)(read_u48(r) & 0x7FFFFFFFFFFF) * (what & 16 ? 1 : 1000);
    p->from = read_addr(r, ipv6);
    p->to = read_addr(r, what & 32 ? !ipv6 : ipv6); /* of two families: refused */
    p->payload = some(r);
    p->comment = what & 64 ? comment : NULL;
    size_t before = writer_len(w);
    bool written = pcapng_packet(w, p);
    FUZZ_CHECK(written == !(what & 32));
    FUZZ_CHECK(written == (wrap_len(&p->from, &p->to, p->payload.len) > 0));
    if (!written) FUZZ_CHECK(writer_len(w) == before);
    FUZZ_CHECK(writer_len(w) - before <= PCAPNG_BLOCK_MAX);
}

static size_t write_file(struct writer *w, struct item items[ITEMS_MAX], struct reader *r)
{
    size_t count = 0;
    pcapng_section(w, "duet");
    pcapng_interface(w, "wire", "as it went");
    pcapng_interface(w, "plain", "decrypted");
    while (reader_left(r) && count < ITEMS_MAX) {
        uint8_t what = read_u8(r);
        struct item *item = &items[count];
        *item = (struct item){.secrets = what & 1};
        if (what == 255) {
            pcapng_statistics(w, 0, (int64_t)read_u48(r), read_u32(r), read_u32(r));
            continue;
        }
        if (item->secrets)
            pcapng_secrets(w, item->data = some(r));
        else
            write_packet(w, item, r, what);
        if (item->secrets || !(what & 32)) count++;
    }
    FUZZ_CHECK(w->err == OK);
    return count;
}

static void check_packet(const struct item *item, const struct capture_item *read)
{
    const struct pcapng_packet *p = &item->packet;
    FUZZ_CHECK(read->kind == CAPTURE_PACKET && read->interface == p->interface);
    FUZZ_CHECK(read->time == p->unix_us && read->original == read->data.len);
    struct datagram d = datagram_of(read->data, read->link);
    FUZZ_CHECK(d.kind == DATAGRAM_UDP && !d.cut && !d.fragmented);
    FUZZ_CHECK(addr_equal(&d.from, &p->from) && addr_equal(&d.to, &p->to));
    FUZZ_CHECK(bytes_equal(d.payload, p->payload));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct item items[ITEMS_MAX];
    struct reader r = reader_of((struct bytes){data, n});
    struct writer w = writer_of(file, sizeof file);
    size_t count = write_file(&w, items, &r), i = 0;
    struct bytes whole = writer_done(&w);
    struct capture c;
    FUZZ_CHECK(capture_is(whole) && capture_open(&c, whole) == OK);
    for (struct capture_item read; capture_next(&c, &read); i++) {
        FUZZ_CHECK(i < count);
        if (!items[i].secrets) {
            check_packet(&items[i], &read);
            continue;
        }
        FUZZ_CHECK(read.kind == CAPTURE_SECRETS && read.secrets_type == CAPTURE_SECRETS_TLS);
        FUZZ_CHECK(bytes_equal(read.data, items[i].data));
    }
    FUZZ_CHECK(i == count && c.fault.err == OK);
    return 0;
}
