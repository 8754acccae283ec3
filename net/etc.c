#include "net/etc.h"

#define DNS_PORT 53

static bool is_blank(uint8_t c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

/* Cuts the next line off `text`, without its comment. False: no more. */
static bool next_line(struct bytes *text, struct bytes *line)
{
    if (text->len == 0) return false;
    size_t end = 0;
    while (end < text->len && text->at[end] != '\n') end++;
    *line = bytes_slice(*text, 0, end);
    *text = bytes_slice(*text, end + 1, text->len);
    size_t comment = 0;
    while (comment < line->len && line->at[comment] != '#' && line->at[comment] != ';') comment++;
    line->len = comment;
    return true;
}

/* Cuts the next word off `line`; empty when there is none. */
static struct bytes next_word(struct bytes *line)
{
    size_t begin = 0;
    while (begin < line->len && is_blank(line->at[begin])) begin++;
    size_t end = begin;
    while (end < line->len && !is_blank(line->at[end])) end++;
    struct bytes word = bytes_slice(*line, begin, end - begin);
    *line = bytes_slice(*line, end, line->len);
    return word;
}

/* "192.0.2.1", "2001:db8::1" or "fe80::1%2" (RFC 4007 §11.2). */
static bool parse_zoned(struct bytes word, struct addr *a)
{
    size_t percent = 0;
    while (percent < word.len && word.at[percent] != '%') percent++;
    uint64_t zone = 0;
    struct bytes id = bytes_slice(word, percent + 1, word.len);
    if (percent < word.len && !bytes_to_u64(id, UINT32_MAX, &zone)) return false;
    if (!addr_parse_ip(bytes_slice(word, 0, percent), a)) return false;
    a->scope = (uint32_t)zone;
    return true;
}

size_t etc_nameservers(struct bytes resolv_conf, struct addr *servers, size_t max)
{
    size_t n = 0;
    struct bytes line;
    while (n < max && next_line(&resolv_conf, &line)) {
        if (!bytes_is(next_word(&line), "nameserver")) continue;
        if (!parse_zoned(next_word(&line), &servers[n])) continue;
        servers[n++].port = DNS_PORT;
    }
    return n;
}

size_t etc_hosts_find(struct bytes hosts, struct bytes name, struct addr *addrs, size_t max)
{
    size_t n = 0;
    struct bytes line;
    while (n < max && next_line(&hosts, &line)) {
        struct addr a;
        if (!parse_zoned(next_word(&line), &a)) continue;
        for (struct bytes alias = next_word(&line); alias.len > 0; alias = next_word(&line)) {
            if (!name_equal(alias, name)) continue;
            addrs[n++] = a;
            break;
        }
    }
    return n;
}
