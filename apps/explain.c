/* `duet explain`: one message, or every packet of a capture, in fields. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "apps/command.h"
#include "apps/explaincapture.h"
#include "apps/explainladder.h"
#include "apps/explainnames.h"
#include "apps/explainprint.h"
#include "apps/explaintypes.h"
#include "sdp/explainboth.h"
#include "trace/capture.h"

#define INPUT_MAX ((size_t)1 << 30) /* bytes of a file: captures are read whole */

static const char help[] =
    "usage: duet explain [--type TYPE] [--json] [OPTIONS] FILE|-\n"
    "       duet explain [--type TYPE] [--json] [OPTIONS] --hex STRING\n"
    "       duet explain [--json] [-v] [--packets N[-M]] [--sdp FILE] [--keylog FILE] CAPTURE\n"
    "       duet explain --ladder [--packets N[-M]] [--sdp FILE] [--keylog FILE] CAPTURE\n"
    "       duet explain [--json] --offer FILE --answer FILE\n"
    "\n"
    "Decodes one message into fields: where each lies, its bytes, its value, what it means, and "
    "the\n"
    "section that defines it. Of a capture (pcap, pcapng) it prints every packet, a line each.\n"
    "\n"
    "  --type TYPE            sdp, candidate, stun, dtls, rtp, rtcp, vp8, opus, ws, http or sctp; "
    "without "
    "it\n"
    "                         the first bytes tell (of vp8, opus and ws they can't)\n"
    "  --hex STRING           the message as hexadecimal digits; blanks and colons don't count\n"
    "  --json                 one JSON object for programs; of a capture, one a packet\n"
    "  -v, --verbose          of a capture: each packet with all its fields\n"
    "  --ladder               of a capture: who sent what to whom, as a chart (docs/ladder.md)\n"
    "  --packets N or N-M     of a capture: these packets alone, counted from 1\n"
    "  --username U --realm R --password P\n"
    "                         stun: verify its integrity; a password alone is a short-term one, as "
    "ICE's\n"
    "  --as offer|answer      sdp: demand all that a remote description must have\n"
    "  --offer A --answer B   both descriptions side by side: what was agreed, what not, and why\n"
    "  --sdp FILE             rtp: the description that names payload types and header extensions\n"
    "  --keylog FILE          of a capture: secrets in the NSS format (SSLKEYLOGFILE, duet call\n"
    "                         --keylog), which open DTLS 1.2 and SRTP; those that a pcapng has in\n"
    "                         it are used without being asked for\n"
    "  --role server|client   ws: who reads (default server: frames are masked)\n"
    "  --max-message BYTES    ws: the longest message that the reader takes\n"
    "\n"
    "The exit status is 1 where the message can't be decoded: the last line says where and why.\n"
    "COLUMNS sets the width (100 without it), NO_COLOR leaves colours away.\n"
    "\n"
    "examples:\n"
    "  duet explain --type sdp offer.sdp\n"
    "  duet explain --json --password VOkJxbRl1RmTxUk/WvJxBt request.bin\n"
    "  duet explain --hex '15 fe fd 00 00 00 00 00 00 00 00 00 02 02 28'\n"
    "  duet explain call.pcapng | less\n"
    "  duet explain --ladder call.pcapng\n"
    "  duet explain --keylog browser.keys --sdp answer.sdp browser.pcap\n";

struct command {
    const char *type, *hex, *as, *role, *offer, *answer, *sdp, *keylog;
    long max_message;
    const char *username, *realm, *password;
    const char *packets;
    size_t first, last; /* of them; 0: all */
    bool json, verbose, ladder, help;
    struct option_list words;
};

/* ---- The message ---- */

/* All of a file, for the caller to free; `at` NULL and errno tell why not. */
static struct bytes read_file(FILE *from)
{
    struct bytes none = {NULL, 0};
    size_t room = 65536, len = 0;
    uint8_t *at = malloc(room);
    while (at) {
        len += fread(at + len, 1, room - len, from);
        if (len < room) break;
        errno = room >= INPUT_MAX ? EFBIG : ENOMEM;
        uint8_t *more = room < INPUT_MAX ? realloc(at, 2 * room) : NULL;
        if (!more) free(at);
        at = more;
        room *= 2;
    }
    if (at && ferror(from)) {
        free(at);
        return none;
    }
    return (struct bytes){at, at ? len : 0};
}

