/** Folders for the files of a test. */
#ifndef MISAS_TESTS_FOLDER_H
#define MISAS_TESTS_FOLDER_H

enum { test_folder_size = 32 };

/** Makes an empty folder under /tmp, which goes with all that is in it when the process exits, also
 * after failed tests. Returns `path`. */
const char *test_folder_new(char path[test_folder_size]);

#endif
