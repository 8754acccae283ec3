#include "ice/candidate.h"

#include <string.h>

static const char *const type_names[] = {"host", "srflx", "prflx", "relay"};
static const char *const tcptype_names[] = {"", "active", "passive", "so"};

const char *candidate_type_name(enum candidate_type type)
{
    return (size_t)type < COUNT(type_names) ? type_names[type] : "unknown";
}

uint32_t candidate_priority(enum candidate_type type, uint16_t local_preference, uint16_t component)
{
    /* RFC 8445 §5.1.2.2: the recommended type preferences. */
    static const uint32_t preference[] = {126, 100, 110, 0};
    return preference[type] << 24 | (uint32_t)local_preference << 8 | (256u - component);
}

static bool is_ice_char(uint8_t c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '+' ||
           c == '/';
}

bool ice_chars_ok(struct bytes text, size_t min, size_t max)
{
    if (text.len < min || text.len > max) return false;
    for (size_t i = 0; i < text.len; i++)
        if (!is_ice_char(text.at[i])) return false;
    return true;
}

/* The next word: up to one blank, which is taken too. At least one character. */
static struct bytes word(struct reader *r, const char *rule)
{
    size_t len = 0, left = reader_left(r);
    while (len < left && r->at[len] != ' ') {
        /* VCHAR, RFC 5234 B.1: nothing else stands in any field. */
        if (r->at[len] <= ' ' || r->at[len] > '~') {
            reader_fail(r, E_MALFORMED, "a character outside VCHAR (RFC 8839 5.1)");
            return (struct bytes){r->at, 0};
        }
        len++;
    }
    if (len == 0) reader_fail(r, E_MALFORMED, rule);
    struct bytes w = read_bytes(r, len);
    if (reader_left(r)) read_skip(r, 1);
    return w;
}

static uint64_t number(struct reader *r, size_t digits, uint64_t max, const char *rule)
{
    struct reader before = *r;
    struct bytes w = word(r, rule);
    uint64_t v = 0;
    if (r->err == OK && (w.len > digits || !bytes_to_u64(w, max, &v))) {
        *r = before;
        reader_fail(r, E_MALFORMED, rule);
    }
    return v;
}

/* Letters, digits, - and . as RFC 1123 §2.1 has them; not only digits and dots. */
static bool is_host_name(struct bytes w)
{
    bool letter = false;
    for (size_t i = 0; i < w.len; i++) {
        uint8_t c = w.at[i], lower = c | 0x20;
        bool digit = c >= '0' && c <= '9';
        letter = letter || (lower >= 'a' && lower <= 'z');
        if (!digit && !(lower >= 'a' && lower <= 'z') && c != '-' && c != '.') return false;
    }
    return letter;
}

/* An address literal into `a`, or a host name into `name` (NULL: only a literal will do). */
static void address(struct reader *r, struct addr *a, char *name)
{
    struct reader before = *r;
    struct bytes w = word(r, "no connection address (RFC 8839 5.1)");
    if (r->err != OK || addr_parse_ip(w, a)) return;
    *a = (struct addr){0};
    *r = before;
    if (!is_host_name(w))
        reader_fail(r, E_MALFORMED, "neither an address nor a host name (RFC 8839 5.1)");
    else if (w.len > ICE_NAME_MAX)
        reader_fail(r, E_UNSUPPORTED, "a host name longer than we keep");
    else if (name)
        bytes_to_text(w, name, ICE_NAME_MAX + 1);
    if (r->err == OK) *r = before, word(r, "");
}

static void transport(struct reader *r, struct candidate *c)
{
    struct reader before = *r;
    struct bytes w = word(r, "no transport (RFC 8839 5.1)");
    if (bytes_is_nocase(w, "udp"))
        c->protocol = CANDIDATE_UDP;
    else if (bytes_is_nocase(w, "tcp"))
        c->protocol = CANDIDATE_TCP;
    else if (r->err == OK)
        *r = before, reader_fail(r, E_UNSUPPORTED, "a transport other than UDP and TCP");
}

static void type(struct reader *r, struct candidate *c)
{
    struct reader before = *r;
    if (!bytes_is(word(r, "no typ (RFC 8839 5.1)"), "typ") && r->err == OK)
        *r = before, reader_fail(r, E_MALFORMED, "typ expected (RFC 8839 5.1)");
    before = *r;
    struct bytes w = word(r, "no candidate type (RFC 8839 5.1)");
    for (size_t i = 0; i < COUNT(type_names); i++) {
        if (!bytes_is(w, type_names[i])) continue;
        c->type = (enum candidate_type)i;
        return;
    }
    if (r->err == OK)
        *r = before, reader_fail(r, E_UNSUPPORTED, "a candidate type that RFC 8839 does not have");
}

static void copy_ice_chars(struct reader *r, const struct reader *before, struct bytes w, char *to,
                           size_t min, size_t max)
{
    if (r->err != OK) return;
    if (ice_chars_ok(w, min, max)) {
        bytes_to_text(w, to, max + 1);
        return;
    }
    *r = *before;
    reader_fail(r, E_MALFORMED, "not ice-chars, or too few or many (RFC 8839 5.1, 5.4)");
}

