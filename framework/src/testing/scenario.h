/** Private: the inside of a scenario. */
#ifndef MISAS_SRC_TESTING_SCENARIO_H
#define MISAS_SRC_TESTING_SCENARIO_H

#include "memory/arena.h"
#include "misas/testing.h"
#include "storage/transaction.h"
#include "system/system.h"
#include "text/text.h"

/** What a step does: prepare, act, or look. */
typedef enum misas__step_kind { MISAS__GIVEN, MISAS__WHEN, MISAS__THEN } misas__step_kind;

/** Predictions, as copies in an arena. */
typedef struct misas__prediction_list {
    const misas__prediction *items;
    size_t count;
} misas__prediction_list;

enum { misas__step_title_size = 200 };

struct misas_scenario {
    misas_system *system;
    misas_clock *clock;
    misas_error *failure; /* the first step that failed; NULL: none did */
    int step;             /* the number of the current one */
    misas__step_kind kind;
    bool has_stopped; /* by a fatal error: nothing more is handled */
    char title[misas__step_title_size];

    /* What follows is of the steps with `when` in a row, and what came of them. */
    misas__arena arena;
    uint64_t mark;                 /* the log's last position before them */
    int64_t last_dead_letter;      /* likewise */
    misas__prediction_list before; /* predictions, likewise */
    misas__prediction_list tried;  /* predictions that occurred */
    misas_reply *reply;
    misas_error *outcome;    /* an error; NULL: there was none */
    bool is_outcome_claimed; /* a step was about it */
};

/** Begins a step: false when the scenario has failed, or this fails it. The title says what the
 * step is. */
bool misas__scenario_begin_step(misas_scenario *scenario, misas__step_kind kind, const char *format,
                                ...) MISAS_PRINTF_LIKE(3, 4);

/** Ends it, also by the error that it failed with, which is taken. */
void misas__scenario_end_step(misas_scenario *scenario, misas_error *error);

/** Ends a step that did something: waits until all that it led to is done. */
void misas__scenario_end_acting(misas_scenario *scenario, misas_error *error);

/** Things are not as expected: in the words of the text, which is taken. */
misas_error *misas__not_as_expected(misas__text *text);

/** Keeps what came of the steps, the first error only. Takes the error. */
void misas__scenario_keep_outcome(misas_scenario *scenario, misas_error *error);

/** Waits until all events and sent commands are handled. Errors: MISAS_ERROR_NOT_SETTLED. */
misas_error *misas__scenario_wait(misas_scenario *scenario);

/** As above, and has what is due occur. */
misas_error *misas__scenario_settle(misas_scenario *scenario);

/** Has the predictions occur that are due by then, each at its time, and moves the clock there. */
misas_error *misas__scenario_move_clock(misas_scenario *scenario, int64_t to_us);

/** The predictions there are, in the order of their times. */
misas_error *misas__scenario_predictions(misas__prediction_list *out, misas_scenario *scenario,
                                         misas__arena *arena);

/** Whether this very prediction is among them. */
bool misas__prediction_list_has(const misas__prediction_list *list,
                                const misas__prediction *prediction);

/** Predicts it. */
misas_error *misas__scenario_predict(misas_scenario *scenario, const misas_example *prediction,
                                     int64_t due_at_us);

#endif
