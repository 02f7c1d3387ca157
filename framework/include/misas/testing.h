/** @file
 * Testing: scenarios about a system, in the words given, when, then.
 *
 * A scenario runs a system as it is, its subsystems, event processors and predictions, in memory
 * and with a clock that only the scenario moves. Each step waits until all that it led to is done:
 * events were handled, sent commands too, and predictions whose time has come.
 *
 *     misas_scenario *scenario = misas_scenario_begin(bank_register);
 *
 *     misas_scenario_given_events(scenario, "account-7",
 *                                 MISAS_EXAMPLES(BANK_V1_OPENED(.owner = "Ada")));
 *     misas_scenario_when_command(scenario, BANK_V1_WITHDRAW(.account = "7", .cents = 500));
 *     misas_scenario_then_has_none(scenario, "account-7");
 *     misas_scenario_then_error_is(scenario, "bank.overdraft");
 *     error = misas_scenario_end(scenario);
 *
 * The scenario keeps the first step that fails, does nothing from then on, and reports it at its
 * end. What `then` is about is all that came of the steps with `when` before it, up to the step
 * before those that is none. An error that no `then` is about fails the scenario.
 *
 * It is used by one thread. All functions accept NULL, a scenario for which there was no memory.
 */
#ifndef MISAS_TESTING_H
#define MISAS_TESTING_H

#include "misas/system.h"

#ifdef __cplusplus
extern "C" {
#endif

/** A step failed; data: "step". The cause says why; where things are not as expected, value by
 * value. */
#define MISAS_ERROR_SCENARIO_FAILED "misas.testing.scenario_failed"
/** Things are not as a step says. */
#define MISAS_ERROR_NOT_AS_EXPECTED "misas.testing.not_as_expected"
/** What a step led to was not done within 10 s; data: "reason". */
#define MISAS_ERROR_NOT_SETTLED "misas.testing.not_settled"

/** As the name of a stream: all streams of the system's, in the order of the log. */
#define MISAS_ALL_STREAMS "$all"

/** A message, as an example: for each message of a .proto file, protoc-gen-misas defines a macro
 * that makes one of it: BANK_V1_DEPOSIT(.account = "7", .cents = 500). Its arguments are members of
 * its C type; those that are left out have their default value. Messages within it are literals of
 * their C types, as in .paid_at = &(Google__Protobuf__Timestamp){.seconds = 1}. It lives as long as
 * the block it stands in. In C only. */
typedef struct misas_example {
    const misas_type *type;
    const void *message; /**< of the type's C type; `base` is not looked at, also within it */
} misas_example;

/** Examples as a list, one at least: MISAS_EXAMPLES(A(.a = 1), B(.b = 2)). */
#define MISAS_EXAMPLES(...) ((const misas_example[]){__VA_ARGS__, {NULL, NULL}})

typedef struct misas_scenario misas_scenario;

/** Registers what a system consists of, as its `main` does. */
typedef void (*misas_scenario_register)(misas_system *system);

/** Begins a scenario about a system, at 2000-01-01T00:00:00Z. Its entry points do not start. NULL
 * when there is no memory. */
misas_scenario *misas_scenario_begin(misas_scenario_register function);

/** As above, for events of old versions: what reads them reads them upcast. */
misas_scenario *misas_scenario_begin_with(misas_scenario_register function,
                                          const misas_upcasters *upcasters);

/** Ends and frees it. Errors: MISAS_ERROR_SCENARIO_FAILED. */
misas_error *misas_scenario_end(misas_scenario *scenario);

/** What else a test may look at, or call; belongs to the scenario. NULL after a failure. */
misas_system *misas_scenario_system(misas_scenario *scenario);

/* Given: how things were. */

/** It is this time (RFC 3339): the clock goes there without anything else happening on the way.
 * Predictions that are due by then occur. */
void misas_scenario_given_time(misas_scenario *scenario, const char *time);

/** The stream has these events, after those it has. They are handled as any. */
void misas_scenario_given_events(misas_scenario *scenario, const char *stream,
                                 const misas_example *events);

/** There is this document, a JSON object, in the collection, which is made if need be. */
void misas_scenario_given_document(misas_scenario *scenario, const char *collection, const char *id,
                                   const char *content);

/** This is predicted for a time (RFC 3339). */
void misas_scenario_given_prediction(misas_scenario *scenario, misas_example prediction,
                                     const char *due);

/* When: what happens. */

/** A command is sent, and answered. */
void misas_scenario_when_command(misas_scenario *scenario, misas_example command);

/** A query is asked. */
void misas_scenario_when_query(misas_scenario *scenario, misas_example query);

/** An event is recorded by somebody else, and handled. */
void misas_scenario_when_event(misas_scenario *scenario, const char *stream, misas_example event);

/** A prediction occurs that was made for this moment. */
void misas_scenario_when_prediction(misas_scenario *scenario, misas_example prediction);

/** Time passes: each prediction that becomes due on the way occurs at its own time, the earliest
 * first, and all that it leads to is done by then. */
void misas_scenario_when_time_passes(misas_scenario *scenario, int64_t by_ms);

/** An event processor, as in "bank.balances", is reset: what it made is made anew. Takes a second,
 * which the processor may need to see that. */
void misas_scenario_when_reset(misas_scenario *scenario, const char *processor);

/* Then: what came of it. Events are compared with the examples value by value. Commands that
 * handlers send, and what the store notes for itself, are no events here. */

/** Exactly these events were recorded, in this order. */
void misas_scenario_then_has_exactly(misas_scenario *scenario, const char *stream,
                                     const misas_example *events);

/** These events were recorded, perhaps others too, in any order. */
void misas_scenario_then_contains(misas_scenario *scenario, const char *stream,
                                  const misas_example *events);

/** No event was recorded. */
void misas_scenario_then_has_none(misas_scenario *scenario, const char *stream);

/** The last command or query was answered with this. */
void misas_scenario_then_reply_is(misas_scenario *scenario, misas_example reply);

/** The command or query was refused with an error of this type, or with this tag; or, where none
 * was, a handler of an event or a prediction failed with it. */
void misas_scenario_then_error_is(misas_scenario *scenario, const char *type_name);
void misas_scenario_then_error_has_tag(misas_scenario *scenario, const char *tag);

/** There is this prediction now, for this time (RFC 3339), and there was not before. */
void misas_scenario_then_prediction_added(misas_scenario *scenario, misas_example prediction,
                                          const char *due);

/** There was this prediction before, and now there is not, though it has not occurred. */
void misas_scenario_then_prediction_cancelled(misas_scenario *scenario, misas_example prediction);

/** The document has this content, a JSON object: nothing more, nothing less. */
void misas_scenario_then_document_is(misas_scenario *scenario, const char *collection,
                                     const char *id, const char *content);

/** There is no such document, or no such collection. */
void misas_scenario_then_no_document(misas_scenario *scenario, const char *collection,
                                     const char *id);

#ifdef __cplusplus
}
#endif

#endif
