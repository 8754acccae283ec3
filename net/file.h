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

#define FILE_PIECE       65536   /* at most so much is written in one step */
#define FILE_WAIT        MS(100) /* less than a piece waits for so long for more */
#define FILE_AGAIN       MS(10)  /* a pipe that took nothing is tried again after so long */
/* At the end a reader may take its time, but has to take something so often, and all in that time.
 */
#define FILE_GOODBYE     SEC(1)
#define FILE_GOODBYE_MAX SEC(10)

struct file; /* opaque */

/* Both are names of one file, or would be once it is made: who writes it under both spoils it. Not
 * so a device such as /dev/null. */
bool file_same(const char *one, const char *other);

/* Makes `path`, which only its owner may read (it may hold secrets), or empties it, with a buffer
 * of `room` bytes. NULL: `fault` says why. */
struct file *file_new(const char *path, size_t room, struct fault *fault);
/* Over a descriptor that is open already, and stays so: stdout. Others may share it, and with it
 * O_NONBLOCK, so that stays as it is: a piece is written when poll(2) says that there is room, and
 * is no longer than what a pipe with room takes whole. What is put is due at once. NULL: no memory.
 */
struct file *file_over(int fd, size_t room);
/* Whether a line can be written to `fd` without waiting for whoever reads it. */
bool file_has_room(int fd);
/* Puts all of `b` or, if there is not so much room or the file has ended, nothing: false. */
bool file_put(struct file *file, struct bytes b, usec now);
/* Writes a piece if it is time. */
void file_step(struct file *file, usec now);
usec file_deadline(const struct file *file); /* TIME_NEVER: there is nothing to be written */
/* Why it ended; err is OK while it goes on. */
const struct fault *file_fault(const struct file *file);
/* It ended because whoever read it has gone. */
bool file_left(const struct file *file);
/* How many bytes file_put would take now. */
size_t file_room(const struct file *file);
/* How many calls of file_put found no room. */
uint64_t file_refused(const struct file *file);
/* Writes all that is in it, at the end of a program or where waiting does no harm, for as long as
 * somebody reads: FILE_GOODBYE. False: it has ended. */
bool file_flush(struct file *file);
/* Writes what is left, and closes what file_new has opened. NULL is fine. False: not all was
 * written; `fault` (may be NULL) says why. */
bool file_free(struct file *file, struct fault *fault);

#endif
