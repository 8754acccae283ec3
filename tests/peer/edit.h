/* Descriptions that a test bends, as C strings: each function makes a new one, good until sixteen
 * more were made. */
#ifndef DUET_TESTS_PEER_EDIT_H
#define DUET_TESTS_PEER_EDIT_H

#include "sdp/model.h"
#include "tests/suite.h"

#include <string.h>

static inline char *edit_room(void)
{
    static char rooms[16][SDP_TEXT_MAX + 1];
    static size_t next;
    return rooms[next++ % COUNT(rooms)];
}

static inline const char *edit_text(struct bytes text)
{
    return bytes_to_text(text, edit_room(), SDP_TEXT_MAX + 1);
}

/* Every `from`, of which there is one at least, becomes `to`. */
static inline const char *edit_all(const char *text, const char *from, const char *to)
{
    char *room = edit_room();
    struct writer w = writer_of(room, SDP_TEXT_MAX + 1);
    ck_assert_msg(strstr(text, from) != NULL, "no \"%s\" to replace", from);
    for (const char *at; (at = strstr(text, from)); text = at + strlen(from)) {
        write_bytes(&w, bytes_slice(bytes_of(text), 0, (size_t)(at - text)));
        write_text(&w, to);
    }
    write_text(&w, text);
    write_u8(&w, '\0');
    ck_assert_int_eq(w.err, OK);
    return room;
}

static inline const char *edit_join(const char *first, const char *second)
{
    char *room = edit_room();
    ck_assert_uint_le(strlen(first) + strlen(second), SDP_TEXT_MAX);
    return strcat(strcpy(room, first), second);
}

/* What is before the first `at`. */
static inline const char *edit_before(const char *text, const char *at)
{
    const char *end = strstr(text, at);
    ck_assert_msg(end != NULL, "no \"%s\"", at);
    return edit_text((struct bytes){(const uint8_t *)text, (size_t)(end - text)});
}

/* The first line that begins so, without its end. */
static inline const char *edit_line(const char *text, const char *begin)
{
    const char *at = strstr(text, begin);
    ck_assert_msg(at != NULL, "no \"%s\"", begin);
    return edit_text(bytes_slice(bytes_of(at), 0, strcspn(at, "\r")));
}

/* An offer as if the other side had written it, as for an answer that says the same: with the
 * credentials of a description of theirs, who waited for our handshake. */
static inline const char *edit_echo(const char *text, const char *theirs)
{
    static const char *const lines[] = {"a=ice-ufrag:", "a=ice-pwd:", "a=fingerprint:"};
    for (size_t i = 0; i < COUNT(lines); i++)
        text = edit_all(text, edit_line(text, lines[i]), edit_line(theirs, lines[i]));
    return edit_all(text, "actpass", "passive");
}

/* The i-th media section and all after it. */
static inline const char *edit_section(const char *text, size_t i)
{
    const char *at = strstr(text, "\r\nm=");
    for (; at && i > 0; i--) at = strstr(at + 1, "\r\nm=");
    ck_assert_ptr_nonnull(at);
    return at + 2;
}

/* Whether the i-th media section begins so: "m=video 9 ". */
static inline bool edit_begins(const char *text, size_t i, const char *with)
{
    return strncmp(edit_section(text, i), with, strlen(with)) == 0;
}

#endif
