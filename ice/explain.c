#include "ice/explain.h"

#include "base/explain.h"
#include "ice/candidate.h"

#define SPEC "RFC 8839 5.1"

/* What the first eight words are; then names and values take turns. */
static const char *const word_names[] = {"foundation", "component", "transport", "priority",
                                         "address",    "port",      "typ",       "type"};

static const char *type_meaning(enum candidate_type type)
{
    switch (type) {
    case CANDIDATE_HOST: return "an address of the machine itself";
    case CANDIDATE_SRFLX: return "the machine's address as a STUN server sees it, outside its NAT";
    case CANDIDATE_PRFLX: return "an address that a peer saw a check come from";
    case CANDIDATE_RELAY: return "an address at a TURN server, which relays";
    }
    return "";
}

static void say_priority(struct explain *x, uint32_t priority)
{
    explain_meaning(x, "type preference %u, local preference %u, component %u (RFC 8445 5.1.2)",
                    (unsigned)(priority >> 24), (unsigned)(priority >> 8 & 0xFFFF),
                    256u - (priority & 0xFF));
}

/* What one of the first eight words says beyond itself. */
static void say_meaning(struct explain *x, size_t word, const struct candidate *c)
{
    switch (word) {
    case 0: explain_meaning(x, "the same for candidates that rise and fall together"); break;
    case 1: explain_meaning(x, c->component == 1 ? "RTP, or all there is" : "RTCP"); break;
    case 3: say_priority(x, c->priority); break;
    case 4:
        if (candidate_is_local_name(c->name))
            explain_meaning(x, "a name in place of an address, to be asked by multicast DNS");
        break;
    case 5:
        if (c->tcptype == TCPTYPE_ACTIVE)
            explain_meaning(x, "discard: nobody listens there (RFC 6544 4.5)");
        break;
    case 7: explain_meaning(x, "%s", type_meaning(c->type)); break;
    default: break;
    }
}

/* The name of the pair that begins with `name`. */
static const char *extension_meaning(struct bytes name)
{
    static const struct {
        const char *name, *meaning;
    } known[] = {
        {"raddr", "the address behind it: its base, or what the relay maps to"},
        {"rport", "the port to raddr"},
        {"tcptype", "who opens the connection (RFC 6544 4.5)"},
        {"ufrag", "whose session it belongs to (RFC 8840 4.1)"},
        {"generation", "libwebrtc: how many ICE restarts came before"},
        {"network-id", "libwebrtc: which interface"},
        {"network-cost", "libwebrtc: what sending there costs, 0 to 999"},
    };
    for (size_t i = 0; i < COUNT(known); i++)
        if (bytes_is(name, known[i].name)) return known[i].meaning;
    return "not known: ignored (RFC 8839 5.1)";
}

static struct bytes next_word(struct reader *r)
{
    const uint8_t *start = r->at, *blank = memchr(start, ' ', reader_left(r));
    size_t len = blank ? (size_t)(blank - start) : reader_left(r);
    struct bytes word = read_bytes(r, len);
    if (reader_left(r)) read_skip(r, 1);
    return word;
}

/* The words before `end`, where the parser stopped or the line ends. */
static void say_words(struct explain *x, struct bytes line, size_t end, const struct candidate *c)
{
    struct reader r = reader_of(bytes_slice(line, 0, end));
    if (bytes_starts(line, "a=")) read_skip(&r, 2);
    if (bytes_starts((struct bytes){r.at, reader_left(&r)}, "candidate:"))
        read_skip(&r, strlen("candidate:"));
    for (size_t i = 0; reader_left(&r); i++) {
        struct bytes word = next_word(&r);
        if (i < COUNT(word_names)) {
            explain_field_text(x, word_names[i], word, SPEC, word);
            say_meaning(x, i, c);
            continue;
        }
        struct bytes value = next_word(&r);
        struct bytes both = {word.at,
                             value.len ? (size_t)(value.at + value.len - word.at) : word.len};
        explain_field_text(x, "extension", both, SPEC, both);
        explain_meaning(x, "%s", extension_meaning(word));
    }
}

static void members(struct explain *x, const struct candidate *c)
{
    static const char *const tcp_types[] = {"", "active", "passive", "so"};
    char ip[ADDR_TEXT_MAX];
    explain_format(x, "foundation", "%s", c->foundation);
    explain_number(x, "component", c->component);
    explain_format(x, "protocol", "%s", c->protocol == CANDIDATE_TCP ? "tcp" : "udp");
    explain_number(x, "priority", c->priority);
    explain_format(x, "address", "%s", c->name[0] ? c->name : addr_ip_text(&c->addr, ip));
    explain_number(x, "port", c->addr.port);
    explain_format(x, "candidateType", "%s", candidate_type_name(c->type));
    if (c->related.family != ADDR_NONE) {
        explain_format(x, "relatedAddress", "%s", addr_ip_text(&c->related, ip));
        explain_number(x, "relatedPort", c->related.port);
    }
    if (c->tcptype != TCPTYPE_NONE) explain_format(x, "tcpType", "%s", tcp_types[c->tcptype]);
    if (c->ufrag[0]) explain_format(x, "usernameFragment", "%s", c->ufrag);
    if (c->generation >= 0) explain_signed(x, "generation", c->generation);
    if (c->network_id >= 0) explain_signed(x, "networkId", c->network_id);
}

void candidate_explain(struct explain *x, struct bytes message)
{
    struct candidate c;
    struct fault fault;
    struct bytes line = message;
    char ip[ADDR_TEXT_MAX];
    size_t start = explain_offset(x, message);
    while (line.len && (line.at[line.len - 1] == '\n' || line.at[line.len - 1] == '\r')) line.len--;
    enum err err = candidate_parse(&c, line, &fault);
    say_words(x, line, err == OK ? line.len : fault.offset, &c);
    if (err != OK) {
        fault.offset += start;
        explain_fail(x, &fault);
        return;
    }
    members(x, &c);
    explain_summary(x, "%s candidate, %s %s port %u, priority %u", candidate_type_name(c.type),
                    c.protocol == CANDIDATE_TCP ? "TCP" : "UDP",
                    c.name[0] ? c.name : addr_ip_text(&c.addr, ip), (unsigned)c.addr.port,
                    (unsigned)c.priority);
}
