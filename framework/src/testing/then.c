/* The steps that look at answers, errors, predictions and documents. */
#include <string.h>

#include "testing/compare.h"
#include "testing/example.h"
#include "testing/scenario.h"

/* Of what is compared: an error if there are differences. Takes both. */
static misas_error *conclude(misas_error *error, size_t count, misas__text *text)
{
    if (error == NULL && count > 0) {
        error = misas__not_as_expected(text);
    }
    misas__text_free(text);
    return error;
}

static misas_error *look_at_reply(const misas_reply *reply, const misas_example *expected)
{
    misas__text text = {0};
    size_t count = 1;
    misas_error *error = NULL;

    if (reply == NULL || reply->type == NULL) {
        misas__text_append_format(&text, "expected %s, found %s", misas__example_name(expected),
                                  reply == NULL ? "no answer" : "an answer without content");
    } else {
        error =
            misas__example_compare(&count, &text, expected,
                                   &(misas__found_message){reply->type, expected->type->version,
                                                           reply->payload, reply->payload_size});
    }
    return conclude(error, count, &text);
}

void misas_scenario_then_reply_is(misas_scenario *scenario, misas_example reply)
{
    if (misas__scenario_begin_step(scenario, MISAS__THEN, "then the reply is %s",
                                   misas__example_name(&reply))) {
        misas__scenario_end_step(scenario, look_at_reply(scenario->reply, &reply));
    }
}

static misas_error *other_error(const misas_scenario *scenario, const char *what, const char *value)
{
    char found[1000] = "";
    misas__text text = {0};
    const misas_error *outcome = scenario->outcome;

    misas__text_append_format(&text, "expected an error %s %s, found ", what, value);
    if (outcome == NULL) {
        misas__text_append_string(&text, "none");
    } else {
        misas_error_write(found, sizeof found, outcome);
        misas__text_append_format(&text, "%s (tags: %s): %s", misas_error_type(outcome),
                                  misas_error_tags(outcome), found);
    }
    return misas__not_as_expected(&text);
}

void misas_scenario_then_error_is(misas_scenario *scenario, const char *type_name)
{
    if (misas__scenario_begin_step(scenario, MISAS__THEN, "then the error is %s", type_name)) {
        scenario->is_outcome_claimed = true;
        misas__scenario_end_step(scenario, misas_error_is(scenario->outcome, type_name)
                                               ? NULL
                                               : other_error(scenario, "of type", type_name));
    }
}

void misas_scenario_then_error_has_tag(misas_scenario *scenario, const char *tag)
{
    if (misas__scenario_begin_step(scenario, MISAS__THEN, "then the error has the tag %s", tag)) {
        scenario->is_outcome_claimed = true;
        misas__scenario_end_step(scenario, misas_error_has_tag(scenario->outcome, tag)
                                               ? NULL
                                               : other_error(scenario, "tagged", tag));
    }
}

static bool is_of_type(const misas__prediction *prediction, const misas_example *expected)
{
    return strcmp(prediction->content.type, misas__example_name(expected)) == 0;
}

/* Predictions of the example's type that are in one list, and not in another. */
typedef struct changed_predictions {
    const misas__prediction_list *in;
    const misas__prediction_list *not_in;
    const misas_example *expected;
    const char *due; /* NULL: whenever */
} changed_predictions;

/* Appends what is different between a prediction and the example. */
static misas_error *compare_prediction(size_t *out_count, misas__text *text,
                                       const changed_predictions *changed,
                                       const misas__prediction *prediction)
{
    const misas_new_prediction *content = &prediction->content;
    char found[MISAS_TIME_TEXT_SIZE];
    int64_t due_at_us = content->due_at_us;
    misas_error *error = changed->due != NULL ? misas_time_parse(&due_at_us, changed->due) : NULL;

    if (error == NULL) {
        error = misas__example_compare(out_count, text, changed->expected,
                                       &(misas__found_message){content->type, content->type_version,
                                                               content->payload,
                                                               content->payload_size});
    }
    if (error == NULL && due_at_us != content->due_at_us) {
        misas__text_append_format(text, "%sdue: expected %s, found %s", *out_count > 0 ? "; " : "",
                                  changed->due, misas_time_write(found, content->due_at_us));
        ++*out_count;
    }
    return error;
}

/* Finds one that is as expected; else says how the others differ. */
static misas_error *find_prediction(bool *out_found, misas__text *others,
                                    const changed_predictions *changed)
{
    misas_error *error = NULL;

    for (size_t i = 0; i < changed->in->count && error == NULL && !*out_found; i++) {
        const misas__prediction *prediction = &changed->in->items[i];
        misas__text differences = {0};
        size_t count = 0;

        if (!is_of_type(prediction, changed->expected) ||
            misas__prediction_list_has(changed->not_in, prediction)) {
            continue;
        }
        error = compare_prediction(&count, &differences, changed, prediction);
        *out_found = error == NULL && count == 0;
        if (count > 0) {
            misas__text_append_string(others, "; there is one with ");
            misas__text_append(others, differences.bytes, differences.size);
        }
        misas__text_free(&differences);
    }
    return error;
}

