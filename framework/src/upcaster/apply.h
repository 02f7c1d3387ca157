/** Private: upcasters at work. */
#ifndef MISAS_SRC_UPCASTER_APPLY_H
#define MISAS_SRC_UPCASTER_APPLY_H

#include <stdbool.h>

#include "memory/arena.h"
#include "misas/upcaster.h"

/** What came of one stored event. Starts zeroed. */
typedef struct misas__upcasted {
    misas_event *events;
    size_t count;
    size_t capacity;
    bool is_in_circle;  /* a chain was too long: nothing more is emitted, whatever functions make of
                           it */
    misas__arena arena; /* what the events point to, besides what the stored one points to */
} misas__upcasted;

/** True also for NULL. */
bool misas__upcasters_are_none(const misas_upcasters *upcasters);

/** Whether there is an upcaster for an event of this type and version. */
bool misas__upcasters_take(const misas_upcasters *upcasters, const misas_event *event);

/** Brings a stored event to today's form. Errors: MISAS_ERROR_UPCASTING_FAILED. */
misas_error *misas__upcasters_apply(misas__upcasted *out, const misas_upcasters *upcasters,
                                    const misas_event *event);

void misas__upcasted_clear(misas__upcasted *upcasted);
void misas__upcasted_free(misas__upcasted *upcasted);

typedef enum misas__become {
    MISAS__MAY_BECOME_ANY_OF, /* some event of the stored type may end as one of these types */
    MISAS__BECOME_ONLY        /* whatever comes of the stored type, it is of these types */
} misas__become;

/** The stored types for which that is so, ending with NULL; the names are borrowed, the list is
 * freed with free(). */
misas_error *misas__upcasters_stored_types(const char ***out, const misas_upcasters *upcasters,
                                           const char *const *types, misas__become become);

#endif
