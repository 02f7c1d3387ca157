#include "memory/copy.h"
#include "metadata/copy.h"
#include "storage/prediction_claims.h"

static size_t size_of_content(const misas_new_prediction *content)
{
    return misas__size_of_metadata(&content->metadata) + content->payload_size +
           misas__size_of_text(content->id) + misas__size_of_text(content->key) +
           misas__size_of_text(content->type);
}

misas_error *misas__prediction_copy(misas__prediction *out, misas__arena *arena,
                                    const misas__prediction *prediction)
{
    const misas_new_prediction *content = &prediction->content;
    char *cursor = misas__arena_allocate(arena, size_of_content(content));

    if (cursor == NULL) {
        return misas_error_out_of_memory();
    }
    *out = *prediction;
    out->content.metadata = misas__copy_metadata(&cursor, &content->metadata);
    out->content.payload = misas__copy_bytes(&cursor, content->payload, content->payload_size);
    out->content.id = misas__copy_text(&cursor, content->id);
    out->content.key = misas__copy_text(&cursor, content->key);
    out->content.type = misas__copy_text(&cursor, content->type);
    return NULL;
}
