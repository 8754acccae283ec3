/* Those who look at our calls, under a script: they come, go, ask and stall while datagrams,
 * descriptions and states of calls go by. Each message to them fits, each wait ends, and no
 * password is ever told.
 *
 * One step is an opcode byte and what it needs; see step(). */
#include "fuzz/fuzz.h"

#include "apps/watch.h"

#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#define STEPS_MAX 300

struct world {
    struct watch *watch;
    unsigned calls[4];
    usec now;
    uint32_t last; /* number of the last message that was kept */
};

static struct sig_id id_of(uint8_t which)
{
    struct sig_id id = {{(char)('a' + which % 20)}};
    return id;
}

/* An answer's bytes, in hex, with a password in the clear? */
static void check_answer(const json_t *body)
{
    static char text[2 * 16384 + 1];
    const char *hex = json_string_value(json_object_get(body, "hex"));
    if (!hex) return;
    size_t len = 0;
    for (; hex[0] && hex[1] && len < sizeof text - 1; hex += 2) {
        const char pair[3] = {hex[0], hex[1], '\0'};
        text[len++] = (char)strtol(pair, NULL, 16);
    }
    text[len] = '\0';
    if (strncmp(text, "v=0", 3) != 0) return;
    for (const char *at = text; (at = strstr(at, "\na=ice-pwd:")) != NULL; at++) {
        size_t stars = strspn(at + 11, "*");
        FUZZ_CHECK(strchr("\r\n", at[11 + stars]) != NULL); /* the end of the text too */
    }
}

static void drain(struct world *w)
{
    static struct sig_message m;
    for (int i = 0; watch_message(w->watch, &m, w->now); i++) {
        FUZZ_CHECK(i < 100 && m.body && m.to.text[0]);
        size_t len = json_dumpb(m.body, NULL, 0, JSON_COMPACT | JSON_REAL_PRECISION(17));
        FUZZ_CHECK(len > 0 && len < SIG_MESSAGE_MAX - 256);
        if (m.type == SIG_EXPLAINED) check_answer(m.body);
    }
    FUZZ_CHECK(watch_deadline(w->watch) > w->now);
}

static void line(struct world *w, unsigned call, struct bytes text)
{
    json_t *words = json_stringn((const char *)text.at, text.len);
    json_t *members = json_pack("{s:s,s:o,s:s}", "layer", "ice", "over",
                                words ? words : json_null(), "sdp", "never");
    watch_line(w->watch, call, "decision", members, w->now);
    json_decref(members);
}

static void step(struct world *w, struct reader *r)
{
    uint8_t op = read_u8(r), which = read_u8(r);
    unsigned *call = &w->calls[which % 4];
    struct sig_id who = id_of(which);
    struct bytes some = {NULL, 0};
    if ((op & 15) < 6) some = read_bytes(r, read_u8(r) % (reader_left(r) + 1));
    switch (op & 15) {
    case 0:
    case 1: watch_datagram(w->watch, *call, some, op & 16, &w->last, w->now); return;
    case 2: w->last = watch_text(w->watch, op & 16 ? "sdp" : "candidate", some); return;
    case 3: line(w, *call, some); return;
    case 4:
        for (int i = 0; i < 500; i++) line(w, *call, some);
        return;
    case 5:
        for (int i = 0; i < 500; i++)
            watch_datagram(w->watch, *call, some, op & 16, &w->last, w->now += op & 32);
        return;
    case 6: watch_add(w->watch, &who); return;
    case 7: watch_remove(w->watch, &who); return;
    case 8:
        watch_call_over(w->watch, *call, w->now);
        *call = watch_call(w->watch, &who, w->now, w->now);
        return;
    case 9: watch_ask(w->watch, &who, op & 16 ? w->last : read_u8(r), w->now); return;
    case 10: watch_unread(w->watch, which % 20, op & 16 ? WATCH_UNREAD_MAX + 1 : 0, w->now); return;
    case 11: watch_frame(w->watch, *call, which, op & 16); return;
    default: w->now += op & 16 ? MS(which) : SEC(which); return;
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct world w = {.now = SEC(10)};
    struct reader r = reader_of((struct bytes){data, n});
    w.watch = watch_new(SEC(1790000000), 0, w.now);
    if (!w.watch) return 0;
    for (int i = 0; i < STEPS_MAX && reader_left(&r) > 0; i++) {
        step(&w, &r);
        drain(&w);
    }
    watch_free(w.watch);
    return 0;
}
