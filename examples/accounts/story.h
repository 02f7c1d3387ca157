/** What happens in this example, in the order in which it is printed. */
#ifndef ACCOUNTS_STORY_H
#define ACCOUNTS_STORY_H

#include <misas/misas.h>

misas_error *story_tell(misas_event_store *store);

#endif
