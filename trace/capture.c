#include "trace/capture.h"

#define MAGIC_USEC  0xA1B2C3D4u /* pcap: times in microseconds */
#define MAGIC_NSEC  0xA1B23C4Du /* pcap: in nanoseconds */
#define BLOCK_ORDER 0x1A2B3C4Du /* pcapng: the byte-order magic of a section */

/* pcapng block types. */
enum {
    BLOCK_INTERFACE = 1,
    BLOCK_PACKET = 2, /* obsolete (pcapng appendix A), and still in old files */
    BLOCK_SIMPLE_PACKET = 3,
    BLOCK_ENHANCED_PACKET = 6,
    BLOCK_SECRETS = 0x0A,
    BLOCK_SECTION = 0x0A0D0D0A
};

/* pcapng options of an interface. */
enum { OPTION_END = 0, OPTION_TSRESOL = 9, OPTION_TSOFFSET = 14 };

/* `len` bytes in the byte order of the section or file. */
static uint64_t number(const struct capture *c, struct reader *r, size_t len)
{
    struct bytes b = read_bytes(r, len);
    uint64_t v = 0;
    for (size_t i = 0; i < b.len; i++) v = v << 8 | b.at[c->little ? b.len - 1 - i : i];
    return v;
}

static uint16_t u16(const struct capture *c, struct reader *r)
{
    return (uint16_t)number(c, r, 2);
}

static uint32_t u32(const struct capture *c, struct reader *r)
{
    return (uint32_t)number(c, r, 4);
}

/* Ticks of an interface's clock as microseconds. What no clock shows wraps. */
static usec to_usec(const struct capture_interface *in, uint64_t ticks)
{
    unsigned n = in->resolution & 0x7F;
    uint64_t us;
    if (in->resolution & 0x80) {
        /* Below 2^40 a second the fraction times a million fits. */
        for (; n > 40; n--) ticks >>= 1;
        uint64_t fraction = ticks & (((uint64_t)1 << n) - 1);
        us = (ticks >> n) * 1000000 + (fraction * 1000000 >> n);
    } else {
        us = ticks;
        for (; n > 6; n--) us /= 10;
        for (; n < 6; n++) us *= 10;
    }
    us += (uint64_t)in->offset_s * 1000000;
    return (usec)(us & INT64_MAX);
}

/* ---- pcap ---- */

/* The four bytes of a pcap magic in either order; sets c->little and the clock. */
static bool classic_magic(struct capture *c, struct bytes file)
{
    for (int little = 0; little <= 1; little++) {
        struct reader r = reader_of(file);
        c->little = little;
        uint32_t magic = u32(c, &r);
        if (r.err != OK || (magic != MAGIC_USEC && magic != MAGIC_NSEC)) continue;
        c->interfaces[0].resolution = magic == MAGIC_USEC ? 6 : 9;
        return true;
    }
    return false;
}

static enum err open_classic(struct capture *c)
{
    struct reader *r = &c->r;
    read_skip(r, 4);
    uint16_t major = u16(c, r);
    read_skip(r, 2 + 4 + 4); /* minor version, time zone, accuracy: nobody fills them */
    c->interfaces[0].snap = 0;
    read_skip(r, 4); /* the snap length: each packet says its own */
    /* The upper bits tell of a frame check sequence. */
    c->interfaces[0].link = (uint16_t)u32(c, r);
    c->interface_count = 1;
    if (r->err == OK && major != 2) {
        r->at = r->start + 4;
        reader_fail(r, E_UNSUPPORTED, "a pcap version other than 2");
    }
    return r->err;
}

static bool next_classic(struct capture *c, struct capture_item *item)
{
    struct reader *r = &c->r;
    if (reader_left(r) == 0) return false;
    item->offset = reader_offset(r);
    uint64_t seconds = u32(c, r), fraction = u32(c, r);
    uint32_t len = u32(c, r);
    item->original = u32(c, r);
    item->data = read_bytes(r, len);
    if (r->err != OK) return false;
    struct capture_interface fine = {.resolution = c->interfaces[0].resolution};
    item->kind = CAPTURE_PACKET;
    item->link = c->interfaces[0].link;
    item->time = (usec)seconds * 1000000 + to_usec(&fine, fraction);
    item->number = ++c->packets;
    return true;
}

/* ---- pcapng ---- */

/* A section's header: from here on its byte order and its interfaces count. */
static void open_section(struct capture *c, struct reader *body)
{
    const uint8_t *start = body->at;
    c->little = false;
    uint32_t order = u32(c, body);
    if (order != BLOCK_ORDER) {
        body->at = start;
        c->little = true;
        order = u32(c, body);
    }
    if (body->err == OK && order != BLOCK_ORDER)
        reader_fail(body, E_MALFORMED, "no byte-order magic (pcapng 4.1)");
    uint16_t major = u16(c, body);
    if (body->err == OK && major != 1)
        reader_fail(body, E_UNSUPPORTED, "a pcapng version other than 1 (pcapng 4.1)");
    c->interface_count = 0;
}

static void add_interface(struct capture *c, struct reader *body)
{
    struct capture_interface in = {.resolution = 6};
    in.link = u16(c, body);
    read_skip(body, 2);
    in.snap = u32(c, body);
    while (reader_left(body) >= 4) {
        uint16_t code = u16(c, body), len = u16(c, body);
        struct reader value = reader_of(read_bytes(body, len));
        read_skip(body, (4u - len % 4u) % 4u);
        if (code == OPTION_END) break;
        if (code == OPTION_TSRESOL && len == 1) in.resolution = read_u8(&value);
        if (code == OPTION_TSOFFSET && len == 8) in.offset_s = (int64_t)number(c, &value, 8);
    }
    if (c->interface_count < CAPTURE_INTERFACES_MAX) c->interfaces[c->interface_count] = in;
    c->interface_count++; /* one too many still has its number */
}

