/* The program: `duet COMMAND ...`. */
#include <errno.h>
#include <jansson.h>
#include <openssl/crypto.h>
#include <opus/opus.h>
#include <srtp2/srtp.h>
#include <stdio.h>
#include <string.h>
#include <vpx/vpx_codec.h>

#include "apps/command.h"

static const struct {
    const char *name, *line;
    int (*run)(int argc, char **argv);
} commands[] = {
    {"serve", "the signaling server and the web page, with a peer of our own in every room",
     command_serve},
    {"call", "join a room and call whoever is there", command_call},
    {"bench", "measure what the parts cost on this machine", command_bench},
    {"explain", "decode a message or a capture, every byte", command_explain},
    {"sim", "whole calls on a simulated network, in virtual time", command_sim},
};

static void usage(FILE *to)
{
    fputs("duet: a WebRTC stack, every byte of which can be explained\n\n"
          "usage: duet COMMAND [OPTIONS]\n\n",
          to);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(to, "  %-8s %s\n", commands[i].name, commands[i].line);
    fputs("\n"
          "examples:\n"
          "  duet serve                                   then open http://127.0.0.1:8080/\n"
          "  duet call 'ws://127.0.0.1:8080/ws?room=lobby' --view\n"
          "  duet explain offer.sdp\n"
          "\n"
          "`duet COMMAND --help` shows the options of a command, `duet --version` the versions.\n",
          to);
}

static void versions(void)
{
    printf("duet %s\n", DUET_VERSION);
    printf("%s\n", OpenSSL_version(OPENSSL_VERSION));
    printf("%s\n", srtp_get_version_string());
    printf("libvpx %s\n", vpx_codec_version_str());
    printf("%s\n", opus_get_version_string());
    printf("jansson %s\n", jansson_version_str());
}

int command_usage(const char *command, const char *error)
{
    fprintf(stderr, "duet %s: %s\n`duet %s --help` shows how it is used.\n", command, error,
            command);
    return EXIT_USAGE;
}

static int run(int argc, char **argv)
{
    const char *name = argc > 1 ? argv[1] : "--help";
    if (strcmp(name, "--help") == 0 || strcmp(name, "help") == 0) {
        usage(argc > 1 ? stdout : stderr);
        return argc > 1 ? EXIT_DONE : EXIT_USAGE;
    }
    if (strcmp(name, "--version") == 0) {
        versions();
        return EXIT_DONE;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(name, commands[i].name) == 0) return commands[i].run(argc - 2, argv + 2);
    }
    fprintf(stderr, "duet: there is no command \"%s\"; `duet --help` lists them\n", name);
    return EXIT_USAGE;
}

/* What was asked for is done when it has been printed: of a full disk stdio may tell only here,
 * having kept all of it until now. Why is known only if it is the last part that failed. */
static int printed(int status)
{
    bool lost = ferror(stdout) != 0;
    errno = 0;
    if (fflush(stdout) != 0) lost = true;
    if (!lost) return status;
    fprintf(stderr, "duet: stdout could not be written%s%s\n", errno ? ": " : "",
            errno ? strerror(errno) : "");
    return status == EXIT_DONE ? EXIT_COULD_NOT : status;
}

int main(int argc, char **argv)
{
    return printed(run(argc, argv));
}
