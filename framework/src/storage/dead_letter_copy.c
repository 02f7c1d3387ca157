#include "storage/dead_letter_copy.h"

#include "memory/copy.h"
#include "metadata/copy.h"

size_t misas__size_of_dead_letter(const misas__dead_letter *letter)
{
    const misas_event *event = &letter->event;

    return misas__size_of_metadata(&event->metadata) + event->payload_size +
           misas__size_of_text(event->stream) + misas__size_of_text(event->type) +
           misas__size_of_text(letter->processor) + letter->error_size;
}

void misas__dead_letter_copy(misas__dead_letter *out, void *room, const misas__dead_letter *letter)
{
    const misas_event *event = &letter->event;
    char *cursor = room;

    *out = *letter;
    out->event.metadata = misas__copy_metadata(&cursor, &event->metadata);
    out->event.payload = misas__copy_bytes(&cursor, event->payload, event->payload_size);
    out->event.stream = misas__copy_text(&cursor, event->stream);
    out->event.type = misas__copy_text(&cursor, event->type);
    out->processor = misas__copy_text(&cursor, letter->processor);
    out->error = misas__copy_bytes(&cursor, letter->error, letter->error_size);
}

misas_error *misas__dead_letter_copy_to_arena(misas__dead_letter *out, misas__arena *arena,
                                              const misas__dead_letter *letter)
{
    void *room = misas__arena_allocate(arena, misas__size_of_dead_letter(letter));

    if (room == NULL) {
        return misas_error_out_of_memory();
    }
    misas__dead_letter_copy(out, room, letter);
    return NULL;
}
