/** A projection of the ledger: a document for each deposit. */
#ifndef MISAS_TESTS_SERVICE_NOTES_H
#define MISAS_TESTS_SERVICE_NOTES_H

#include "misas/subsystem.h"

/** Where the documents are; their ids are the positions of the events. */
#define NOTES_COLLECTION "notes"

/** A deposit of so many cents fails, and is set aside. */
enum { notes_failing_cents = 13 };

/** Adds the processors "notes", which can be reset and is returned, and "other", which can't. */
misas_event_processor *notes_register(misas_subsystem *subsystem);

#endif
