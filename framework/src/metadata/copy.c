#include "metadata/copy.h"

#include "memory/copy.h"

size_t misas__count_fields(const misas_field *fields)
{
    size_t count = 0;

    while (fields != NULL && fields[count].name != NULL) {
        count++;
    }
    return count;
}

static size_t size_of_fields(const misas_field *fields)
{
    size_t size = sizeof *fields;

    for (; fields->name != NULL; fields++) {
        size +=
            sizeof *fields + misas__size_of_text(fields->name) + misas__size_of_text(fields->value);
    }
    return size;
}

size_t misas__size_of_metadata(const misas_metadata *metadata)
{
    size_t size = metadata->fields != NULL ? size_of_fields(metadata->fields) : 0;

    return size + misas__size_of_text(metadata->correlation_id) +
           misas__size_of_text(metadata->causation_id);
}

static const misas_field *copy_fields(char **cursor, const misas_field *fields)
{
    size_t count = misas__count_fields(fields);
    misas_field *copies = (misas_field *)(void *)*cursor;

    *cursor += (count + 1) * sizeof *copies;
    for (size_t i = 0; i < count; i++) {
        copies[i].name = misas__copy_text(cursor, fields[i].name);
        copies[i].value = misas__copy_text(cursor, fields[i].value);
    }
    copies[count] = (misas_field){NULL, NULL};
    return copies;
}

misas_metadata misas__copy_metadata(char **cursor, const misas_metadata *metadata)
{
    const misas_field *fields =
        metadata->fields != NULL ? copy_fields(cursor, metadata->fields) : NULL;

    return (misas_metadata){
        .correlation_id = misas__copy_text(cursor, metadata->correlation_id),
        .causation_id = misas__copy_text(cursor, metadata->causation_id),
        .fields = fields,
    };
}