static struct bytes read_named(const char *name)
{
    if (strcmp(name, "-") == 0) return read_file(stdin);
    FILE *file = fopen(name, "rb");
    if (!file) return (struct bytes){NULL, 0};
    struct bytes all = read_file(file);
    int why = errno;
    fclose(file);
    errno = why;
    return all;
}

static int digit(char c)
{
    if (c >= '0' && c <= '9') return c - '0';
    if (c >= 'a' && c <= 'f') return c - 'a' + 10;
    if (c >= 'A' && c <= 'F') return c - 'A' + 10;
    return -1;
}

/* The bytes that a line of digits stands for; `at` NULL: it is no such line, or no memory. */
static struct bytes read_hex(const char *text)
{
    uint8_t *at = malloc(strlen(text) / 2 + 1);
    size_t digits = 0;
    for (; at && *text; text++) {
        int d = digit(*text);
        if (strchr(" \t\r\n:", *text)) continue;
        if (d < 0) break;
        at[digits / 2] = (uint8_t)(digits % 2 ? at[digits / 2] << 4 | d : d);
        digits++;
    }
    if (at && !*text && digits % 2 == 0) return (struct bytes){at, digits / 2};
    free(at);
    return (struct bytes){NULL, 0};
}

/* ---- What is said about it ---- */

/* The one line for stderr, and for programs the error's object. */
static int could_not(const struct command *c, const char *code, size_t offset, const char *message)
{
    if (c->json) explain_print_json(explain_json_error(code, offset, message));
    fflush(stdout);
    fprintf(stderr, "duet: %s at offset %zu: %s\n", code, offset, message);
    return EXIT_COULD_NOT;
}

/* Prints `x` and frees it; NULL is one that there was no memory for. */
static int show(const struct command *c, struct explain *x)
{
    if (!x) return could_not(c, err_name(E_NOMEM), 0, "no memory left");
    struct fault fault = *explain_fault(x);
    struct explain_page page = explain_page();
    int status = EXIT_DONE;
    if (!c->json) explain_print(x, &page);
    if (fault.err != OK)
        status = could_not(c, err_name(fault.err), fault.offset, fault.rule);
    else if (c->json && !explain_print_json(explain_json(x)))
        status = could_not(c, err_name(E_NOMEM), 0, "no memory left");
    explain_free(x);
    return status;
}

static struct bytes option_text(const char *text)
{
    return text ? bytes_of(text) : (struct bytes){NULL, 0};
}

/* What was asked for and means nothing for a single message; NULL: nothing was. */
static const char *of_captures_alone(const struct command *c)
{
    if (c->ladder) return "--ladder draws captures (pcap, pcapng): this is none";
    if (c->keylog) return "--keylog opens captures (pcap, pcapng): this is none";
    if (c->packets) return "--packets chooses from captures (pcap, pcapng): this is none";
    return NULL;
}

static int explain_bytes(const struct command *c, struct bytes message,
                         const struct explain_names *names, struct bytes keylog)
{
    struct explain_options options = {
        .stun = {option_text(c->username), option_text(c->realm), option_text(c->password)}};
    if (names) options.rtp = names->options;
    options.keylog = keylog;
    options.ws.role = c->role && strcmp(c->role, "client") == 0 ? WS_CLIENT : WS_SERVER;
    options.ws.max_message = (size_t)c->max_message;
    if (c->as) options.sdp.as = strcmp(c->as, "offer") == 0 ? SDP_AS_OFFER : SDP_AS_ANSWER;
    const struct capture_view view = {c->json, c->verbose, c->first, c->last, &options};
    const char *type = c->type;
    if (!type && capture_is(message)) {
        struct fault fault =
            c->ladder ? explain_ladder(message, &view) : explain_capture(message, &view);
        if (fault.err == OK) return EXIT_DONE;
        return could_not(c, err_name(fault.err), fault.offset, fault.rule);
    }
    const char *misplaced = of_captures_alone(c);
    if (misplaced) return could_not(c, err_name(E_UNSUPPORTED), 0, misplaced);
    if (!type) type = explain_type_guess(message);
    if (!type && message.len == 0)
        return could_not(c, err_name(E_TRUNCATED), 0, "there is nothing");
    if (!type)
        return could_not(
            c, err_name(E_UNSUPPORTED), 0,
            "its first bytes look like nothing that duet explains; name it with --type");
    return show(c, explain_make(type, message, &options));
}

