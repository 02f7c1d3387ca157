/** Private: publishing predictions, and stopping a predictor in two steps. */
#ifndef MISAS_SRC_PROCESSING_PREDICTOR_H
#define MISAS_SRC_PROCESSING_PREDICTOR_H

#include "misas/envelope.h"
#include "misas/processing.h"
#include "storage/prediction_claims.h"

/** Has it publish nothing more, and waits up to `timeout_ms` until what was published is handled.
 * Then those who handle it may be stopped, who answer what is left, and then the predictor. */
void misas__predictor_finish(misas_predictor *predictor, int timeout_ms);

enum { misas__firing_source_size = 48 };

/** A prediction whose time has come, as it goes on the bus; borrows all, also `source`, which it
 * fills in. */
misas_envelope misas__firing_envelope(char source[misas__firing_source_size],
                                      const misas__prediction *prediction);

#endif
