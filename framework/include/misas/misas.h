/** @file
 * All of MISAS.
 */
#ifndef MISAS_MISAS_H
#define MISAS_MISAS_H

#include "misas/aggregate.h"
#include "misas/bus.h"
#include "misas/clock.h"
#include "misas/context.h"
#include "misas/document_store.h"
#include "misas/envelope.h"
#include "misas/error.h"
#include "misas/event.h"
#include "misas/event_store.h"
#include "misas/field.h"
#include "misas/json.h"
#include "misas/log.h"
#include "misas/metadata.h"
#include "misas/postgresql.h"
#include "misas/prediction.h"
#include "misas/processing.h"
#include "misas/schema.h"
#include "misas/secret.h"
#include "misas/sender.h"
#include "misas/setting.h"
#include "misas/storage.h"
#include "misas/subsystem.h"
#include "misas/system.h"
#include "misas/testing.h"
#include "misas/upcaster.h"
#include "misas/uuid.h"

#endif
