/** Private: stopping a predictor in two steps. */
#ifndef MISAS_SRC_PROCESSING_PREDICTOR_H
#define MISAS_SRC_PROCESSING_PREDICTOR_H

#include "misas/processing.h"

/** Has it publish nothing more, and waits up to `timeout_ms` until what was published is handled.
 * Then those who handle it may be stopped, who answer what is left, and then the predictor. */
void misas__predictor_finish(misas_predictor *predictor, int timeout_ms);

#endif
