/* A main for fuzz targets where there is no libFuzzer: gives them each file of the folder that is
 * the argument. */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

enum { max_bytes = 1 << 22 };

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A target may see an input of exactly its size, so that a sanitizer notices a read beyond it. */
static void replay(const uint8_t *bytes, size_t size)
{
    uint8_t *exact = size <= max_bytes ? malloc(size > 0 ? size : 1) : NULL;

    if (exact == NULL) {
        abort();
    }
    for (size_t i = 0; i < size; i++) {
        exact[i] = bytes[i];
    }
    LLVMFuzzerTestOneInput(exact, size);
    free(exact);
}

static void replay_file(const char *path)
{
    static uint8_t bytes[max_bytes];
    FILE *file = fopen(path, "rb");

    if (file == NULL) {
        perror(path);
        exit(1);
    }
    replay(bytes, fread(bytes, 1, sizeof bytes, file));
    fclose(file);
}

static int replay_folder(const char *path, DIR *folder)
{
    int count = 0;

    for (struct dirent *entry = readdir(folder); entry != NULL; entry = readdir(folder)) {
        char file[4096];

        if (entry->d_name[0] != '.') {
            snprintf(file, sizeof file, "%s/%s", path, entry->d_name);
            replay_file(file);
            count++;
        }
    }
    return count;
}

int main(int argc, char **argv)
{
    DIR *folder = argc == 2 ? opendir(argv[1]) : NULL;

    if (folder == NULL) {
        fprintf(stderr, "usage: %s <folder of inputs>\n", argv[0]);
        return 2;
    }
    int count = replay_folder(argv[1], folder);

    closedir(folder);
    printf("%d inputs\n", count);
    return count > 0 ? 0 : 1;
}
