/* SRTP and SRTCP in place, over libsrtp. RFC 3711, RFC 7714 (AES-GCM).
 *
 * One object is one DTLS association: one key for what we send, one for what we receive, and SSRCs
 * within the bounds below. After the first packet of an SSRC a packet costs no allocation of ours.
 * A packet that fails to authenticate changes a counter and nothing else. */
#ifndef DUET_RTP_PROTECT_H
#define DUET_RTP_PROTECT_H

#include "base/bytes.h"

/* IANA's DTLS-SRTP protection profiles (RFC 5764 §4.1.2, RFC 7714 §14.2). */
enum protect_profile {
    PROTECT_AES128_CM_SHA1_80 = 0x0001, /* key 16, salt 14, tag 10 */
    PROTECT_AEAD_AES_128_GCM = 0x0007,  /* key 16, salt 12, tag 16 */
    PROTECT_AEAD_AES_256_GCM = 0x0008   /* key 32, salt 12, tag 16 */
};

/* SSRCs that we send from, as long as the keys last: 16 streams with RTX, and who reports before
 * there is one. */
#define PROTECT_LOCAL_MAX     33
/* SSRCs that come, at a time; another one takes the place of that which was not heard for longest.
 * A browser draws new ones each time a camera is switched on. */
#define PROTECT_SSRC_MAX      32
/* Of those that gave way we remember up to where their packets were taken, 16 bytes each: what is
 * older stays a replay (RFC 3711 §3.3.2) should they come back. There is no end to SSRCs, but to
 * memory; who was forgotten altogether could be replayed, so when this is full no further SSRC gets
 * in: a call with a camera that was switched on 300 times needs new keys. */
#define PROTECT_FORGOTTEN_MAX 1024
/* Packets that may come late (RFC 3711 §3.3.2 asks for at least 64; at 1000 packets a second this
 * is one second of reordering). */
#define PROTECT_REPLAY_WINDOW 1024
/* What protecting adds at most: RTP's tag; RTCP's tag and 4 bytes of E flag and index. */
#define PROTECT_RTP_OVERHEAD  16
#define PROTECT_RTCP_OVERHEAD 20
/* libsrtp may touch this much behind a packet (SRTP_MAX_TRAILER_LEN + 4 of libsrtp 2.5): the room
 * that protect_rtp and protect_rtcp ask for behind `*len`. base/packet.h leaves 160. */
#define PROTECT_ROOM          148

struct protect_config {
    uint16_t profile; /* enum protect_profile */
    struct bytes send_key, send_salt;
    struct bytes receive_key, receive_salt;
};

/* Packets by what became of them. */
struct protect_counters {
    uint64_t rtp_out, rtcp_out, rtp_in, rtcp_in;
    uint64_t malformed; /* too short, or a header that runs past the end */
    uint64_t auth;      /* the tag did not match */
    uint64_t replay;    /* seen before, or older than the window */
    uint64_t full;      /* an SSRC above the bounds, or no room behind the packet */
    uint64_t rollover;  /* packets that authenticated only with the next rollover counter */
};

struct protect; /* opaque */

/* Readies libsrtp, whose self-tests take 50 ms: call it when a program starts, so that the first
 * call need not wait for them, and keep what it returns until the last call is over. While some
 * protect is there, libsrtp's NSS stays loaded; else it is unloaded with the last call and loaded
 * again with the next, 3 ms each time. protect_free gives it back. NULL: no memory. */
struct protect *protect_prepare(void);

/* Copies the keys (wipe yours). NULL: a profile or lengths that are not in the list above, or no
 * memory. */
struct protect *protect_new(const struct protect_config *cfg);
/* Wipes the keys. NULL is fine. */
void protect_free(struct protect *protect);

/* In place: `*len` bytes at `at` become longer (protect) or shorter (unprotect). `room` is how many
 * bytes may be written from `at` on, at least *len + PROTECT_ROOM. `at` is aligned to 4 bytes
 * (libsrtp reads words). Returns, with the packet untouched unless said otherwise:
 *   E_MALFORMED, E_TRUNCATED  not a whole RTP or RTCP header, or shorter than header and tag
 *   E_AUTH   the tag does not match; the bytes behind the header may be garbled
 *   E_STATE  receiving: a replay (RFC 3711 §3.3.2); sending: the sequence number was used before
 *            (a resend must go as RTX: one nonce, one packet), or the key is used up
 *   E_FULL   no room, or too many SSRCs */
enum err protect_rtp(struct protect *protect, uint8_t *at, size_t *len, size_t room);
enum err protect_rtcp(struct protect *protect, uint8_t *at, size_t *len, size_t room);
enum err unprotect_rtp(struct protect *protect, uint8_t *at, size_t *len);
enum err unprotect_rtcp(struct protect *protect, uint8_t *at, size_t *len);

/* Why the last call was refused; err == OK: it wasn't. */
const struct fault *protect_fault(const struct protect *protect);
const struct protect_counters *protect_counters(const struct protect *protect);

#endif
