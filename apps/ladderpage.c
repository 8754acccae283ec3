#include "apps/ladderpage.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "apps/explainprint.h"

/* POSIX, 8.2: the first of these that is set and not empty names the characters' coding. */
static bool is_utf8(void)
{
    static const char *const names[] = {"LC_ALL", "LC_CTYPE", "LANG"};
    const char *locale = "";
    for (size_t i = 0; i < COUNT(names) && !*locale; i++) {
        const char *value = getenv(names[i]);
        if (value) locale = value;
    }
    for (; *locale; locale++) {
        struct bytes rest = bytes_of(locale);
        if (bytes_is_nocase(bytes_slice(rest, 0, 5), "UTF-8") ||
            bytes_is_nocase(bytes_slice(rest, 0, 4), "UTF8"))
            return true;
    }
    return false;
}

struct ladder_config ladderpage(void)
{
    struct explain_page page = explain_page();
    const char *columns = getenv("COLUMNS");
    struct winsize window;
    if (page.terminal && !(columns && *columns) && ioctl(STDOUT_FILENO, TIOCGWINSZ, &window) == 0 &&
        window.ws_col > 0)
        page.width = window.ws_col;
    return (struct ladder_config){.width = page.width,
                                  .right = LADDERPAGE_RIGHT,
                                  .fold = TIME_NEVER,
                                  .ascii = !is_utf8(),
                                  .colour = page.colour};
}

void ladderpage_print(struct ladder *l)
{
    for (struct bytes line; ladder_line(l, &line);) {
        fwrite(line.at, 1, line.len, stdout);
        putchar('\n');
    }
}
