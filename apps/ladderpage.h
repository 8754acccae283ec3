/* A ladder on standard output. */
#ifndef DUET_APPS_LADDERPAGE_H
#define DUET_APPS_LADDERPAGE_H

#include "trace/ladder.h"

#define LADDERPAGE_RIGHT 12 /* columns right of the lifelines: "1213 bytes" */
#define LADDERPAGE_LEFT  11 /* and left of them, where one has states: "connecting" */

/* How it is to look, without lanes: as wide as COLUMNS, the terminal or 100 columns; with colours
 * on a terminal (NO_COLOR); in ASCII unless the locale is UTF-8. */
struct ladder_config ladderpage(void);
/* Prints the lines that are due. */
void ladderpage_print(struct ladder *l);

#endif
