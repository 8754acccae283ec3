#include "net/dnsmsg.h"

#include <string.h>

#define HEADER_LEN   12
#define LABEL_MAX    63
#define WIRE_MAX     255 /* a whole name on the wire, with its last zero: RFC 1035 §2.3.4 */
#define POINTER      0xc0
#define QUESTION_LEN 4 /* after its name */
/* Pointers in one name, ours: without a bound each record's name could be one pointer more than
 * that of the record before, and reading them all take time in the square of the message. */
#define POINTERS_MAX 16

/* One step along a name, following pointers. Each pointer must lead before the place where the
 * labels that it continues began, so following ends however a message is built (RFC 1035 §4.1.4
 * says "a prior occurrence of the same name"). */
struct label_walk {
    struct bytes whole;
    size_t at, begin;   /* begin: where the present run of labels started */
    size_t wire_len;    /* what the name would take uncompressed */
    unsigned pointers;  /* followed so far */
    const char *broken; /* the rule that it breaks */
};

static struct label_walk labels_at(struct bytes whole, size_t offset)
{
    return (struct label_walk){.whole = whole, .at = offset, .begin = offset, .wire_len = 1};
}

/* Follows one pointer. False: it leads nowhere good. */
static bool follow(struct label_walk *w)
{
    if (w->whole.len - w->at < 2) {
        w->broken = "a name ends inside a compression pointer (RFC 1035 4.1.4)";
        return false;
    }
    size_t to = (size_t)(w->whole.at[w->at] & ~POINTER & 0xff) << 8 | w->whole.at[w->at + 1];
    if (to < HEADER_LEN || to >= w->begin) {
        w->broken = "a compression pointer does not lead back to a prior name (RFC 1035 4.1.4)";
        return false;
    }
    if (w->pointers++ == POINTERS_MAX) {
        w->broken = "a name of more than 16 compression pointers: ours";
        return false;
    }
    w->at = w->begin = to;
    return true;
}

/* The next label; false: the name ended, or is broken. */
static bool next_label(struct label_walk *w, struct bytes *label)
{
    for (;;) {
        if (w->at >= w->whole.len) {
            w->broken = "the message ends inside a name (RFC 1035 4.1.2)";
            return false;
        }
        size_t len = w->whole.at[w->at];
        if (len == 0) return false;
        if ((len & POINTER) == POINTER) {
            if (!follow(w)) return false;
            continue;
        }
        if (len > LABEL_MAX)
            w->broken = "a label has a type that nobody uses (RFC 1035 4.1.4)";
        else if (w->whole.len - w->at - 1 < len)
            w->broken = "the message ends inside a label (RFC 1035 4.1.2)";
        else if ((w->wire_len += len + 1) > WIRE_MAX)
            w->broken = "a name is longer than 255 octets (RFC 1035 2.3.4)";
        if (w->broken) return false;
        *label = (struct bytes){w->whole.at + w->at + 1, len};
        w->at += len + 1;
        return true;
    }
}

/* Passes over the name at the reader, pointers not followed. */
static void skip_name(struct reader *r)
{
    while (reader_left(r)) {
        uint8_t len = read_u8(r);
        if ((len & POINTER) == POINTER) read_skip(r, 1);
        if (len == 0 || (len & POINTER) == POINTER) return;
        read_skip(r, len);
    }
    reader_fail(r, E_TRUNCATED, "the message ends inside a name (RFC 1035 4.1.2)");
}

/* Is the name at `offset` whole and well formed? */
static const char *name_rule(struct bytes whole, size_t offset)
{
    struct label_walk w = labels_at(whole, offset);
    struct bytes label;
    while (next_label(&w, &label)) continue;
    return w.broken;
}

static void check_name(struct reader *r, struct bytes whole)
{
    const char *rule = name_rule(whole, reader_offset(r));
    if (rule)
        reader_fail(r, E_MALFORMED, rule);
    else
        skip_name(r);
}

