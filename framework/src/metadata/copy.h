/** Private: metadata as part of a record that is copied whole, see memory/copy.h. */
#ifndef MISAS_SRC_METADATA_COPY_H
#define MISAS_SRC_METADATA_COPY_H

#include "misas/metadata.h"

/** How many there are before the one without a name; 0 for NULL. */
size_t misas__count_fields(const misas_field *fields);

/** Of all that the metadata points to. */
size_t misas__size_of_metadata(const misas_metadata *metadata);

/** Copies all that the metadata points to. The cursor must be aligned for a pointer, and no more is
 * afterwards: of what a record points to, its metadata is copied first. */
misas_metadata misas__copy_metadata(char **cursor, const misas_metadata *metadata);

#endif
