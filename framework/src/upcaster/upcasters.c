#include "upcaster/upcasters.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "upcaster/wire.h"

misas_error *misas__upcaster_invalid(const char *type, uint32_t version, const char *reason)
{
    char version_text[12];

    snprintf(version_text, sizeof version_text, "%" PRIu32, version);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_UPCASTER_INVALID,
            .data = (misas_field[]){{"type", type}, {"version", version_text}, {NULL, NULL}},
            .tags = MISAS_TAG_VALIDATION,
        },
        "the upcaster of %s version %s is not valid: %s", type, version_text, reason);
}

misas_error *misas_upcasters_new(misas_upcasters **out)
{
    misas_upcasters *upcasters = calloc(1, sizeof *upcasters);

    if (upcasters == NULL) {
        return misas_error_out_of_memory();
    }
    *out = upcasters;
    return NULL;
}

void misas_upcasters_free(misas_upcasters *upcasters)
{
    if (upcasters != NULL) {
        misas_error_free(upcasters->mistake);
        free(upcasters->items);
        free(upcasters);
    }
}

const misas_upcaster *misas__upcasters_find(const misas_upcasters *upcasters, const char *type,
                                            uint32_t version)
{
    for (size_t i = 0; upcasters != NULL && i < upcasters->count; i++) {
        const misas_upcaster *item = &upcasters->items[i];

        if (item->version == version && strcmp(item->type, type) == 0) {
            return item;
        }
    }
    return NULL;
}

static misas_upcaster with_defaults(const misas_upcaster *upcaster)
{
    misas_upcaster filled = *upcaster;
    bool keeps_type = upcaster->to_type == NULL || strcmp(upcaster->to_type, upcaster->type) == 0;

    if (filled.version == 0) {
        filled.version = 1;
    }
    if (keeps_type) {
        filled.to_type = filled.type;
    }
    if (filled.to_version == 0) {
        filled.to_version = keeps_type ? filled.version + 1 : 1;
    }
    return filled;
}

/* Up to 4 numbers, of fields that there can be, and an end. */
static bool is_path(const uint32_t path[5])
{
    for (size_t i = 0; i < 5; i++) {
        if (path[i] == 0) {
            return true;
        }
        if (path[i] > MISAS__WIRE_MAX_NUMBER) {
            return false;
        }
    }
    return false;
}

/* What a step of its kind lacks, besides its path. */
static const char *kind_problem(const misas_upcast_step *step)
{
    switch (step->kind) {
    case MISAS_STEP_END:
    case MISAS_STEP_REMOVE_FIELD:
    case MISAS_STEP_ADD_VARINT:
        return NULL;
    case MISAS_STEP_MOVE_FIELD:
        return step->to_path[0] == 0 ? "a step that moves a field needs a path to move it to"
                                     : NULL;
    case MISAS_STEP_ADD_BYTES:
        return step->text == NULL ? "a step that adds a text needs the text" : NULL;
    case MISAS_STEP_CHANGE_FIELD:
        return step->change == NULL ? "a step that changes a field needs a function" : NULL;
    }
    return "a step has a kind that there is not";
}

/* NULL when all is well. */
static const char *steps_problem(const misas_upcast_step *steps)
{
    const char *problem = NULL;

    for (; steps != NULL && steps->kind != MISAS_STEP_END && problem == NULL; steps++) {
        problem = kind_problem(steps);
        if (steps->path[0] == 0 || !is_path(steps->path) || !is_path(steps->to_path)) {
            problem = "a step needs a path of 1 to 4 field numbers, ending with 0";
        }
    }
    return problem;
}

static misas_error *find_mistake(const misas_upcasters *upcasters, const misas_upcaster *filled)
{
    const char *problem = steps_problem(filled->steps);

    if (filled->steps != NULL && filled->function != NULL) {
        problem = "it has both steps and a function";
    } else if (filled->emits != NULL && filled->function == NULL) {
        problem = "only a function can emit further types";
    } else if (misas__upcasters_find(upcasters, filled->type, filled->version) != NULL) {
        problem = "there are two";
    }
    return problem != NULL ? misas__upcaster_invalid(filled->type, filled->version, problem) : NULL;
}

static misas_error *add(misas_upcasters *upcasters, const misas_upcaster *upcaster)
{
    if (upcaster->type == NULL || upcaster->type[0] == '\0') {
        return misas__upcaster_invalid("", upcaster->version, "it names no type");
    }
    const misas_upcaster filled = with_defaults(upcaster);
    misas_error *error = find_mistake(upcasters, &filled);

    if (error != NULL) {
        return error;
    }
    misas_upcaster *items = realloc(upcasters->items, (upcasters->count + 1) * sizeof *items);
    if (items == NULL) {
        return misas_error_out_of_memory();
    }
    upcasters->items = items;
    items[upcasters->count++] = filled;
    return NULL;
}

void misas_upcasters_add(misas_upcasters *upcasters, const misas_upcaster *upcaster)
{
    if (upcasters->mistake == NULL) {
        upcasters->mistake = add(upcasters, upcaster);
    }
}

/* Follows what is declared from one upcaster on; more steps than there are upcasters is a circle.
 */
static bool is_in_circle(const misas_upcasters *upcasters, const misas_upcaster *start)
{
    const misas_upcaster *at = start;

    for (size_t i = 0; i <= upcasters->count && at != NULL; i++) {
        at = misas__upcasters_find(upcasters, at->to_type, at->to_version);
    }
    return at != NULL;
}

/* A new error that says the same: the mistake is asked for as often as there are stores. */
static misas_error *copy_mistake(const misas_error *mistake)
{
    if (misas_error_is(mistake, MISAS_ERROR_OUT_OF_MEMORY)) {
        return misas_error_out_of_memory();
    }
    return misas_error_new(&(misas_error_options){
        .type_name = misas_error_type(mistake),
        .message = misas_error_message(mistake),
        .data = misas_error_data_fields(mistake),
        .tags = misas_error_tags(mistake),
    });
}

misas_error *misas_upcasters_check(const misas_upcasters *upcasters)
{
    if (upcasters == NULL) {
        return NULL;
    }
    if (upcasters->mistake != NULL) {
        return copy_mistake(upcasters->mistake);
    }
    for (size_t i = 0; i < upcasters->count; i++) {
        const misas_upcaster *item = &upcasters->items[i];

        if (is_in_circle(upcasters, item)) {
            return misas__upcaster_invalid(item->type, item->version, "it chains in a circle");
        }
    }
    return NULL;
}
