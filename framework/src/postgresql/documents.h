/** Private: documents on PostgreSQL. Ended with misas__documents_free. */
#ifndef MISAS_SRC_POSTGRESQL_DOCUMENTS_H
#define MISAS_SRC_POSTGRESQL_DOCUMENTS_H

#include "misas/document_store.h"
#include "postgresql/connection.h"

/** Each call is a transaction of its own, on a connection of the pool; any thread. */
misas_error *misas__postgresql_documents_new(misas_documents **out, misas_postgresql *database);

/** Each call runs on the connection that `*connection` is then, within the transaction that it is
 * in. A call that fails leaves the transaction fit to go on, unless the database itself refused a
 * statement. */
misas_error *misas__postgresql_documents_in_transaction_new(misas_documents **out,
                                                            misas__connection *const *connection);

#endif
