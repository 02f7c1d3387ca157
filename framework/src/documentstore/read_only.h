/** Private: documents that can be looked at only, for whoever must change nothing. */
#ifndef MISAS_SRC_DOCUMENTSTORE_READ_ONLY_H
#define MISAS_SRC_DOCUMENTSTORE_READ_ONLY_H

#include "documentstore/documents.h"

/** Lives as long as what it looks at; there is nothing to free. */
typedef struct misas__read_only_documents {
    misas_documents base;
    misas_documents *inner;
} misas__read_only_documents;

void misas__read_only_documents_begin(misas__read_only_documents *out, misas_documents *documents);

#endif
