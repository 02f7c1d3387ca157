/** Private: what settings say of themselves, in errors and in the help. */
#ifndef MISAS_SRC_SETTING_SETTING_H
#define MISAS_SRC_SETTING_SETTING_H

#include "misas/setting.h"
#include "text/text.h"

/** Appends which values a setting takes, as in "a whole number from 1 to 10". */
void misas__setting_append_expected(misas__text *text, const misas_setting *setting);

#endif
