#include <math.h>
#include <string.h>

#include "documentstore/json_value.h"

/* The kinds of values, in their order. */
typedef enum value_kind {
    kind_number,
    kind_string,
    kind_boolean,
    kind_other,
    kind_none
} value_kind;

static value_kind kind_of(const json_t *value)
{
    if (value == NULL) {
        return kind_none;
    }
    if (json_is_number(value)) {
        return kind_number;
    }
    if (json_is_string(value)) {
        return kind_string;
    }
    return json_is_boolean(value) ? kind_boolean : kind_other;
}

/* `right` is no whole number that fits: those are integers. So a double is exact enough. */
static int compare_whole_to_real(json_int_t left, double right)
{
    if (right >= 0x1p63) {
        return -1;
    }
    if (right < -0x1p63) {
        return 1;
    }
    return left <= (json_int_t)floor(right) ? -1 : 1;
}

static int compare_numbers(const json_t *left, const json_t *right)
{
    if (json_is_integer(left) && json_is_integer(right)) {
        json_int_t a = json_integer_value(left);
        json_int_t b = json_integer_value(right);

        return (a > b) - (a < b);
    }
    if (json_is_integer(left)) {
        return compare_whole_to_real(json_integer_value(left), json_real_value(right));
    }
    if (json_is_integer(right)) {
        return -compare_whole_to_real(json_integer_value(right), json_real_value(left));
    }
    double a = json_real_value(left);
    double b = json_real_value(right);

    return (a > b) - (a < b);
}

/* Of two values of the same kind; those of the other kinds have no order. */
static int compare(value_kind kind, const json_t *left, const json_t *right)
{
    switch (kind) {
    case kind_number:
        return compare_numbers(left, right);
    case kind_string:
        return strcmp(json_string_value(left), json_string_value(right));
    case kind_boolean:
        return (int)json_is_true(left) - (int)json_is_true(right);
    case kind_other:
    case kind_none:
        break;
    }
    return 0;
}

static bool is_less(const json_t *left, const json_t *right)
{
    value_kind kind = kind_of(left);

    return kind == kind_of(right) && compare(kind, left, right) < 0;
}

static bool is_one_of(const json_t *value, const json_t *array)
{
    for (size_t i = 0; i < json_array_size(array); i++) {
        if (json_equal(value, json_array_get(array, i))) {
            return true;
        }
    }
    return false;
}

static bool starts_with(const json_t *value, const json_t *start)
{
    return json_is_string(value) && strncmp(json_string_value(value), json_string_value(start),
                                            json_string_length(start)) == 0;
}

/* `value` is there. */
static bool value_fits(const json_t *value, const misas__condition *condition)
{
    const json_t *operand = condition->value;

    switch (condition->operator_) {
    case MISAS_EQUAL:
        return json_equal(value, operand);
    case MISAS_NOT_EQUAL:
        return !json_equal(value, operand);
    case MISAS_LESS:
        return is_less(value, operand);
    case MISAS_LESS_OR_EQUAL:
        return is_less(value, operand) || json_equal(value, operand);
    case MISAS_GREATER:
        return is_less(operand, value);
    case MISAS_GREATER_OR_EQUAL:
        return is_less(operand, value) || json_equal(value, operand);
    case MISAS_ONE_OF:
        return is_one_of(value, operand);
    case MISAS_STARTS_WITH:
        return starts_with(value, operand);
    case MISAS_EXISTS:
        return true;
    case MISAS_EXISTS_NOT:
        return false;
    }
    return false;
}

bool misas__json_value_fits(json_t *document, const misas__condition *conditions, size_t count)
{
    bool fits = true;

    for (size_t i = 0; i < count && fits; i++) {
        const json_t *value = misas__json_value_at(document, conditions[i].path);
        misas_condition_operator operator_ = conditions[i].operator_;

        fits = value != NULL ? value_fits(value, &conditions[i])
                             : operator_ == MISAS_NOT_EQUAL || operator_ == MISAS_EXISTS_NOT;
    }
    return fits;
}

int misas__json_value_order(const json_t *left, const json_t *right, bool is_descending)
{
    value_kind left_kind = kind_of(left);
    value_kind right_kind = kind_of(right);
    int order = left_kind != right_kind ? (int)left_kind - (int)right_kind
                                        : compare(left_kind, left, right);
    bool is_turned = is_descending && left_kind != kind_none && right_kind != kind_none;

    return is_turned ? (order < 0) - (order > 0) : order;
}
