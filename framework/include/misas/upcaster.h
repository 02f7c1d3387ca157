/** @file
 * Upcasting: events of an older form are brought to today's form whenever they are read. What is
 * stored is never rewritten.
 *
 * An upcaster takes events of one type and one version of that type, and emits any number of events
 * of a later version, or of another type. Upcasters chain: what one emits is taken by the next,
 * until none fits. Two ways to write one:
 * - as a list of steps on the protobuf fields (rename the type; remove, move, add, retype fields),
 * without the classes of the old form;
 * - as a function, for all else: split an event into several, drop it, compute.
 */
#ifndef MISAS_UPCASTER_H
#define MISAS_UPCASTER_H

#include "misas/event.h"

#ifdef __cplusplus
extern "C" {
#endif

/** An upcaster is incomplete, there are two for one type and version, or they chain in a circle;
 * data: "type", "version". Tagged validation. */
#define MISAS_ERROR_UPCASTER_INVALID "misas.upcaster.invalid"
/** An upcaster failed on an event; data: "type", "version", "position", "stream". The cause is its
 * own error. */
#define MISAS_ERROR_UPCASTING_FAILED "misas.upcaster.failed"

typedef struct misas_upcasters misas_upcasters; /**< filled first, then constant and shared */
typedef struct misas_upcast misas_upcast;       /**< one event on its way through one upcaster */

/** Called from whichever thread reads, many at once; must not block. Emits with misas_upcast_emit;
 * not to emit drops the event. */
typedef misas_error *(*misas_upcast_function)(misas_upcast *upcast, const misas_event *event,
                                              void *argument);

typedef enum misas_upcast_step_kind {
    MISAS_STEP_END,
    MISAS_STEP_REMOVE_FIELD, /**< `path`: the field */
    MISAS_STEP_MOVE_FIELD,   /**< `path` to `to_path`; submessages on the way are made as needed */
    MISAS_STEP_ADD_VARINT,   /**< `path`: where it is not there, with the value `number` */
    MISAS_STEP_ADD_BYTES,    /**< `path`: where it is not there, with `text`: a string or packed
                                message */
    MISAS_STEP_CHANGE_FIELD  /**< `path`: `change` gets its value and gives another */
} misas_upcast_step_kind;

/** The value of one protobuf field: wire type 0 in `number` (1 and 5 too, as their little-endian
 * bits), wire type 2 in `bytes`. */
typedef struct misas_wire_value {
    uint8_t wire_type;
    uint64_t number;
    const void *bytes;
    size_t size;
} misas_wire_value;

/** Changes a value in place, also its wire type; new bytes come from misas_upcast_allocate. */
typedef misas_error *(*misas_upcast_change)(misas_upcast *upcast, misas_wire_value *value,
                                            void *argument);

/** One step. A path is up to 4 field numbers, ending with 0: {3} or {2, 1}. It leads into every
 * occurrence of a repeated submessage; `to_path` into the last. */
typedef struct misas_upcast_step {
    misas_upcast_step_kind kind;
    uint32_t path[5];
    uint32_t to_path[5];
    uint64_t number;
    const char *text;
    misas_upcast_change change;
} misas_upcast_step;

/** Either `steps` or `function`, or neither: then only type and version change. All is borrowed and
 * must outlive the upcasters. */
typedef struct misas_upcaster {
    const char *type;               /**< of the events it takes; required */
    uint32_t version;               /**< of their content; 0: 1 */
    const char *to_type;            /**< NULL: the same type */
    uint32_t to_version;            /**< 0: `version` + 1 for the same type, else 1 */
    const misas_upcast_step *steps; /**< ends with MISAS_STEP_END */
    misas_upcast_function function;
    const char *const
        *emits; /**< of a function: the types it may emit besides `to_type`; ends with NULL */
    void *argument;
} misas_upcaster;

misas_error *misas_upcasters_new(misas_upcasters **out);
void misas_upcasters_free(misas_upcasters *upcasters);

/** Keeps its first mistake, which misas_upcasters_check reports (and each store on its creation).
 */
void misas_upcasters_add(misas_upcasters *upcasters, const misas_upcaster *upcaster);

/** Errors: MISAS_ERROR_UPCASTER_INVALID; out of memory. */
misas_error *misas_upcasters_check(const misas_upcasters *upcasters);

/** Emits an event from within an upcaster's function. `type` NULL and `type_version` 0 mean the
 * upcaster's `to_type` and `to_version`; the payload is copied. Metadata, stream, version and
 * position stay those of the stored event. Errors: MISAS_ERROR_UPCASTER_INVALID for a type not
 * declared in `emits`. */
misas_error *misas_upcast_emit(misas_upcast *upcast, const char *type, uint32_t type_version,
                               const void *payload, size_t payload_size);

/** Memory that lives as long as the event read; NULL when there is none. */
void *misas_upcast_allocate(misas_upcast *upcast, size_t size);

#ifdef __cplusplus
}
#endif

#endif