/* One extension: name and value. RFC 8839 §5.1: what we don't know is ignored. */
static void extension(struct reader *r, struct candidate *c)
{
    struct bytes name = word(r, "no extension name (RFC 8839 5.1)");
    if (bytes_is(name, "raddr")) {
        address(r, &c->related, NULL);
        return;
    }
    if (bytes_is(name, "rport")) {
        c->related.port =
            (uint16_t)number(r, 5, UINT16_MAX, "rport is not 0 to 65535 (RFC 8839 5.1)");
        return;
    }
    if (reader_left(r) == 0) return; /* extension-att-value = *VCHAR: may be empty */
    struct reader before = *r;
    struct bytes value = word(r, "no extension value");
    uint64_t n;
    if (bytes_is(name, "tcptype")) {
        for (size_t i = 1; i < COUNT(tcptype_names); i++)
            if (bytes_is(value, tcptype_names[i])) c->tcptype = (enum candidate_tcptype)i;
    } else if (bytes_is(name, "ufrag")) {
        copy_ice_chars(r, &before, value, c->ufrag, ICE_UFRAG_MIN, ICE_UFRAG_MAX);
    } else if (bytes_is(name, "generation") && bytes_to_u64(value, INT32_MAX, &n)) {
        c->generation = (int32_t)n;
    } else if (bytes_is(name, "network-id") && bytes_to_u64(value, INT32_MAX, &n)) {
        c->network_id = (int32_t)n;
    }
}

static void fields(struct reader *r, struct candidate *c)
{
    struct reader before = *r;
    struct bytes foundation = word(r, "no foundation (RFC 8839 5.1)");
    copy_ice_chars(r, &before, foundation, c->foundation, 1, ICE_FOUNDATION_MAX);
    before = *r;
    c->component = (uint16_t)number(r, 3, 256, "component is not 1 to 256 (RFC 8839 5.1)");
    if (c->component == 0 && r->err == OK)
        *r = before, reader_fail(r, E_MALFORMED, "component is not 1 to 256 (RFC 8839 5.1)");
    transport(r, c);
    /* The text allows 1 to 2^31 - 1, the grammar ten digits; 0 and more than 31 bits are seen. */
    c->priority = (uint32_t)number(r, 10, UINT32_MAX, "priority is not 32 bits (RFC 8839 5.1)");
    address(r, &c->addr, c->name);
    c->addr.port = (uint16_t)number(r, 5, UINT16_MAX, "port is not 0 to 65535 (RFC 8839 5.1)");
    type(r, c);
    while (reader_left(r)) extension(r, c);
}

enum err candidate_parse(struct candidate *c, struct bytes text, struct fault *fault)
{
    static const char *const prefixes[] = {"a=", "candidate:"};
    struct reader r = reader_of(text);
    *c = (struct candidate){.generation = -1, .network_id = -1};
    for (size_t i = 0; i < COUNT(prefixes); i++)
        if (bytes_starts((struct bytes){r.at, reader_left(&r)}, prefixes[i]))
            read_skip(&r, strlen(prefixes[i]));
    fields(&r, c);
    if (fault) *fault = reader_fault(&r, "candidate");
    return r.err;
}

void candidate_write(struct writer *w, const struct candidate *c)
{
    char ip[ADDR_TEXT_MAX];
    write_format(w, "candidate:%s %u %s %u ", c->foundation, (unsigned)c->component,
                 c->protocol == CANDIDATE_TCP ? "tcp" : "udp", (unsigned)c->priority);
    write_text(w, c->name[0] ? c->name : addr_ip_text(&c->addr, ip));
    write_format(w, " %u typ %s", (unsigned)c->addr.port, candidate_type_name(c->type));
    if (c->related.family != ADDR_NONE)
        write_format(w, " raddr %s rport %u", addr_ip_text(&c->related, ip),
                     (unsigned)c->related.port);
    if (c->tcptype != TCPTYPE_NONE) write_format(w, " tcptype %s", tcptype_names[c->tcptype]);
    if (c->generation >= 0) write_format(w, " generation %d", (int)c->generation);
    if (c->ufrag[0]) write_format(w, " ufrag %s", c->ufrag);
    if (c->network_id >= 0) write_format(w, " network-id %d", (int)c->network_id);
}

bool candidate_equal(const struct candidate *a, const struct candidate *b)
{
    bool related = a->related.family == ADDR_NONE ? b->related.family == ADDR_NONE
                                                  : addr_equal(&a->related, &b->related);
    return related && a->type == b->type && a->protocol == b->protocol &&
           a->tcptype == b->tcptype && a->component == b->component && a->priority == b->priority &&
           addr_equal(&a->addr, &b->addr) && strcmp(a->name, b->name) == 0 &&
           strcmp(a->foundation, b->foundation) == 0 && strcmp(a->ufrag, b->ufrag) == 0 &&
           a->generation == b->generation && a->network_id == b->network_id;
}

bool candidate_is_local_name(const char *name)
{
    struct bytes n = bytes_of(name);
    if (n.len && n.at[n.len - 1] == '.') n.len--; /* fully qualified: a final dot is the same */
    return n.len > 6 && bytes_is_nocase(bytes_slice(n, n.len - 6, 6), ".local");
}
