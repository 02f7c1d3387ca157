/** Private: the documents that were found. */
#ifndef MISAS_SRC_DOCUMENTSTORE_DOCUMENT_LIST_H
#define MISAS_SRC_DOCUMENTSTORE_DOCUMENT_LIST_H

#include "documentstore/documents.h"

misas_error *misas__document_list_new(misas_document_list **out);

#endif
