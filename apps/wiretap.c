#include "apps/wiretap.h"

#include <stdlib.h>
#include <string.h>

#include "trace/pcapng.h"

#define SAP_PORT 9875 /* RFC 2974 §3 */

enum { WIRE, PLAIN };

void wiretap_init(struct wiretap *t, struct recorder *recorder, unsigned call, bool early)
{
    uint16_t port = (uint16_t)(WIRETAP_PORT + 2 * ((call - 1) % 10000));
    *t = (struct wiretap){.recorder = recorder,
                          .call = call,
                          .us = addr_ipv4(198, 51, 100, 1, port),
                          .peer = addr_ipv4(198, 51, 100, 2, port)};
    /* Without memory for it the packets come in the order in which they were seen. */
    if (early) t->waiting = malloc(WIRETAP_WAITING);
}

bool wiretap_is_plain(const struct addr *a)
{
    struct addr us = addr_ipv4(198, 51, 100, 1, 0), peer = addr_ipv4(198, 51, 100, 2, 0);
    return addr_equal_ip(a, &us) || addr_equal_ip(a, &peer);
}

/* What waited goes out, and nothing waits any more. */
static void release(struct wiretap *t, usec now)
{
    struct bytes all = {t->waiting, t->waiting_len};
    if (t->waiting) recorder_put(t->recorder, RECORDING_PCAP, all, now);
    free(t->waiting);
    t->waiting = NULL;
    t->waiting_len = 0;
}

void wiretap_end(struct wiretap *t)
{
    release(t, t->waiting_since);
}

static void put(struct wiretap *t, struct bytes block, usec now)
{
    if (t->waiting && block.len > WIRETAP_WAITING - t->waiting_len) release(t, now);
    if (!t->waiting) {
        recorder_put(t->recorder, RECORDING_PCAP, block, now);
        return;
    }
    if (block.len) memcpy(t->waiting + t->waiting_len, block.at, block.len);
    t->waiting_len += block.len;
    t->waiting_since = now;
}

static void capture(struct wiretap *t, uint32_t interface, const struct addr *from,
                    const struct addr *to, struct bytes payload, bool sent, usec now)
{
    uint8_t room[PCAPNG_BLOCK_MAX];
    struct writer w = writer_of(room, sizeof room);
    struct pcapng_packet p = {.interface = interface,
                              .unix_us = recorder_unix_us(t->recorder, now),
                              .outbound = sent,
                              .from = *from,
                              .to = *to,
                              .payload = payload};
    if (!recorder_has(t->recorder, RECORDING_PCAP)) return;
    if (pcapng_packet(&w, &p)) put(t, writer_done(&w), now);
}

void wiretap_wire(struct wiretap *t, const struct packet *p, bool sent, usec now)
{
    const struct addr *local = &p->route.local, *remote = &p->route.remote;
    capture(t, WIRE, sent ? local : remote, sent ? remote : local, packet_bytes(p), sent, now);
}

void wiretap_plain(struct wiretap *t, const struct peer_plain *p, usec now)
{
    capture(t, PLAIN, p->sent ? &t->us : &t->peer, p->sent ? &t->peer : &t->us, p->packet, p->sent,
            now);
}

/* A reader takes UDP for RTP only if somebody says so: a session announcement (RFC 2974 §3) with a
 * description, as Wireshark reads both, on the plain interface before its packets. */
static void announce(struct wiretap *t, usec now)
{
    uint8_t room[PACKET_MAX];
    struct writer w = writer_of(room, sizeof room);
    struct addr group = addr_ipv4(224, 2, 127, 254, SAP_PORT), from = t->us;
    from.port = SAP_PORT;
    if (t->format_count == 0) return;
    write_u32(&w, 0x20000000 | (t->call & 0xFFFF)); /* version 1, IPv4, announcement; its hash */
    write_bytes(&w, (struct bytes){t->us.ip, 4});
    write_text(&w, "application/sdp");
    write_u8(&w, 0);
    write_format(&w,
                 "v=0\r\no=duet %u 1 IN IP4 198.51.100.1\r\n"
                 "s=What call %u says inside SRTP\r\nc=IN IP4 198.51.100.2\r\nt=0 0\r\n"
                 "m=video %u RTP/AVP",
                 t->call, t->call, (unsigned)t->peer.port);
    for (size_t i = 0; i < t->format_count; i++)
        write_format(&w, " %.*s", (int)strcspn(t->formats[i], " "), t->formats[i]);
    write_text(&w, "\r\n");
    for (size_t i = 0; i < t->format_count; i++) write_format(&w, "a=rtpmap:%s\r\n", t->formats[i]);
    write_text(&w, "a=rtcp-mux\r\n");
    capture(t, PLAIN, &from, &group, writer_done(&w), true, now);
}

/* The payload types in force: an answer has the offer's numbers (RFC 3264 §6.1). */
void wiretap_answer(struct wiretap *t, struct bytes sdp, usec now)
{
    struct bytes name = bytes_of("a=rtpmap:");
    t->format_count = 0;
    for (size_t at = 0; at < sdp.len && t->format_count < WIRETAP_FORMATS;) {
        struct bytes line = bytes_slice(sdp, at, SIZE_MAX);
        size_t len = 0;
        while (len < line.len && line.at[len] != '\r' && line.at[len] != '\n') len++;
        at += len + 1;
        line.len = len;
        if (!bytes_starts(line, "a=rtpmap:") || len - name.len >= sizeof t->formats[0]) continue;
        struct bytes format = bytes_slice(line, name.len, SIZE_MAX);
        bytes_to_text(format, t->formats[t->format_count], sizeof t->formats[0]);
        if (strchr(t->formats[t->format_count], ' ')) t->format_count++;
    }
    announce(t, now);
}

void wiretap_keylog(struct wiretap *t, struct peer *peer, usec now)
{
    char line[DTLS_KEYLOG_MAX + 1];
    uint8_t room[DTLS_KEYLOG_MAX + 64];
    if (!peer_keylog(peer, line)) return;
    size_t len = strlen(line);
    line[len] = '\n';
    struct bytes log = {(const uint8_t *)line, len + 1};
    struct writer w = writer_of(room, sizeof room);
    pcapng_secrets(&w, log);
    recorder_put(t->recorder, RECORDING_PCAP, writer_done(&w), now);
    release(t, now);
    recorder_put(t->recorder, RECORDING_KEYLOG, log, now);
    bytes_wipe(line, sizeof line);
    bytes_wipe(room, sizeof room);
}
