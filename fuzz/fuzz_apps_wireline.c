/* Any datagram is told in words: one line of printable text, ended, not empty; told again it is the
 * same, and the brief form is no longer than the whole. */
#include <string.h>

#include "apps/wireline.h"
#include "fuzz/fuzz.h"

static size_t check_text(const char text[WIRELINE_MAX])
{
    FUZZ_CHECK(memchr(text, '\0', WIRELINE_MAX) != NULL);
    size_t len = strlen(text);
    for (size_t i = 0; i < len; i++) FUZZ_CHECK((uint8_t)text[i] >= 0x20 && text[i] != 0x7F);
    return len;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct bytes datagram = {data, n};
    struct wireline one, two;
    char line[WIRELINE_MAX];
    wireline_of(&one, datagram);
    FUZZ_CHECK(one.protocol == demux_of(datagram));
    FUZZ_CHECK(check_text(one.words) > 0);
    FUZZ_CHECK(check_text(one.brief) <= strlen(one.words));
    if (one.label) FUZZ_CHECK(strlen(one.label) > 0);
    wireline_of(&two, datagram);
    FUZZ_CHECK(strcmp(one.words, two.words) == 0 && one.alike == two.alike);
    FUZZ_CHECK(wireline(datagram, line) == line);
    check_text(line);
    return 0;
}
