#include "trace/pcapng.h"

/* Block types: draft-ietf-opsawg-pcapng §11.1 */
#define BLOCK_SECTION      0x0A0D0D0A
#define BLOCK_INTERFACE    1
#define BLOCK_STATISTICS   5
#define BLOCK_PACKET       6
#define BLOCK_SECRETS      10
/* Option codes: §3.5.1, §4.1 to §4.6 */
#define OPT_END            0
#define OPT_COMMENT        1
#define OPT_SHB_USERAPPL   4
#define OPT_IF_NAME        2
#define OPT_IF_DESCRIPTION 3
#define OPT_IF_TSRESOL     9
#define OPT_EPB_FLAGS      2
#define OPT_ISB_IFRECV     4
#define OPT_ISB_IFDROP     5

#define BYTE_ORDER_MAGIC 0x1A2B3C4D
#define SECRETS_TLS      0x544c534b /* "TLSK": lines of an NSS key log (§4.7.1) */
#define TEXT_MAX         1024

static size_t padding(size_t len)
{
    return (4 - len % 4) % 4;
}

static void write_padded(struct writer *w, struct bytes b)
{
    write_bytes(w, b);
    write_zeros(w, padding(b.len));
}

/* §3.1: a block says how long it is at both ends. */
static size_t begin(struct writer *w, uint32_t type)
{
    size_t start = writer_len(w);
    write_u32(w, type);
    write_u32(w, 0);
    return start;
}

static void end(struct writer *w, size_t start)
{
    uint32_t len = (uint32_t)(writer_len(w) - start + 4);
    write_u32(w, len);
    write_u16_at(w, start + 4, (uint16_t)(len >> 16));
    write_u16_at(w, start + 6, (uint16_t)len);
}

/* §3.5 */
static void option(struct writer *w, uint16_t code, struct bytes value)
{
    write_u16(w, code);
    write_u16(w, (uint16_t)value.len);
    write_padded(w, value);
}

static void option_text(struct writer *w, uint16_t code, const char *text, size_t max)
{
    struct bytes value = bytes_slice(bytes_of(text), 0, max);
    if (value.len) option(w, code, value);
}

static void option_u64(struct writer *w, uint16_t code, uint64_t value)
{
    write_u16(w, code);
    write_u16(w, 8);
    write_u64(w, value);
}

static void options_end(struct writer *w)
{
    option(w, OPT_END, (struct bytes){NULL, 0});
}

void pcapng_section(struct writer *w, const char *application)
{
    size_t start = begin(w, BLOCK_SECTION);
    write_u32(w, BYTE_ORDER_MAGIC);
    write_u16(w, 1); /* version 1.0 */
    write_u16(w, 0);
    write_u64(w, UINT64_MAX); /* the section's length is not known */
    option_text(w, OPT_SHB_USERAPPL, application, TEXT_MAX);
    options_end(w);
    end(w, start);
}

void pcapng_interface(struct writer *w, const char *name, const char *description)
{
    static const uint8_t microseconds[] = {6};
    size_t start = begin(w, BLOCK_INTERFACE);
    write_u16(w, PCAPNG_RAW);
    write_u16(w, 0);
    write_u32(w, 0); /* packets are whole, however long */
    option_text(w, OPT_IF_NAME, name, TEXT_MAX);
    option_text(w, OPT_IF_DESCRIPTION, description, TEXT_MAX);
    option(w, OPT_IF_TSRESOL, (struct bytes){microseconds, sizeof microseconds});
    options_end(w);
    end(w, start);
}

void pcapng_secrets(struct writer *w, struct bytes keylog)
{
    size_t start = begin(w, BLOCK_SECRETS);
    write_u32(w, SECRETS_TLS);
    write_u32(w, (uint32_t)keylog.len);
    write_padded(w, keylog);
    end(w, start);
}

bool pcapng_packet(struct writer *w, const struct pcapng_packet *p)
{
    size_t len = wrap_len(&p->from, &p->to, p->payload.len);
    if (len == 0) return false;
    size_t start = begin(w, BLOCK_PACKET);
    write_u32(w, p->interface);
    write_u64(w, (uint64_t)p->unix_us); /* §4.3: the upper half first, in any byte order */
    write_u32(w, (uint32_t)len);        /* captured */
    write_u32(w, (uint32_t)len);        /* original */
    wrap_udp(w, &p->from, &p->to, p->payload);
    write_zeros(w, padding(len));
    if (p->comment) option_text(w, OPT_COMMENT, p->comment, PCAPNG_COMMENT_MAX);
    write_u16(w, OPT_EPB_FLAGS);
    write_u16(w, 4);
    write_u32(w, p->outbound ? 2 : 1); /* §4.3.1: bits 0 and 1, the direction */
    options_end(w);
    end(w, start);
    return true;
}

void pcapng_statistics(struct writer *w, uint32_t interface, int64_t unix_us, uint64_t received,
                       uint64_t dropped)
{
    size_t start = begin(w, BLOCK_STATISTICS);
    write_u32(w, interface);
    write_u64(w, (uint64_t)unix_us);
    option_u64(w, OPT_ISB_IFRECV, received);
    option_u64(w, OPT_ISB_IFDROP, dropped);
    options_end(w);
    end(w, start);
}
