/* Words of `duet sim`, a line each: what can't be read says which word and why; what can be read is
 * read the same again, and a word set over itself changes nothing. */
#include <string.h>

#include "apps/scenario.h"
#include "fuzz/fuzz.h"

static void add(struct scenario_words *words, struct bytes line)
{
    char word[SCENARIO_WORD_MAX + 8];
    if (line.len == 0 || line.len >= sizeof word) return;
    bytes_to_text(line, word, sizeof word);
    enum err err = scenario_add(words, word);
    FUZZ_CHECK(err == OK || err == E_FULL);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    static struct scenario_words words, same;
    static struct scenario first, again;
    char why[256], also[256];
    words.count = 0;
    for (size_t at = 0, from = 0; at <= n; at++)
        if (at == n || data[at] == '\n') {
            add(&words, (struct bytes){data + from, at - from});
            from = at + 1;
        }
    enum err err = scenario_read(&first, &words, why, sizeof why);
    FUZZ_CHECK(err == OK || (err == E_MALFORMED && strlen(why) > 0));
    same = words;
    for (size_t i = 0; i < words.count; i++) {
        char word[SCENARIO_WORD_MAX];
        memcpy(word, same.word[i], sizeof word);
        FUZZ_CHECK(scenario_set(&same, word) == OK);
        if (same.count != words.count || strcmp(same.word[i], words.word[i]) != 0) return 0;
    }
    FUZZ_CHECK(same.count == words.count);
    FUZZ_CHECK(scenario_read(&again, &words, also, sizeof also) == err);
    if (err != OK) {
        FUZZ_CHECK(strcmp(why, also) == 0);
        return 0;
    }
    FUZZ_CHECK(again.seed == first.seed && again.media == first.media &&
               again.nat_count[0] == first.nat_count[0] && again.fault == first.fault);
    FUZZ_CHECK(first.nat_count[0] <= SCENARIO_NATS_MAX && first.nat_count[1] <= SCENARIO_NATS_MAX);
    return 0;
}
