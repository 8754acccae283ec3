/* The subcommands: each takes the words behind its name and returns the exit status of cli.md:
 * 0 it did what was asked, 1 it could not, 2 wrong usage. */
#ifndef DUET_APPS_COMMAND_H
#define DUET_APPS_COMMAND_H

#include "apps/options.h"

enum { EXIT_DONE = 0, EXIT_COULD_NOT = 1, EXIT_USAGE = 2 };

int command_serve(int argc, char **argv);
int command_call(int argc, char **argv);
int command_bench(int argc, char **argv);
int command_sim(int argc, char **argv);
int command_explain(int argc, char **argv);

/* Says what was wrong with the command line, and returns EXIT_USAGE. */
int command_usage(const char *command, const char *error);

#endif
