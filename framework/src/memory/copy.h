/** Private: a record and all that it points to, in one allocation: the struct, then the copies one
 * after another, measured first. Sums of sizes can't overflow: whatever is measured lies in memory
 * already. */
#ifndef MISAS_SRC_MEMORY_COPY_H
#define MISAS_SRC_MEMORY_COPY_H

#include <stddef.h>

/** With the closing NUL; 0 for NULL. */
size_t misas__size_of_text(const char *text);

/** Copy to the cursor and move it on; NULL stays NULL. */
const void *misas__copy_bytes(char **cursor, const void *bytes, size_t size);
const char *misas__copy_text(char **cursor, const char *text);

#endif
