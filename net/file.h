/* A file that is written while a call goes on, and never holds it up: what is put goes into a
 * buffer, the loop's owner lets it be written when there is time. A file that can't be written any
 * more ends by itself and says why; whoever goes on putting does no harm.
 *
 * A pipe whose reader is slow is tried again later. A write to a disk goes into the kernel's cache;
 * where the kernel itself waits for the disk, so do we, for one piece of FILE_PIECE bytes. */
#ifndef DUET_NET_FILE_H
#define DUET_NET_FILE_H

#include "base/bytes.h"
#include "base/clock.h"

#define FILE_PIECE   65536   /* at most so much is written in one step */
#define FILE_WAIT    MS(100) /* less than a piece waits for so long for more */
#define FILE_AGAIN   MS(10)  /* a pipe that took nothing is tried again after so long */
#define FILE_GOODBYE SEC(1)  /* a slow reader has so long to take what is left at the end */

struct file; /* opaque */

/* Makes `path`, which only its owner may read (it may hold secrets), or empties it, with a buffer
 * of `room` bytes. NULL: `fault` says why. */
struct file *file_new(const char *path, size_t room, struct fault *fault);
/* Puts all of `b` or, if there is not so much room or the file has ended, nothing: false. */
bool file_put(struct file *file, struct bytes b, usec now);
/* Writes a piece if it is time. */
void file_step(struct file *file, usec now);
usec file_deadline(const struct file *file); /* TIME_NEVER: there is nothing to be written */
/* Why it ended; err is OK while it goes on. */
const struct fault *file_fault(const struct file *file);
/* How many calls of file_put found no room. */
uint64_t file_refused(const struct file *file);
/* Writes all that is in it, at the end of a program or where waiting does no harm: a slow reader
 * has FILE_GOODBYE. False: it has ended. */
bool file_flush(struct file *file);
/* Writes what is left, and closes it. NULL is fine. False: not all was written; `fault` (may be
 * NULL) says why. */
bool file_free(struct file *file, struct fault *fault);

#endif
