/* Two DTLS machines shake hands and export the keys of SRTP. RFC 6347 §4.2.4 (flights), RFC 5764
 * §4.2 (keys). Notice that no key is given out before the other's certificate has proved to be the
 * one whose fingerprint signaling brought (RFC 5763 §5). The pipe loses nothing, so time may stand
 * still at 0; over a network, drive dtls_deadline and dtls_tick too, without sim/. */
#include <stdio.h>

#include "dtls/handshake.h"
#include "dtls/record.h"
#include "sim/hostclock.h"

static const char *const names[] = {"client", "server"};

/* A line for each datagram: what its records hold, as far as they are in clear. */
static void tell(int from, struct bytes datagram)
{
    struct dtls_record record;
    struct dtls_fragment fragment;
    printf("%s sends %4zu bytes:", names[from], datagram.len);
    for (struct reader r = reader_of(datagram); dtls_record_next(&r, &record);) {
        struct reader body = reader_of(record.body);
        if (record.epoch > 0)
            printf(" (encrypted %s)", dtls_content_name(record.type));
        else if (record.type != DTLS_CONTENT_HANDSHAKE)
            printf(" %s", dtls_content_name(record.type));
        else
            while (dtls_fragment_next(&body, &fragment))
                printf(" %s", dtls_handshake_name(fragment.type));
    }
    printf("\n");
}

/* Carries datagrams to and fro until neither side has more to say. */
static void run(struct dtls *const side[2], usec now)
{
    struct packet packet;
    for (bool dry = false; !dry;) {
        dry = true;
        for (int from = 0; from < 2; from++)
            while (packet_reset(&packet), dtls_output(side[from], &packet, now)) {
                dry = false;
                tell(from, packet_bytes(&packet));
                if (dtls_input(side[1 - from], &packet, now) != OK)
                    printf("%s drops it: %s\n", names[1 - from], dtls_fault(side[1 - from])->rule);
            }
    }
}

static bool same(const struct dtls_srtp_master *a, const struct dtls_srtp_master *b)
{
    struct bytes left = {(const uint8_t *)a, sizeof *a}, right = {(const uint8_t *)b, sizeof *b};
    return bytes_equal_secret(left, right);
}

/* False: no keys; a machine's status says why, in one line. */
static bool compare_keys(const struct dtls *client, const struct dtls *server)
{
    struct dtls_srtp_keys ours, theirs;
    if (dtls_srtp(client, &ours) != OK || dtls_srtp(server, &theirs) != OK) {
        const char *why = dtls_status(client).reason;
        printf("no keys: %s\n", why ? why : dtls_state_name(dtls_status(server).state));
        return false;
    }
    bool good = same(&ours.local, &theirs.remote) && same(&ours.remote, &theirs.local);
    printf("agreed on %s, %s, %s\n", dtls_version_name(client), dtls_cipher_name(client),
           dtls_srtp_profile_name(ours.profile));
    printf("both exported %s keys\n", good ? "the same" : "different");
    dtls_srtp_keys_wipe(&ours);
    dtls_srtp_keys_wipe(&theirs);
    return good;
}

int main(void)
{
    const int64_t unix_sec = 1790000000; /* the day of the certificates */
    struct dtls_fingerprint prints[2];
    struct dtls *side[2] = {NULL, NULL};
    char text[DTLS_FINGERPRINT_TEXT_MAX];
    bool good = false;
    hostclock_start(1, SEC(unix_sec)); /* OpenSSL's own clock and luck, in our hands */
    for (int i = 0; i < 2; i++) {
        struct dtls_identity *identity = dtls_identity_new(unix_sec);
        if (!identity) goto out; /* no memory */
        prints[i] = dtls_identity_fingerprint(identity, DTLS_SHA256);
        side[i] = dtls_new(&(struct dtls_config){
            .identity = identity, .role = i == 0 ? DTLS_CLIENT : DTLS_SERVER}); /* a=setup */
        dtls_identity_free(identity);
        if (!side[i]) goto out;
        printf("%s is %s\n", names[i], dtls_fingerprint_text(&prints[i], text));
    }
    for (int i = 0; i < 2; i++) { /* a=fingerprint of the other's description */
        dtls_set_remote_fingerprints(side[i], &prints[1 - i], 1, 0);
        dtls_start(side[i], 0);
    }
    run(side, 0);
    good = compare_keys(side[0], side[1]);
out:
    for (int i = 0; i < 2; i++) dtls_free(side[i]);
    return good ? 0 : 1;
}
