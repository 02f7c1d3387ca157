/** The service's predictions. */
#ifndef MISAS_TESTS_SERVICE_PREDICTIONS_H
#define MISAS_TESTS_SERVICE_PREDICTIONS_H

#include "misas/subsystem.h"

/** Interest of so many cents is refused, or ends the process at once. */
enum { predictions_refused_cents = 7, predictions_crashing_cents = 13 };

void predictions_register(misas_subsystem *subsystem);

#endif
