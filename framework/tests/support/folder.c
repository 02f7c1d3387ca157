#define _XOPEN_SOURCE 700 /* nftw */

#include "support/folder.h"

#include <ftw.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { max_folders = 16 };

static char folders[max_folders][test_folder_size];
static int folder_count;

static int remove_entry(const char *path, const struct stat *status, int kind, struct FTW *place)
{
    (void)status;
    (void)kind;
    (void)place;
    return remove(path);
}

static void remove_all(void)
{
    while (folder_count > 0) {
        nftw(folders[--folder_count], remove_entry, 16, FTW_DEPTH | FTW_PHYS);
    }
}

const char *test_folder_new(char path[test_folder_size])
{
    strcpy(path, "/tmp/misas-test-XXXXXX");
    if (folder_count == max_folders || mkdtemp(path) == NULL) {
        perror(path);
        exit(EXIT_FAILURE);
    }
    if (folder_count == 0) {
        atexit(remove_all);
    }
    strcpy(folders[folder_count++], path);
    return path;
}