/* ---- Files ---- */

static int unreadable(const struct command *c, const char *name)
{
    char why[512];
    snprintf(why, sizeof why, "%s: can't be read: %s", name, strerror(errno));
    if (c->json) explain_print_json(explain_json_error("unreadable", 0, why));
    fflush(stdout);
    fprintf(stderr, "duet: %s\n", why);
    return EXIT_COULD_NOT;
}

static void free_bytes(struct bytes b)
{
    free((void *)(uintptr_t)b.at);
}

/* An offer and its answer, behind each other in one message. */
static int explain_both(const struct command *c)
{
    struct bytes offer = read_named(c->offer);
    if (!offer.at) return unreadable(c, c->offer);
    struct bytes answer = read_named(c->answer);
    int status = EXIT_COULD_NOT;
    uint8_t *both = answer.at ? malloc(offer.len + answer.len + 1) : NULL;
    if (!answer.at) {
        status = unreadable(c, c->answer);
    } else if (!both) {
        status = show(c, NULL);
    } else {
        struct bytes message = {both, offer.len + answer.len};
        memcpy(both, offer.at, offer.len);
        memcpy(both + offer.len, answer.at, answer.len);
        struct explain *x = explain_new("sdp", message);
        if (x)
            sdp_explain_both(x, bytes_slice(message, 0, offer.len),
                             bytes_slice(message, offer.len, answer.len));
        status = show(c, x);
    }
    free(both);
    free_bytes(offer);
    free_bytes(answer);
    return status;
}

/* The names of --sdp, if there is one; false: `status` says what came of it. */
static bool read_names(const struct command *c, struct explain_names **names, int *status)
{
    *names = NULL;
    if (!c->sdp) return true;
    struct bytes text = read_named(c->sdp);
    if (!text.at) {
        *status = unreadable(c, c->sdp);
        return false;
    }
    *names = malloc(sizeof **names);
    struct fault fault = {E_NOMEM, "sdp", 0, "no memory left"};
    if (*names) {
        explain_names_read(*names, text);
        fault = (*names)->sdp.fault;
    }
    free_bytes(text);
    if (fault.err == OK) return true;
    *status = could_not(c, err_name(fault.err), fault.offset, fault.rule);
    return false;
}

static void free_keylog(struct bytes log)
{
    if (log.at) bytes_wipe((void *)(uintptr_t)log.at, log.len);
    free_bytes(log);
}

static int explain_file(const struct command *c)
{
    struct explain_names *names;
    struct bytes keylog = {NULL, 0};
    struct bytes message = c->hex ? read_hex(c->hex) : read_named(c->words.items[0]);
    int status = EXIT_COULD_NOT;
    if (!message.at && c->hex)
        return command_usage("explain", "--hex takes pairs of hexadecimal digits");
    if (!message.at) return unreadable(c, c->words.items[0]);
    if (c->keylog) keylog = read_named(c->keylog);
    if (c->keylog && !keylog.at) {
        status = unreadable(c, c->keylog);
    } else {
        if (read_names(c, &names, &status)) status = explain_bytes(c, message, names, keylog);
        if (names) explain_names_free(names);
        free(names);
    }
    free_keylog(keylog);
    free_bytes(message);
    return status;
}

/* ---- The command line ---- */

/* Takes "-v" out of the words; false: another word of that kind. */
static bool short_options(struct command *c, char *error, size_t room)
{
    size_t kept = 0;
    for (size_t i = 0; i < c->words.count; i++) {
        const char *word = c->words.items[i];
        bool file = word[0] != '-' || word[1] == 0;
        if (!file && strcmp(word, "-v") != 0) {
            snprintf(error, room, "there is no option %s", word);
            return false;
        }
        if (file)
            c->words.items[kept++] = word;
        else
            c->verbose = true;
    }
    c->words.count = kept;
    return true;
}

