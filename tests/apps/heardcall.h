/* Real calls between duet and a browser, of tests/corpus/pcap, as what a bystander heard: the
 * datagrams of the wire, and the key log that lies in the file. */
#ifndef DUET_TESTS_APPS_HEARDCALL_H
#define DUET_TESTS_APPS_HEARDCALL_H

#include "tests/suite.h"
#include "trace/capture.h"
#include "trace/datagram.h"

#define HEARDCALL_CHROMIUM "tests/corpus/pcap/duet-chromium.pcapng"
#define HEARDCALL_FIREFOX  "tests/corpus/pcap/duet-firefox.pcapng"
#define HEARDCALL_MAX      128

struct heardcall {
    struct bytes file, keylog;
    struct datagram wire[HEARDCALL_MAX]; /* of the first interface; views of the file */
    size_t count;
};

static inline void heardcall_read(struct heardcall *h, const char *path)
{
    struct capture c;
    *h = (struct heardcall){.file = suite_file(path)};
    ck_assert_int_eq(capture_open(&c, h->file), OK);
    for (struct capture_item item; capture_next(&c, &item);) {
        if (item.kind == CAPTURE_SECRETS) h->keylog = item.data;
        if (item.kind != CAPTURE_PACKET || item.interface != 0) continue;
        ck_assert_uint_lt(h->count, HEARDCALL_MAX);
        h->wire[h->count++] = datagram_of(item.data, item.link);
    }
    ck_assert_uint_gt(h->count, 20);
    ck_assert_uint_gt(h->keylog.len, 0);
}

static inline void heardcall_free(struct heardcall *h)
{
    free((void *)(uintptr_t)h->file.at);
}

/* Where the block of secrets begins in the file, and how long it is (pcapng 4.7). */
static inline struct bytes heardcall_secrets(const struct heardcall *h)
{
    const uint8_t *start = h->keylog.at - 16;
    ck_assert_mem_eq(start, "\x0A\0\0\0", 4); /* in little-endian order, as all of the file */
    return (struct bytes){start, start[4] | (size_t)start[5] << 8};
}

#endif
