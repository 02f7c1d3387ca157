/** Private: a prediction as the message that it becomes when its time has come. */
#ifndef MISAS_SRC_PROCESSING_FIRING_H
#define MISAS_SRC_PROCESSING_FIRING_H

#include "misas/envelope.h"
#include "storage/prediction_claims.h"

enum { misas__firing_source_size = 48 };

/** As it goes on the bus; borrows all, also `source`, which it fills in. */
misas_envelope misas__firing_envelope(char source[misas__firing_source_size],
                                      const misas__prediction *prediction);

#endif