static void check_record(struct reader *r, struct bytes whole)
{
    check_name(r, whole);
    uint16_t type = read_u16(r);
    read_skip(r, 6); /* class and TTL */
    size_t len = read_u16(r);
    size_t data = reader_offset(r);
    read_skip(r, len);
    if (r->err != OK) return;
    /* The data that somebody here will look into. */
    const char *rule = type == DNS_CNAME ? name_rule(whole, data) : NULL;
    if (type == DNS_A && len != 4) rule = "an A record's data is not 4 octets (RFC 1035 3.4.1)";
    if (type == DNS_AAAA && len != 16)
        rule = "an AAAA record's data is not 16 octets (RFC 3596 2.2)";
    if (rule) reader_fail(r, E_MALFORMED, rule);
}

enum err dns_parse(struct dns_msg *msg, struct bytes in)
{
    struct reader r = reader_of(in);
    *msg = (struct dns_msg){.whole = in};
    msg->id = read_u16(&r);
    msg->flags = read_u16(&r);
    msg->questions = read_u16(&r);
    msg->answers = read_u16(&r);
    msg->authorities = read_u16(&r);
    msg->additionals = read_u16(&r);
    for (unsigned i = 0; i < msg->questions && r.err == OK; i++) {
        check_name(&r, in);
        read_skip(&r, QUESTION_LEN);
    }
    unsigned records = (unsigned)msg->answers + msg->authorities + msg->additionals;
    for (unsigned i = 0; i < records && r.err == OK; i++) check_record(&r, in);
    msg->fault = reader_fault(&r, "dns");
    return r.err;
}

struct dns_walk dns_walk_of(const struct dns_msg *msg)
{
    struct dns_walk walk = {
        .r = reader_of(msg->whole),
        .questions = msg->questions,
        .records = (unsigned)msg->answers + msg->authorities + msg->additionals,
    };
    read_skip(&walk.r, HEADER_LEN);
    return walk;
}

bool dns_next_question(struct dns_walk *walk, struct dns_question *q)
{
    if (walk->questions == 0 || walk->r.err != OK) return false;
    walk->questions--;
    q->name = reader_offset(&walk->r);
    skip_name(&walk->r);
    q->type = read_u16(&walk->r);
    q->class = read_u16(&walk->r);
    return walk->r.err == OK;
}

bool dns_next_record(struct dns_walk *walk, struct dns_record *rr)
{
    struct dns_question q;
    while (dns_next_question(walk, &q)) continue;
    if (walk->records == 0 || walk->r.err != OK) return false;
    walk->records--;
    rr->name = reader_offset(&walk->r);
    skip_name(&walk->r);
    rr->type = read_u16(&walk->r);
    rr->class = read_u16(&walk->r);
    rr->ttl = read_u32(&walk->r);
    size_t len = read_u16(&walk->r);
    rr->data_offset = reader_offset(&walk->r);
    rr->data = read_bytes(&walk->r, len);
    return walk->r.err == OK;
}

/* The label before the first dot of `text`, which is cut off it. */
static struct bytes first_label(struct bytes *text)
{
    size_t len = 0;
    while (len < text->len && text->at[len] != '.') len++;
    struct bytes label = bytes_slice(*text, 0, len);
    *text = bytes_slice(*text, len + 1, text->len);
    return label;
}

bool dns_name_equal(const struct dns_msg *msg, size_t offset, struct bytes text)
{
    struct label_walk w = labels_at(msg->whole, offset);
    struct bytes label;
    if (text.len == 1 && text.at[0] == '.') text.len = 0;
    while (next_label(&w, &label))
        if (text.len == 0 || !name_label_equal(label, first_label(&text))) return false;
    return !w.broken && text.len == 0;
}

bool dns_name_same(const struct dns_msg *msg, size_t a, size_t b)
{
    struct label_walk wa = labels_at(msg->whole, a), wb = labels_at(msg->whole, b);
    struct bytes la, lb;
    for (;;) {
        bool more_a = next_label(&wa, &la), more_b = next_label(&wb, &lb);
        if (!more_a || !more_b) return more_a == more_b && !wa.broken && !wb.broken;
        if (!name_label_equal(la, lb)) return false;
    }
}