/* "12" or "12-25". */
static bool read_packets(struct command *c)
{
    struct bytes text = bytes_of(c->packets);
    const char *dash = strchr(c->packets, '-');
    size_t len = dash ? (size_t)(dash - c->packets) : text.len;
    uint64_t first = 0, last = 0;
    bool good = bytes_to_u64(bytes_slice(text, 0, len), SIZE_MAX, &first);
    last = first;
    if (dash) good = good && bytes_to_u64(bytes_of(dash + 1), SIZE_MAX, &last);
    c->first = (size_t)first;
    c->last = (size_t)last;
    return good && first > 0 && first <= last;
}

/* False: wrong usage, `error` says why. */
static bool check(struct command *c, char *error, size_t room)
{
    if (!short_options(c, error, room)) return false;
    if (c->help) return true;
    const char *named = c->type ? explain_type_named(c->type) : NULL;
    bool one = c->words.count || c->hex, both = c->offer || c->answer;
    if (c->type && !named)
        snprintf(
            error, room,
            "--type takes sdp, candidate, stun, dtls, rtp, rtcp, vp8, opus, ws, http or sctp, not "
            "\"%s\"",
            c->type);
    else if (c->as && strcmp(c->as, "offer") != 0 && strcmp(c->as, "answer") != 0)
        snprintf(error, room, "--as takes offer or answer, not \"%s\"", c->as);
    else if (c->role && strcmp(c->role, "server") != 0 && strcmp(c->role, "client") != 0)
        snprintf(error, room, "--role takes server or client, not \"%s\"", c->role);
    else if (c->packets && !read_packets(c))
        snprintf(error, room, "--packets takes N or N-M, counted from 1, not \"%s\"", c->packets);
    else if (c->ladder && (c->json || c->verbose || c->hex || c->type || both))
        snprintf(error, room, "--ladder takes a capture, and neither --json, -v, --hex nor --type");
    else if (both && (one || !c->offer || !c->answer))
        snprintf(error, room, "--offer FILE and --answer FILE go together, without another FILE");
    else if (c->hex && c->words.count)
        snprintf(error, room, "a FILE or --hex, not both");
    else if (!one && !both)
        snprintf(error, room, "what? FILE, - for standard input, or --hex STRING");
    else if (c->words.count > 1)
        snprintf(error, room, "\"%s\" is one word too many", c->words.items[1]);
    else {
        c->type = named;
        return true;
    }
    return false;
}

int command_explain(int argc, char **argv)
{
    struct command c = {0};
    char error[256];
    const struct option options[] = {
        {"--type", OPTION_TEXT, &c.type, 0, 0, NULL},
        {"--hex", OPTION_TEXT, &c.hex, 0, 0, NULL},
        {"--as", OPTION_TEXT, &c.as, 0, 0, NULL},
        {"--role", OPTION_TEXT, &c.role, 0, 0, NULL},
        {"--max-message", OPTION_NUMBER, &c.max_message, 1, 1 << 30, NULL},
        {"--offer", OPTION_TEXT, &c.offer, 0, 0, NULL},
        {"--answer", OPTION_TEXT, &c.answer, 0, 0, NULL},
        {"--sdp", OPTION_TEXT, &c.sdp, 0, 0, NULL},
        {"--packets", OPTION_TEXT, &c.packets, 0, 0, NULL},
        {"--keylog", OPTION_TEXT, &c.keylog, 0, 0, NULL},
        {"--username", OPTION_TEXT, &c.username, 0, 0, NULL},
        {"--realm", OPTION_TEXT, &c.realm, 0, 0, NULL},
        {"--password", OPTION_TEXT, &c.password, 0, 0, NULL},
        {"--json", OPTION_FLAG, &c.json, 0, 0, NULL},
        {"--verbose", OPTION_FLAG, &c.verbose, 0, 0, NULL},
        {"--ladder", OPTION_FLAG, &c.ladder, 0, 0, NULL},
        {"--help", OPTION_FLAG, &c.help, 0, 0, NULL},
    };
    if (!options_parse(options, COUNT(options), argc, argv, &c.words, OPTION_LIST_MAX, error,
                       sizeof error) ||
        !check(&c, error, sizeof error))
        return command_usage("explain", error);
    if (c.help) {
        fputs(help, stdout);
        return EXIT_DONE;
    }
    return c.offer ? explain_both(&c) : explain_file(&c);
}
