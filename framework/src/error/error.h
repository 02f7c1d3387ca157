/** Private: what it takes to write errors and to make them again of what was written. */
#ifndef MISAS_SRC_ERROR_ERROR_H
#define MISAS_SRC_ERROR_ERROR_H

#include "misas/error.h"

/** The first error that has a type: `error` itself, unless it is a wrap. NULL for NULL only: a wrap
 * always has a cause, and the last cause always has a type. */
const misas_error *misas__error_typed(const misas_error *error);

/** Makes an error or, without a type, a wrap: that must have a cause. NULL when there is no memory;
 * the cause is then still the caller's. */
misas_error *misas__error_build(const misas_error_options *options);

#endif
