#include "apps/ladderwire.h"

#include <stdio.h>

#include "ice/candidate.h"
#include "rtp/explain.h"
#include "rtp/rtcp.h"

/* ---- Datagrams ---- */

/* FNV-1a: nothing depends on it but what is counted instead of drawn. */
static uint64_t mix(uint64_t hash, const void *at, size_t len)
{
    const uint8_t *bytes = at;
    for (size_t i = 0; i < len; i++) hash = (hash ^ bytes[i]) * UINT64_C(0x100000001b3);
    return hash;
}

static uint64_t mix_addr(uint64_t hash, const struct addr *a)
{
    uint8_t port[2] = {(uint8_t)(a->port >> 8), (uint8_t)a->port};
    hash = mix(hash, a->ip, addr_ip_len(a));
    return mix(hash, port, sizeof port);
}

uint64_t ladderwire_number(uint64_t kind, const struct addr *from, const struct addr *to)
{
    uint8_t number[8];
    for (size_t i = 0; i < 8; i++) number[i] = (uint8_t)(kind >> 8 * i);
    uint64_t hash = mix(UINT64_C(0xcbf29ce484222325), number, sizeof number);
    hash = mix_addr(mix_addr(hash, from), to);
    return hash ? hash : 1;
}

static enum ladder_ink ink_of(enum demux protocol)
{
    switch (protocol) {
    case DEMUX_STUN: return LADDER_CHECKS;
    case DEMUX_DTLS: return LADDER_KEYS;
    case DEMUX_RTP:
    case DEMUX_RTCP: return LADDER_MEDIA;
    case DEMUX_CHANNEL:
    case DEMUX_UNKNOWN: break;
    }
    return LADDER_PLAIN;
}

void ladderwire_event(struct ladderwire *w, struct ladder_event *e, struct bytes datagram,
                      const struct addr *from, const struct addr *to)
{
    struct wireline *line = &w->line;
    wireline_of(line, datagram);
    w->media |= line->protocol == DEMUX_RTP;
    *e = (struct ladder_event){.ink = ink_of(line->protocol),
                               .words = bytes_of(line->words),
                               .brief = bytes_of(line->brief),
                               .bytes = datagram.len};
    if (!line->label) return;
    bool consent = w->media && strcmp(line->label, "check") == 0;
    e->label = consent ? "consent" : line->label;
    e->repeats = ladderwire_number(line->alike, from, to);
}

void ladderwire_way(struct ladderwire *w, struct ladder_event *e, const char *preposition,
                    const struct addr *addr)
{
    char text[ADDR_TEXT_MAX];
    const char *label = w->line.label;
    if (!label || (strcmp(label, "check") != 0 && strcmp(label, "request") != 0)) return;
    addr_text(addr, text);
    snprintf(w->words, sizeof w->words, "%s, %.8s %s", w->line.words, preposition, text);
    if (strstr(w->line.words, "nominates")) preposition = "nominates";
    snprintf(w->brief, sizeof w->brief, "STUN %.16s %.12s %s", label, preposition, text);
    e->words = bytes_of(w->words);
    e->brief = bytes_of(w->brief);
}

void ladderwire_codec(struct ladderwire *w, struct ladder_event *e, const char *name)
{
    static const char srtp[] = "SRTP ";
    if (!name || !bytes_starts(bytes_of(w->line.words), srtp)) return;
    snprintf(w->words, sizeof w->words, "%s%.32s, %s", srtp, name, w->line.words + strlen(srtp));
    const char *numbers = strstr(w->words, ", ssrc");
    e->words = bytes_of(w->words);
    if (numbers) e->brief = bytes_slice(e->words, 0, (size_t)(numbers - w->words));
}

void ladderwire_inside(struct ladderwire *w, struct ladder_event *e, struct bytes rtcp)
{
    struct writer words = writer_of(w->words, sizeof w->words);
    struct rtcp_walk walk = rtcp_walk_of(rtcp);
    write_text(&words, "SRTCP");
    for (struct rtcp_packet p; rtcp_next(&walk, &p);)
        write_format(&words, "%s %s", p.offset ? "," : "", rtcp_name(&p));
    if (words.err == OK) e->words = writer_done(&words);
}

/* ---- Signaling ---- */

/* "offer: audio, video": what its sections are about (RFC 8866 §5.14). */
static void write_description(struct writer *w, const char *type, struct bytes sdp)
{
    size_t sections = 0;
    write_text(w, type);
    while (sdp.len) {
        const uint8_t *end = memchr(sdp.at, '\n', sdp.len);
        size_t len = end ? (size_t)(end - sdp.at) + 1 : sdp.len, kind = 2;
        struct bytes line = bytes_slice(sdp, 0, len);
        sdp = bytes_slice(sdp, len, sdp.len);
        if (!bytes_starts(line, "m=")) continue;
        while (kind < len && line.at[kind] != ' ') kind++;
        write_text(w, sections++ ? ", " : ": ");
        write_bytes(w, bytes_slice(line, 2, kind - 2));
    }
}

/* "host 192.0.2.1:5000"; false: it is none that we can read. */
static bool write_candidate(struct writer *w, struct bytes text)
{
    struct candidate c;
    char addr[ADDR_TEXT_MAX];
    if (candidate_parse(&c, text, NULL) != OK) return false;
    write_format(w, "%s%s ", c.protocol == CANDIDATE_TCP ? "tcp " : "",
                 candidate_type_name(c.type));
    if (c.name[0])
        write_format(w, "%s:%u", c.name, c.addr.port);
    else
        write_text(w, addr_text(&c.addr, addr));
    return true;
}

void ladderwire_signal(struct ladderwire *w, struct ladder_event *e, const char *type,
                       struct bytes text)
{
    struct writer words = writer_of(w->words, sizeof w->words);
    struct writer brief = writer_of(w->brief, sizeof w->brief);
    bool candidate = strcmp(type, "candidate") == 0;
    if (!candidate)
        write_description(&words, type, text);
    else if (text.len == 0)
        write_text(&words, "end of candidates");
    else if (write_candidate(&brief, text))
        write_format(&words, "candidate %.*s", (int)writer_len(&brief), w->brief);
    else
        write_bytes(&words, text);
    *e = (struct ladder_event){.ink = LADDER_SIGNALING,
                               .words = words.err == OK ? writer_done(&words) : bytes_of(type),
                               .brief = brief.err == OK ? writer_done(&brief) : bytes_of(""),
                               .bytes = candidate ? 0 : text.len,
                               .relayed = true};
}
