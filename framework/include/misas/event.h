/** @file
 * Events: something happened, said in the past tense, and never changed afterwards.
 */
#ifndef MISAS_EVENT_H
#define MISAS_EVENT_H

#include <stddef.h>
#include <stdint.h>

#include "misas/metadata.h"
#include "misas/uuid.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An event to be appended. All pointers are borrowed for the call. */
typedef struct misas_new_event {
    misas_uuid id;    /**< none: the store draws a UUIDv7. State it to be able to append again */
    const char *type; /**< the full name of its protobuf message, as in "bank.v1.Deposited" */
    uint32_t type_version; /**< of the content of that type, see upcaster.h; 0: 1 */
    const void *payload;   /**< protobuf bytes; may be NULL when `payload_size` is 0 */
    size_t payload_size;
    misas_metadata metadata;
} misas_new_event;

/** An event as it is read. Lives until its reader's next call; see misas_event_copy. */
typedef struct misas_event {
    uint64_t position; /**< in the store, from 1 on: ascending, with gaps */
    const char *stream;
    uint64_t version; /**< in its stream, from 1 on: ascending by 1 */
    misas_uuid id;
    const char *type;
    uint32_t type_version;
    int64_t recorded_at_us; /**< by the store's clock, see clock.h */
    const void *payload;
    size_t payload_size;
    misas_metadata metadata;
    uint32_t part; /**< 0, or its index among the events that upcasting made of one stored event */
    uint32_t part_count; /**< 1, or the number of those */
} misas_event;

/** Copies an event with all that it points to, in one allocation; freed with free(). */
misas_error *misas_event_copy(misas_event **out, const misas_event *event);

#ifdef __cplusplus
}
#endif

#endif
