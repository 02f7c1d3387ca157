#include <stdlib.h>
#include <string.h>

#include "text/names.h"
#include "upcaster/apply.h"
#include "upcaster/upcasters.h"

/* A growing set of names; `names` has room for all that can be in it. */
typedef struct name_set {
    const char **names;
    size_t count;
} name_set;

static void add_name(name_set *set, const char *name)
{
    for (size_t i = 0; i < set->count; i++) {
        if (strcmp(set->names[i], name) == 0) {
            return;
        }
    }
    set->names[set->count++] = name;
}

/* Every name that can occur: those asked for, and those that upcasters take or give. */
static size_t count_all_names(const misas_upcasters *upcasters, const char *const *types)
{
    size_t count = misas__names_count(types) + 1;

    for (size_t i = 0; i < upcasters->count; i++) {
        count += 2 + misas__names_count(upcasters->items[i].emits);
    }
    return count;
}

static void add_products(name_set *set, const misas_upcaster *upcaster)
{
    add_name(set, upcaster->to_type);
    for (size_t i = 0; upcaster->emits != NULL && upcaster->emits[i] != NULL; i++) {
        add_name(set, upcaster->emits[i]);
    }
}

/* Whatever an event of a stored type can end as, whichever its version: the type itself too. */
static void add_outcomes(name_set *set, const misas_upcasters *upcasters, const char *type)
{
    add_name(set, type);
    for (size_t done = 0; done < set->count; done++) {
        for (size_t i = 0; i < upcasters->count; i++) {
            if (strcmp(upcasters->items[i].type, set->names[done]) == 0) {
                add_products(set, &upcasters->items[i]);
            }
        }
    }
}

static bool fits(const name_set *outcomes, const char *const *types, misas__become become)
{
    size_t wanted = 0;

    for (size_t i = 0; i < outcomes->count; i++) {
        wanted += misas__names_contain(types, outcomes->names[i]) ? 1 : 0;
    }
    return become == MISAS__BECOME_ONLY ? wanted == outcomes->count : wanted > 0;
}

/* Other stored types become nothing but themselves. */
static void add_candidates(name_set *set, const misas_upcasters *upcasters,
                           const char *const *types)
{
    for (size_t i = 0; types[i] != NULL; i++) {
        add_name(set, types[i]);
    }
    for (size_t i = 0; i < upcasters->count; i++) {
        add_name(set, upcasters->items[i].type);
    }
}

misas_error *misas__upcasters_stored_types(const char ***out, const misas_upcasters *upcasters,
                                           const char *const *types, misas__become become)
{
    size_t room = count_all_names(upcasters, types);
    const char **names = malloc(3 * room * sizeof *names);

    if (names == NULL) {
        return misas_error_out_of_memory();
    }
    name_set result = {.names = names};
    name_set candidates = {.names = names + room};

    add_candidates(&candidates, upcasters, types);
    for (size_t i = 0; i < candidates.count; i++) {
        name_set outcomes = {.names = names + 2 * room};

        add_outcomes(&outcomes, upcasters, candidates.names[i]);
        if (fits(&outcomes, types, become)) {
            result.names[result.count++] = candidates.names[i];
        }
    }
    result.names[result.count] = NULL;
    *out = names;
    return NULL;
}