uint32_t dns_name_hash(const struct dns_msg *msg, size_t offset)
{
    struct label_walk w = labels_at(msg->whole, offset);
    struct bytes label;
    uint32_t hash = NAME_HASH_START;
    while (next_label(&w, &label)) hash = name_hash_label(hash, label);
    return hash;
}

const char *dns_name_text(const struct dns_msg *msg, size_t offset, char to[NAME_MAX_LEN + 1])
{
    struct label_walk w = labels_at(msg->whole, offset);
    struct bytes label;
    size_t n = 0;
    while (next_label(&w, &label)) {
        /* 255 octets on the wire are 253 characters and the dots between: it always fits. */
        if (n > 0 && n < NAME_MAX_LEN) to[n++] = '.';
        for (size_t i = 0; i < label.len && n < NAME_MAX_LEN; i++)
            to[n++] = name_valid(bytes_slice(label, i, 1)) ? (char)label.at[i] : '?';
    }
    to[n] = '\0';
    return to;
}

bool dns_record_addr(const struct dns_record *rr, struct addr *a)
{
    if ((rr->class & DNS_CLASS_MASK) != DNS_IN) return false;
    bool v4 = rr->type == DNS_A && rr->data.len == 4;
    if (!v4 && !(rr->type == DNS_AAAA && rr->data.len == 16)) return false;
    *a = (struct addr){.family = v4 ? ADDR_IPV4 : ADDR_IPV6};
    memcpy(a->ip, rr->data.at, rr->data.len);
    return true;
}

void dns_write_header(struct writer *w, uint16_t id, uint16_t flags, struct dns_counts counts)
{
    write_u16(w, id);
    write_u16(w, flags);
    write_u16(w, counts.questions);
    write_u16(w, counts.answers);
    write_u16(w, counts.authorities);
    write_u16(w, counts.additionals);
}

void dns_write_name(struct writer *w, struct bytes name)
{
    if (!name_valid(name)) {
        if (w->err == OK) w->err = E_MALFORMED;
        return;
    }
    while (name.len > 0) {
        struct bytes label = first_label(&name);
        write_u8(w, (uint8_t)label.len);
        write_bytes(w, label);
    }
    write_u8(w, 0);
}

void dns_write_question(struct writer *w, struct bytes name, uint16_t type, uint16_t class)
{
    dns_write_name(w, name);
    write_u16(w, type);
    write_u16(w, class);
}

/* A record up to its data, which `len` octets must follow. */
static void write_record(struct writer *w, struct bytes name, struct dns_record rr, size_t len)
{
    dns_write_question(w, name, rr.type, rr.class);
    write_u32(w, rr.ttl);
    write_u16(w, (uint16_t)len);
}

void dns_write_addr(struct writer *w, struct bytes name, uint16_t class, uint32_t ttl,
                    const struct addr *a)
{
    uint16_t type = a->family == ADDR_IPV4 ? DNS_A : DNS_AAAA;
    struct bytes data = {a->ip, addr_ip_len(a)};
    write_record(w, name, (struct dns_record){.type = type, .class = class, .ttl = ttl}, data.len);
    write_bytes(w, data);
}

void dns_write_cname(struct writer *w, struct bytes name, uint32_t ttl, struct bytes target)
{
    struct dns_record rr = {.type = DNS_CNAME, .class = DNS_IN, .ttl = ttl};
    write_record(w, name, rr, 0);
    size_t data = writer_len(w);
    dns_write_name(w, target);
    if (w->err == OK) write_u16_at(w, data - 2, (uint16_t)(writer_len(w) - data));
}

void dns_write_opt(struct writer *w)
{
    write_u8(w, 0); /* the root's name */
    write_u16(w, DNS_OPT);
    write_u16(w, DNS_MSG_MAX); /* in the place of the class */
    write_u32(w, 0);           /* no extended code, version 0, no flags */
    write_u16(w, 0);
}
