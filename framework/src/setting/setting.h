/** Private: what settings say of themselves, in errors and in the help. */
#ifndef MISAS_SRC_SETTING_SETTING_H
#define MISAS_SRC_SETTING_SETTING_H

#include "misas/setting.h"
#include "text/text.h"

/** Appends which values a setting takes, as in "a whole number from 1 to 10". */
void misas__setting_append_expected(misas__text *text, const misas_setting *setting);

/** Appends the option of a setting, as in "--log-level". */
void misas__setting_append_option(misas__text *text, const misas_setting *setting,
                                  const char *prefix);

/** What the command line says of a setting; NULLs: nothing. */
typedef struct misas__given_setting {
    char *option; /* as messages call it */
    const char *value;
} misas__given_setting;

/** Where settings come from. */
typedef struct misas__setting_sources {
    const misas__given_setting *given; /* one for each of the table; NULL: nothing is */
    bool ignores_environment;
} misas__setting_sources;

misas_error *misas__settings_read(void *settings_struct, const misas_setting *table,
                                  const misas__setting_sources *sources);

#endif