static const struct capture_interface *interface_at(const struct capture *c, uint32_t i)
{
    static const struct capture_interface none = {.link = CAPTURE_LINK_UNKNOWN, .resolution = 6};
    return i < c->interface_count && i < CAPTURE_INTERFACES_MAX ? &c->interfaces[i] : &none;
}

/* What an Enhanced Packet Block has behind its interface, and a Packet Block too. */
static void timed_packet(struct capture *c, struct reader *body, struct capture_item *item)
{
    const struct capture_interface *in = interface_at(c, item->interface);
    uint64_t high = u32(c, body), low = u32(c, body);
    uint32_t len = u32(c, body);
    item->original = u32(c, body);
    item->data = read_bytes(body, len);
    item->time = to_usec(in, high << 32 | low);
    item->link = in->link;
}

static void enhanced_packet(struct capture *c, struct reader *body, struct capture_item *item)
{
    item->interface = u32(c, body);
    timed_packet(c, body, item);
}

static void obsolete_packet(struct capture *c, struct reader *body, struct capture_item *item)
{
    item->interface = u16(c, body);
    read_skip(body, 2); /* how many packets were dropped before it */
    timed_packet(c, body, item);
}

static void simple_packet(struct capture *c, struct reader *body, struct capture_item *item)
{
    const struct capture_interface *in = interface_at(c, 0);
    item->original = u32(c, body);
    size_t len = item->original;
    if (in->snap && len > in->snap) len = in->snap;
    item->data = read_bytes(body, len);
    item->link = in->link;
}

static void secrets(struct capture *c, struct reader *body, struct capture_item *item)
{
    item->secrets_type = u32(c, body);
    item->data = read_bytes(body, u32(c, body));
}

/* The body of the next block, between its two lengths; its type through `type`. */
static struct reader next_block(struct capture *c, uint32_t *type)
{
    struct reader *r = &c->r;
    const uint8_t *start = r->at;
    *type = u32(c, r);
    /* §4.1: the type of a section header reads the same both ways; what follows tells the order,
     * and that of its own length. */
    if (*type == BLOCK_SECTION) {
        struct reader ahead = *r;
        read_skip(&ahead, 4);
        struct bytes order = read_bytes(&ahead, 4);
        if (order.len == 4) c->little = order.at[0] == 0x4D;
    }
    uint32_t len = u32(c, r);
    if (r->err == OK && (len < 12 || len % 4)) {
        r->at = start + 4;
        reader_fail(r, E_MALFORMED, "a block's length is whole words, 12 at least (pcapng 3.1)");
    }
    struct bytes body = read_bytes(r, r->err == OK ? len - 12 : 0);
    if (u32(c, r) != len && r->err == OK) {
        r->at -= 4;
        reader_fail(r, E_MALFORMED, "a block's two lengths differ (pcapng 3.1)");
    }
    return reader_of(body);
}

static bool next_generation(struct capture *c, struct capture_item *item)
{
    while (reader_left(&c->r)) {
        uint32_t type;
        bool found = false;
        item->offset = reader_offset(&c->r);
        struct reader body = next_block(c, &type);
        if (c->r.err != OK) return false;
        switch (type) {
        case BLOCK_SECTION: open_section(c, &body); break;
        case BLOCK_INTERFACE: add_interface(c, &body); break;
        case BLOCK_ENHANCED_PACKET: enhanced_packet(c, &body, item), found = true; break;
        case BLOCK_PACKET: obsolete_packet(c, &body, item), found = true; break;
        case BLOCK_SIMPLE_PACKET: simple_packet(c, &body, item), found = true; break;
        case BLOCK_SECRETS: secrets(c, &body, item), found = true; break;
        default: break; /* statistics, names: skipped (pcapng 3.1) */
        }
        if (body.err != OK) {
            c->r.at = c->r.start + item->offset;
            reader_fail(&c->r, body.err, body.rule ? body.rule : "a block ends inside a field");
            return false;
        }
        if (!found) continue;
        item->kind = type == BLOCK_SECRETS ? CAPTURE_SECRETS : CAPTURE_PACKET;
        if (item->kind == CAPTURE_PACKET) item->number = ++c->packets;
        return true;
    }
    return false;
}

/* ---- Both ---- */

static bool is_next_generation(struct bytes file)
{
    struct reader r = reader_of(file);
    return read_u32(&r) == BLOCK_SECTION;
}

bool capture_is(struct bytes file)
{
    struct capture c = {0};
    return is_next_generation(file) || classic_magic(&c, file);
}

enum err capture_open(struct capture *c, struct bytes file)
{
    *c = (struct capture){.r = reader_of(file), .next_generation = is_next_generation(file)};
    if (!c->next_generation) {
        if (classic_magic(c, file))
            open_classic(c);
        else
            reader_fail(&c->r, file.len < 4 ? E_TRUNCATED : E_MALFORMED,
                        "neither pcap's magic number nor pcapng's");
    }
    c->fault = reader_fault(&c->r, "capture");
    return c->fault.err;
}

bool capture_next(struct capture *c, struct capture_item *item)
{
    *item = (struct capture_item){.offset = reader_offset(&c->r)};
    bool found = c->next_generation ? next_generation(c, item) : next_classic(c, item);
    if (!found) c->fault = reader_fault(&c->r, "capture");
    return found;
}