static misas_error *expect_prediction(const changed_predictions *changed)
{
    bool is_found = false;
    misas__text text = {0};
    misas__text others = {0};
    misas_error *error = find_prediction(&is_found, &others, changed);

    if (error == NULL && !is_found) {
        misas__text_append_string(&text, "expected ");
        error = misas__example_describe(&text, changed->expected);
        misas__text_append_string(&text, ", found none");
        misas__text_append(&text, others.bytes != NULL ? others.bytes : "", others.size);
    }
    misas__text_free(&others);
    return conclude(error, is_found ? 0 : 1, &text);
}

static misas_error *look_for_added(misas_scenario *scenario, const misas_example *expected,
                                   const char *due)
{
    misas__arena arena = {0};
    misas__prediction_list now;
    misas_error *error = misas__scenario_predictions(&now, scenario, &arena);

    if (error == NULL) {
        error = expect_prediction(&(changed_predictions){&now, &scenario->before, expected, due});
    }
    misas__arena_free(&arena);
    return error;
}

void misas_scenario_then_prediction_added(misas_scenario *scenario, misas_example prediction,
                                          const char *due)
{
    if (misas__scenario_begin_step(scenario, MISAS__THEN, "then the prediction %s is added",
                                   misas__example_name(&prediction))) {
        misas__scenario_end_step(scenario, look_for_added(scenario, &prediction, due));
    }
}

/* Gone are those that occurred, too. */
static misas_error *look_for_cancelled(misas_scenario *scenario, const misas_example *expected)
{
    misas__arena arena = {0};
    misas__prediction_list now;
    misas_error *error = misas__scenario_predictions(&now, scenario, &arena);
    size_t count = now.count + scenario->tried.count;
    misas__prediction *others =
        error == NULL ? misas__arena_allocate(&arena, (count + 1) * sizeof *others) : NULL;

    if (others != NULL) {
        for (size_t i = 0; i < count; i++) {
            others[i] = i < now.count ? now.items[i] : scenario->tried.items[i - now.count];
        }
        const misas__prediction_list kept = {others, count};

        error = expect_prediction(&(changed_predictions){&scenario->before, &kept, expected, NULL});
    } else if (error == NULL) {
        error = misas_error_out_of_memory();
    }
    misas__arena_free(&arena);
    return error;
}

void misas_scenario_then_prediction_cancelled(misas_scenario *scenario, misas_example prediction)
{
    if (misas__scenario_begin_step(scenario, MISAS__THEN, "then the prediction %s is cancelled",
                                   misas__example_name(&prediction))) {
        misas__scenario_end_step(scenario, look_for_cancelled(scenario, &prediction));
    }
}

static misas_error *find_document(misas_document_list **out, misas_scenario *scenario,
                                  const char *collection, const char *id)
{
    return misas_documents_find_by_id(
        out, misas_storage_documents(misas_system_storage(scenario->system)), collection, id);
}

static misas_error *look_at_document(misas_scenario *scenario, const char *collection,
                                     const char *id, const char *content)
{
    misas_document_list *list = NULL;
    misas__text text = {0};
    size_t count = 0;
    misas_error *error = find_document(&list, scenario, collection, id);

    if (error == NULL) {
        error =
            misas__json_compare(&count, &text, content, misas_document_list_get(list, 0)->content);
    }
    misas_document_list_free(list);
    return conclude(error, count, &text);
}

void misas_scenario_then_document_is(misas_scenario *scenario, const char *collection,
                                     const char *id, const char *content)
{
    if (misas__scenario_begin_step(scenario, MISAS__THEN, "then the document %s of %s is", id,
                                   collection)) {
        misas__scenario_end_step(scenario, look_at_document(scenario, collection, id, content));
    }
}

static misas_error *look_for_none(misas_scenario *scenario, const char *collection, const char *id)
{
    misas_document_list *list = NULL;
    misas__text text = {0};
    misas_error *error = find_document(&list, scenario, collection, id);

    if (misas_error_has_tag(error, MISAS_TAG_NOT_FOUND)) {
        misas_error_free(error);
        return NULL;
    }
    if (error == NULL) {
        misas__text_append_format(&text, "expected none, found %s",
                                  misas_document_list_get(list, 0)->content);
    }
    misas_document_list_free(list);
    return conclude(error, 1, &text);
}

void misas_scenario_then_no_document(misas_scenario *scenario, const char *collection,
                                     const char *id)
{
    if (misas__scenario_begin_step(scenario, MISAS__THEN, "then there is no document %s of %s", id,
                                   collection)) {
        misas__scenario_end_step(scenario, look_for_none(scenario, collection, id));
    }
}
