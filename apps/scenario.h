/* What a simulated call is to go through: the words of `duet sim`, and what they mean.
 *
 * The words are the truth and the settings follow from them: so a scenario can be printed, run
 * again, and made shorter word by word. */
#ifndef DUET_APPS_SCENARIO_H
#define DUET_APPS_SCENARIO_H

#include "sim/link.h"
#include "sim/natspec.h"

#define SCENARIO_WORDS_MAX 24
#define SCENARIO_WORD_MAX  192
#define SCENARIO_NATS_MAX  2 /* in a row, on one side */

/* "loss=5%": as the user wrote it, or as scenario_draw made it. */
struct scenario_words {
    char word[SCENARIO_WORDS_MAX][SCENARIO_WORD_MAX];
    size_t count;
};

enum scenario_family { FAMILY_IPV4, FAMILY_IPV6, FAMILY_BOTH };

/* Who else is there. */
enum scenario_attack {
    ATTACK_NONE,
    ATTACK_OFF_PATH, /* knows both addresses, sees nothing, sends from any address */
    ATTACK_ON_PATH,  /* sees what passes: flips, drops, replays and reorders it */
    ATTACK_PEER      /* is B itself, which knows the passwords, and misbehaves */
};

/* What is broken from the start, so that the call cannot succeed. */
enum scenario_fault {
    FAULT_NONE,
    FAULT_FINGERPRINT,   /* the answer names another certificate */
    FAULT_PASSWORD,      /* the answer names another ICE password */
    FAULT_NO_CANDIDATES, /* neither learns where the other can be reached */
    FAULT_NO_ANSWER,     /* B never answers */
    FAULT_NO_CODEC,      /* B knows none of A's codecs */
    FAULT_SETUP,         /* the answer leaves the DTLS role open (RFC 5763 §5) */
    FAULT_DTLS_SILENT,   /* nothing of B's DTLS arrives */
    FAULT_PROFILE        /* each side knows one SRTP profile, and not the other's */
};

struct scenario {
    uint64_t seed;
    struct sim_link_script link[2];                  /* what A sends, what B sends */
    struct sim_nat_config nat[2][SCENARIO_NATS_MAX]; /* of A and of B, the inner one first */
    size_t nat_count[2];
    usec rebind_at[2]; /* the outermost NAT; 0: never */
    bool stun;         /* a STUN server is in the world */
    bool trickle;      /* else candidates go with descriptions */
    bool codecs;       /* real VP8 and Opus */
    bool video;
    enum scenario_family family;
    usec signal; /* a message's way through the signaling */
    usec media;  /* how long both talk once connected */
    usec linger; /* how long a side that has failed is still there before it hangs up */
    enum scenario_attack attack;
    unsigned attack_rate; /* packets a second */
    enum scenario_fault fault;
};

/* Takes the word over. E_FULL: too many, or too long. */
enum err scenario_add(struct scenario_words *words, const char *word);
/* The same, in the place of a word with the same key if there is one. */
enum err scenario_set(struct scenario_words *words, const char *word);
/* What the words mean, over what holds where they say nothing. E_MALFORMED: `why` says which word
 * and what would be right. */
enum err scenario_read(struct scenario *scenario, const struct scenario_words *words, char *why,
                       size_t room);
/* The words of a scenario drawn from the grid: loss 0 to 50 %, bursts, reordering, duplicates,
 * corruption, delay, NATs on both sides, address families, adversaries. The same for a seed. */
void scenario_draw(struct scenario_words *words, uint64_t seed);
/* What can be said, a line each, for --help. */
extern const char scenario_help[];

#endif
