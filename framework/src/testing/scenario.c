#include "testing/scenario.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "subsystem/subsystem.h"

static const int64_t begins_at_us = INT64_C(946684800) * 1000000; /* 2000-01-01T00:00:00Z */

/* Takes the cause. */
static void fail(misas_scenario *scenario, misas_error *cause)
{
    char number[16];

    snprintf(number, sizeof number, "%d", scenario->step);
    scenario->failure = misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS_ERROR_SCENARIO_FAILED,
            .cause = cause,
            .data = (misas_field[]){{"step", number}, {NULL, NULL}},
        },
        "step %d, %s", scenario->step, scenario->title);
}

misas_error *misas__not_as_expected(misas__text *text)
{
    char *message = NULL;
    misas_error *error = misas__text_finish(&message, NULL, text);

    if (error == NULL) {
        error = misas_error_new(
            &(misas_error_options){.type_name = MISAS_ERROR_NOT_AS_EXPECTED, .message = message});
    }
    free(message);
    return error;
}

void misas__scenario_keep_outcome(misas_scenario *scenario, misas_error *error)
{
    if (scenario->outcome == NULL) {
        scenario->outcome = error;
    } else {
        misas_error_free(error);
    }
}

/* Fails the scenario if there was an error that no step was about. */
static void check_outcome(misas_scenario *scenario)
{
    if (scenario->failure == NULL && scenario->outcome != NULL && !scenario->is_outcome_claimed) {
        fail(scenario, misas_error_wrap(scenario->outcome, "there was an error"));
        scenario->outcome = NULL;
    }
}

static void forget_phase(misas_scenario *scenario)
{
    misas__arena_reset(&scenario->arena);
    scenario->before = (misas__prediction_list){0};
    scenario->tried = (misas__prediction_list){0};
    free(scenario->reply);
    scenario->reply = NULL;
    misas_error_free(scenario->outcome);
    scenario->outcome = NULL;
    scenario->is_outcome_claimed = false;
}

/* What comes of the steps from here on is told apart from what was. */
static misas_error *begin_phase(misas_scenario *scenario)
{
    forget_phase(scenario);
    misas_error *error =
        misas__storage_last_position(&scenario->mark, misas_system_storage(scenario->system));

    return error == NULL
               ? misas__scenario_predictions(&scenario->before, scenario, &scenario->arena)
               : error;
}

static bool begins_phase(const misas_scenario *scenario, misas__step_kind kind)
{
    return kind == MISAS__GIVEN || (kind == MISAS__WHEN && scenario->kind != MISAS__WHEN);
}

bool misas__scenario_begin_step(misas_scenario *scenario, misas__step_kind kind, const char *format,
                                ...)
{
    va_list arguments;

    if (scenario == NULL || scenario->failure != NULL) {
        return false;
    }
    if (kind != MISAS__THEN) {
        check_outcome(scenario); /* of the step before */
    }
    if (scenario->failure != NULL) {
        return false;
    }
    scenario->step++;
    va_start(arguments, format);
    vsnprintf(scenario->title, sizeof scenario->title, format, arguments);
    va_end(arguments);
    if (begins_phase(scenario, kind)) {
        misas__scenario_end_step(scenario, begin_phase(scenario));
    }
    scenario->kind = kind;
    return scenario->failure == NULL;
}

void misas__scenario_end_step(misas_scenario *scenario, misas_error *error)
{
    if (error != NULL) {
        fail(scenario, error);
    }
}

void misas__scenario_end_acting(misas_scenario *scenario, misas_error *error)
{
    misas__scenario_end_step(scenario, error == NULL ? misas__scenario_settle(scenario) : error);
    if (scenario->kind == MISAS__GIVEN) {
        check_outcome(scenario);
    }
}

/* Its subsystems, and neither predictor nor entry points. */
static misas_error *choose_subsystems(misas_system *system)
{
    const char **names = calloc(system->part_count + 1, sizeof *names);

    if (names == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < system->part_count; i++) {
        names[i] = misas_subsystem_name(system->parts[i].subsystem);
    }
    misas_error *error =
        system->part_count > 0
            ? misas__system_choose(system, names, system->part_count)
            : misas__system_invalid("the scenario's system", "it has no subsystem");

    free(names);
    return error;
}

static misas_error *start_open(misas_scenario *scenario)
{
    misas_error *error = misas__system_start_chosen(scenario->system);

    if (error == NULL) {
        return begin_phase(scenario);
    }
    misas__system_close(scenario->system);
    return error;
}

static misas_error *start(misas_scenario *scenario)
{
    misas_system *system = scenario->system;
    misas_error *error = misas__system_check(system);

    if (error == NULL) {
        error = misas__system_read_settings(system, NULL);
    }
    if (error == NULL) {
        error = choose_subsystems(system);
    }
    if (error == NULL) {
        error = misas__system_open(system, false);
    }
    return error == NULL ? start_open(scenario) : error;
}

static misas_error *make(misas_scenario *scenario, misas_scenario_register function,
                         const misas_upcasters *upcasters)
{
    misas_error *error = misas_clock_new_fixed(&scenario->clock, begins_at_us);

    if (error == NULL) {
        error =
            misas_system_new(&scenario->system, &(misas_system_options){.name = "scenario",
                                                                        .upcasters = upcasters,
                                                                        .clock = scenario->clock,
                                                                        .is_in_memory = true});
    }
    if (error == NULL) {
        function(scenario->system);
        error = start(scenario);
    }
    return error;
}

misas_scenario *misas_scenario_begin_with(misas_scenario_register function,
                                          const misas_upcasters *upcasters)
{
    misas_scenario *scenario = calloc(1, sizeof *scenario);

    if (scenario == NULL) {
        return NULL;
    }
    snprintf(scenario->title, sizeof scenario->title, "the system starts");
    misas__scenario_end_acting(scenario, make(scenario, function, upcasters));
    return scenario;
}

misas_scenario *misas_scenario_begin(misas_scenario_register function)
{
    return misas_scenario_begin_with(function, NULL);
}

misas_system *misas_scenario_system(misas_scenario *scenario)
{
    return scenario != NULL && scenario->failure == NULL ? scenario->system : NULL;
}

misas_error *misas_scenario_end(misas_scenario *scenario)
{
    if (scenario == NULL) {
        return misas_error_out_of_memory();
    }
    check_outcome(scenario);
    misas_error *failure = scenario->failure;

    if (scenario->system != NULL && scenario->system->storage != NULL) {
        misas_system_stop(scenario->system);
    }
    misas_system_free(scenario->system);
    misas_clock_free(scenario->clock);
    forget_phase(scenario);
    misas__arena_free(&scenario->arena);
    free(scenario);
    return failure;
}
