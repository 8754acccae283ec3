/* A main for fuzz targets in builds without libFuzzer: runs each file of each folder (or file)
 * named on the command line once, and says how many. No file at all is a failure: a replay that
 * tested nothing must not look green. */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <string.h>

/* Runs one file; false: it can't be read. The copy is as long as the file, so that a sanitizer
 * sees the first byte read past its end. */
static int run_file(const char *path)
{
    FILE *f = fopen(path, "rb");
    if (!f) return 0;
    fseek(f, 0, SEEK_END);
    long len = ftell(f);
    rewind(f);
    uint8_t *data = malloc(len > 0 ? (size_t)len : 1);
    int ok = data && len >= 0 && fread(data, 1, (size_t)len, f) == (size_t)len;
    fclose(f);
    if (ok) LLVMFuzzerTestOneInput(data, (size_t)len);
    free(data);
    return ok;
}

static int run_folder(DIR *folder, const char *path)
{
    int count = 0;
    for (struct dirent *e; (e = readdir(folder)) != NULL;) {
        if (e->d_name[0] == '.') continue;
        char full[4096];
        snprintf(full, sizeof full, "%s/%s", path, e->d_name);
        count += run_file(full);
    }
    return count;
}

int main(int argc, char **argv)
{
    int count = 0;
    for (int i = 1; i < argc; i++) {
        DIR *folder = opendir(argv[i]);
        count += folder ? run_folder(folder, argv[i]) : run_file(argv[i]);
        if (folder) closedir(folder);
    }
    printf("%d seeds replayed\n", count);
    return count > 0 ? 0 : 1;
}
