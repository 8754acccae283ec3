#include "trace/keylog.h"

#include <string.h>

#define LABEL "CLIENT_RANDOM "

/* One line without its end, "\n" or "\r\n". */
static struct bytes read_line(struct reader *r)
{
    const uint8_t *start = r->at;
    size_t len = 0, left = reader_left(r);
    while (len < left && start[len] != '\n') len++;
    read_skip(r, len < left ? len + 1 : len);
    while (len > 0 && (start[len - 1] == '\r' || start[len - 1] == ' ')) len--;
    return (struct bytes){start, len};
}

static int digit(uint8_t c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

static bool read_hex(struct reader *r, uint8_t *out, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        int high = digit(read_u8(r)), low = digit(read_u8(r));
        if (r->err != OK || high < 0 || low < 0) return false;
        out[i] = (uint8_t)(high << 4 | low);
    }
    return true;
}

static bool read_secret(struct bytes line, struct keylog_secret *out)
{
    struct reader r = reader_of(line);
    return bytes_equal(read_bytes(&r, strlen(LABEL)), bytes_of(LABEL)) &&
           read_hex(&r, out->random, sizeof out->random) && read_u8(&r) == ' ' &&
           read_hex(&r, out->master, sizeof out->master) && reader_left(&r) == 0;
}

bool keylog_next(struct reader *log, struct keylog_secret *out)
{
    while (reader_left(log))
        if (read_secret(read_line(log), out)) return true;
    bytes_wipe(out, sizeof *out);
    return false;
}

bool keylog_find(struct bytes log, const uint8_t random[KEYLOG_RANDOM], struct keylog_secret *out)
{
    struct reader r = reader_of(log);
    while (keylog_next(&r, out))
        if (memcmp(out->random, random, KEYLOG_RANDOM) == 0) return true;
    return false;
}

static void write_hex(struct writer *w, const uint8_t *at, size_t len)
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < len; i++) {
        write_u8(w, (uint8_t)digits[at[i] >> 4]);
        write_u8(w, (uint8_t)digits[at[i] & 15]);
    }
}

void keylog_write(struct writer *w, const struct keylog_secret *secret)
{
    write_text(w, LABEL);
    write_hex(w, secret->random, sizeof secret->random);
    write_u8(w, ' ');
    write_hex(w, secret->master, sizeof secret->master);
    write_u8(w, '\n');
}
