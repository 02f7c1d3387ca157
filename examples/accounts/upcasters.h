/** How events of older versions become today's. */
#ifndef ACCOUNTS_UPCASTERS_H
#define ACCOUNTS_UPCASTERS_H

#include <misas/misas.h>

misas_error *bank_upcasters_new(misas_upcasters **out);

#endif
