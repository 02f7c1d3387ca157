/** @file
 * A name and a value, both text: the data of an error, the extra metadata of a message.
 *
 * Where a function takes a list of fields, the list ends with a field whose name is NULL.
 */
#ifndef MISAS_FIELD_H
#define MISAS_FIELD_H

#ifdef __cplusplus
extern "C" {
#endif

/** Both texts are UTF-8 and belong to whoever filled in the field. */
typedef struct misas_field {
    const char *name;
    const char *value;
} misas_field;

#ifdef __cplusplus
}
#endif

#endif
