#include <string.h>

#include "system/settings.h"
#include "text/text.h"

enum { max_rate_digits = 15 };

static misas_error *invalid(const char *variable, const char *value, const char *expected)
{
    char quoted[MISAS__QUOTED_SIZE];

    return misas_error_new_format(
        &(misas_error_options){.type_name = MISAS_ERROR_SETTING_INVALID,
                               .data = (misas_field[]){{"setting", variable},
                                                       {"value", value},
                                                       {"expected", expected},
                                                       {NULL, NULL}},
                               .tags = MISAS_TAG_VALIDATION},
        "%s is %s: expected %s", variable, misas__text_quote(quoted, value), expected);
}

static misas_error *anchor_missing(void)
{
    static const char expected[] = "it beside MISAS_CLOCK_ORIGIN or MISAS_CLOCK_RATE";

    return misas_error_new_format(
        &(misas_error_options){.type_name = MISAS_ERROR_SETTING_MISSING,
                               .data = (misas_field[]){{"setting", "MISAS_CLOCK_ANCHOR"},
                                                       {"expected", expected},
                                                       {NULL, NULL}},
                               .tags = MISAS_TAG_VALIDATION},
        "MISAS_CLOCK_ANCHOR is not set: expected %s", expected);
}

static misas_error *read_time(int64_t *out_us, const char *variable, const char *text)
{
    misas_error *error = misas_time_parse(out_us, text);

    if (error == NULL) {
        return NULL;
    }
    misas_error_free(error);
    return invalid(variable, text, "a time in RFC 3339, as in 2030-01-31T12:00:00Z");
}

/* Digits, with a point and digits after them or not. Not strtod, whose point is the locale's. */
static bool parse_positive(double *out, const char *text)
{
    size_t before = strspn(text, "0123456789");
    const char *fraction = text[before] == '.' ? text + before + 1 : text + before;
    size_t after = strspn(fraction, "0123456789");
    double divisor = 1;
    double value = 0;

    if (before == 0 || before + after > max_rate_digits || fraction[after] != '\0' ||
        (text[before] == '.' && after == 0)) {
        return false;
    }
    for (const char *digit = text; *digit != '\0'; digit++) {
        if (*digit != '.') {
            value = 10 * value + (*digit - '0');
            divisor *= digit > text + before ? 10 : 1;
        }
    }
    *out = value / divisor;
    return value > 0;
}

static misas_error *read_rate(double *out, const char *text)
{
    return parse_positive(out, text)
               ? NULL
               : invalid("MISAS_CLOCK_RATE", text, "a positive number, as in 0.5 or 60");
}

misas_error *misas__read_clock_scale(misas_clock_scale *out, bool *out_is_scaled,
                                     const misas__system_settings *settings)
{
    misas_error *error = NULL;

    *out = (misas_clock_scale){.rate = 1};
    *out_is_scaled = settings->clock_origin != NULL || settings->clock_rate != NULL;
    if (settings->clock_anchor == NULL) {
        return *out_is_scaled ? anchor_missing() : NULL;
    }
    error = read_time(&out->anchor_us, "MISAS_CLOCK_ANCHOR", settings->clock_anchor);
    out->origin_us = out->anchor_us;
    if (error == NULL && settings->clock_origin != NULL) {
        error = read_time(&out->origin_us, "MISAS_CLOCK_ORIGIN", settings->clock_origin);
    }
    if (error == NULL && settings->clock_rate != NULL) {
        error = read_rate(&out->rate, settings->clock_rate);
    }
    return error;
}
