/* Cuts the VP8 frames of a WebM file into RTP packets and joins the packets to frames again.
 * RFC 7741 §4 (the payload), RFC 3550 §5.1 (the header). Notice that rtp/ has no codec and needs
 * none: encoded frames go in and come out, the same to the byte. */
#include <stdio.h>

#include "media/webm.h"
#include "rtp/receiver.h"
#include "rtp/sender.h"
#include "rtp/vp8.h"

#define VP8_PT 96 /* dynamic (RFC 3551 §3): a description says that it means VP8 */
#define SSRC   1  /* a call draws it at random (RFC 3550 §8.1) */

/* One line for a packet: its header, and the descriptor before the VP8 data (RFC 7741 §4.2). */
static void tell(const struct rtp_packet *p)
{
    struct vp8_descriptor d;
    if (vp8_parse(&d, p->payload) != OK) return;
    printf("  packet %u: timestamp %lu, picture %u, %zu bytes of VP8%s%s\n", p->sequence,
           (unsigned long)p->timestamp, d.picture_id, d.data.len,
           vp8_is_frame_start(&d) ? ", starts the frame" : "", p->marker ? ", ends it" : "");
}

/* Sends one frame through both. False: what came out is not what went in. `now` goes on, since a
 * long frame leaves in bursts with pauses (rtp/sender.h). */
static bool pass(struct rtp_sender *from, struct rtp_receiver *to, const struct rtp_frame *frame,
                 usec *now)
{
    struct packet wire;
    struct rtp_packet p;
    struct rtp_frame back;
    struct fault fault;
    uint16_t transport = 0; /* for transport-wide feedback, which was not agreed on here */
    char why[200];
    if (rtp_sender_frame(from, frame) != OK) return false; /* longer than the sender's history */
    while (rtp_sender_deadline(from) != TIME_NEVER) {
        *now = usec_max(*now, rtp_sender_deadline(from));
        if (!rtp_sender_output(from, &wire, &transport, false, *now)) continue;
        if (rtp_parse(&p, packet_bytes(&wire)) != OK) return false;
        tell(&p);
        if (rtp_receiver_input(to, &p, false, *now, &fault) != OK)
            printf("  dropped: %s\n", fault_text(&fault, why, sizeof why));
    }
    return rtp_receiver_frame(to, &back, *now) && bytes_equal(back.payload, frame->payload);
}

/* The frames of a file, one after the other. False: not all came out. */
static bool pass_all(struct webm_player *player, struct rtp_sender *from, struct rtp_receiver *to)
{
    struct webm_packet packet;
    unsigned in = 0, out = 0;
    for (usec now = 0; webm_play_next(player, &packet);) {
        if (packet.track != WEBM_VIDEO) continue;
        now = usec_max(now, packet.time);
        const struct rtp_frame frame = {.payload = packet.data,
                                        .key = packet.key,
                                        .captured = packet.time,
                                        .timestamp = (uint64_t)packet.time * 9 / 100}; /* 90 kHz */
        printf("%s of %zu bytes\n", frame.key ? "key frame" : "frame", packet.data.len);
        in++;
        out += pass(from, to, &frame, &now);
    }
    const struct fault *damage = webm_play_fault(player);
    if (damage->err != OK) printf("the file is damaged: %s\n", damage->rule);
    printf("%u of %u frames came out as they went in\n", out, in);
    return damage->err == OK && in == out;
}

int main(int argc, char **argv)
{
    uint64_t packet_len = RTP_PACKET_LEN;
    char why[WEBM_WHY_MAX];
    if (!(argc == 2 || (argc == 3 && bytes_to_u64(bytes_of(argv[2]), RTP_PACKET_LEN, &packet_len) &&
                        packet_len >= 128))) {
        fprintf(stderr, "usage: packetize_vp8 FILE.webm [BYTES-A-PACKET, 128 to 1200]\n");
        return 2;
    }
    const struct rtp_sender_config out = {
        .kind = RTP_VP8, .ssrc = SSRC, .pt = VP8_PT, .max_packet = (size_t)packet_len};
    const struct rtp_receiver_config in = {
        .kind = RTP_VP8, .ssrc = SSRC, .types = {{.pt = VP8_PT}}, .type_count = 1};
    struct rtp_sender sender = {0};
    struct rtp_receiver receiver = {0};
    struct rng rng;
    bool good = false;
    rng_init_number(&rng, 1); /* a call's first numbers can't be guessed (§5.1): net/seed.h */
    struct webm_player *player = webm_play(argv[1], false, why);
    if (!player)
        fprintf(stderr, "%s\n", why);
    else if (rtp_sender_init(&sender, &out, &rng) == OK && rtp_receiver_init(&receiver, &in) == OK)
        good = pass_all(player, &sender, &receiver);
    rtp_receiver_free(&receiver);
    rtp_sender_free(&sender);
    webm_play_end(player);
    return good ? 0 : 1;
}
