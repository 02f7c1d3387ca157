/** Private: the inside of a set of upcasters. */
#ifndef MISAS_SRC_UPCASTER_UPCASTERS_H
#define MISAS_SRC_UPCASTER_UPCASTERS_H

#include "memory/arena.h"
#include "misas/upcaster.h"

struct misas_upcasters {
    misas_upcaster *items; /* `version`, `to_type` and `to_version` filled in */
    size_t count;
    misas_error *mistake; /* the first one made in adding */
};

/** NULL when there is none. */
const misas_upcaster *misas__upcasters_find(const misas_upcasters *upcasters, const char *type,
                                            uint32_t version);

misas_error *misas__upcaster_invalid(const char *type, uint32_t version, const char *reason);

misas__arena *misas__upcast_arena(misas_upcast *upcast);

/** Carries out the steps on protobuf bytes; the result is of the upcast's memory. */
misas_error *misas__upcast_run_steps(const void **out, size_t *out_size, misas_upcast *upcast,
                                     const misas_upcaster *upcaster, const misas_event *event);

#endif
