/* A ladder of anything: no line is wider than the page or commands a terminal, all of them end, and
 * nothing that was told is missing: each message is drawn or counted. */
#include "fuzz/fuzz.h"

#include "base/columns.h"
#include "trace/ladder.h"

struct page {
    size_t width;
    bool colour, ascii;
};

static void check(const struct page *page, struct bytes line)
{
    FUZZ_CHECK(line.at != NULL && line.len < LADDER_LINE_MAX);
    if (!page->colour) FUZZ_CHECK(columns_width(line) <= page->width);
    for (size_t i = 0; i < line.len; i++) {
        FUZZ_CHECK(line.at[i] >= 0x20 || (page->colour && line.at[i] == 0x1b));
        FUZZ_CHECK(line.at[i] != 0x7F);
    }
}

static void drain(struct ladder *l, const struct page *page)
{
    size_t lines = 0;
    for (struct bytes line; ladder_line(l, &line);) {
        check(page, line);
        FUZZ_CHECK(++lines < 1000);
    }
}

/* A text of the input, with its NUL. */
static const char *text(struct reader *r, char *room, size_t size)
{
    return bytes_to_text(read_bytes(r, read_u8(r) % size), room, size);
}

static void step(struct reader *r, struct ladder *l, const struct page *page, usec *now)
{
    static const char *const labels[] = {"a", "b", "c", "d", "e", "f", "g", NULL};
    char names[2][100], words[256], brief[64], lost[256];
    uint8_t what = read_u8(r), flags = read_u8(r);
    *now += read_u16(r) * (flags & 64 ? 10000 : 1);
    uint8_t ink = read_u8(r), from = read_u8(r), to = read_u8(r);
    uint16_t bytes = flags & 1 ? read_u16(r) : 0;
    struct ladder_event e = {.type = what % 3,
                             .ink = ink % (LADDER_BAD + 1),
                             .at = *now,
                             .from = from % (LADDER_ELSEWHERE + 1),
                             .to = to % (LADDER_ELSEWHERE + 1),
                             .bytes = bytes,
                             .relayed = flags & 2,
                             .repeats = flags & 4 ? what / 16u : 0,
                             .label = labels[what / 16 % 8]};
    if (flags & 8) e.from_name = text(r, names[0], sizeof names[0]);
    if (flags & 8) e.to_name = text(r, names[1], sizeof names[1]);
    e.words = bytes_of(text(r, words, sizeof words));
    if (flags & 16) e.brief = bytes_of(text(r, brief, sizeof brief));
    if (flags & 32) e.lost = text(r, lost, sizeof lost);
    FUZZ_CHECK(ladder_input(l, &e) == OK);
    drain(l, page);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
    struct reader r = reader_of((struct bytes){data, n});
    uint8_t flags = read_u8(&r), lanes = read_u8(&r);
    struct page page = {read_u8(&r), flags & 1, flags & 2};
    uint8_t left = read_u8(&r), right = read_u8(&r);
    struct ladder_config cfg = {.width = page.width,
                                .left = left,
                                .right = right,
                                .fold = flags & 4 ? SEC(5) : TIME_NEVER,
                                .fine = flags & 8,
                                .ascii = page.ascii,
                                .colour = page.colour};
    char name[100];
    usec now = 0;
    for (size_t i = 0; i < lanes % (LADDER_LANES_MAX + 1u); i++)
        cfg.lanes[i] = (struct ladder_lane){"someone", lanes / 16u};
    if (page.width < LADDER_WIDTH_LEAST) page.width = LADDER_WIDTH_LEAST;
    if (page.width > LADDER_WIDTH_MOST) page.width = LADDER_WIDTH_MOST;
    struct ladder *l = ladder_new(&cfg);
    while (l && reader_left(&r)) {
        uint8_t command = reader_peek(&r);
        if (command == 255) {
            read_u8(&r);
            text(&r, name, sizeof name);
            ladder_add(l, &(struct ladder_lane){name, read_u8(&r)});
        } else {
            step(&r, l, &page, &now);
        }
        ladder_tick(l, now);
        drain(l, &page);
    }
    if (l) ladder_flush(l);
    if (l) drain(l, &page);
    ladder_free(l);
    return 0;
}
