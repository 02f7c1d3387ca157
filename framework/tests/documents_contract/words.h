/** Documents written as words, so that a test reads as what it writes and what it then finds.
 *
 * A word is the id of a document, and, after a colon, a number: "a:1" has the content {"n":1}. "@3"
 * at its end is the version: "a:1@3". */
#ifndef MISAS_TESTS_DOCUMENTS_CONTRACT_WORDS_H
#define MISAS_TESTS_DOCUMENTS_CONTRACT_WORDS_H

#include "documents_contract/fixture.h"
#include "support/test.h"

enum { max_words = 32 };

/** Conditions, to begin with the first: QUERY({"n", MISAS_EQUAL, .value = "1"}). */
#define QUERY(...) \
    (&(misas_document_query){.conditions = (misas_condition[]){__VA_ARGS__, {.path = NULL}}})

typedef misas_error *(*writing)(misas_documents *documents, const char *collection,
                                const misas_document *items, size_t count);

/** Calls one of misas_documents_insert, _upsert, _update and _delete. */
misas_error *words_write(writing write, misas_documents *documents, const char *collection,
                         const char *text);

/** Writes one document. */
misas_error *write_content(writing write, misas_documents *documents, const char *id,
                           const char *content);

/** Documents with the collection "c". */
fixture *fixture_open_with_collection(void);

/** Fails unless these are all the documents of "c": "a:1@1 b:2@1". */
#define assert_has(documents, text) words_assert_has((documents), "c", (text), __FILE__, __LINE__)

void words_assert_has(misas_documents *documents, const char *collection, const char *text,
                      const char *file, int line);

/** Fails unless a query finds the documents of these ids in "c", in this order. */
#define assert_finds(documents, query, text) \
    words_assert_finds((documents), (query), (text), __FILE__, __LINE__)

void words_assert_finds(misas_documents *documents, const misas_document_query *query,
                        const char *text, const char *file, int line);

/** Fails unless the content of a document of "c" is, as JSON, `content`. */
#define assert_content(documents, id, content) \
    words_assert_content((documents), (id), (content), __FILE__, __LINE__)

void words_assert_content(misas_documents *documents, const char *id, const char *content,
                          const char *file, int line);

/** Fails unless the datum called `name` is `value`. The error stays the caller's. */
#define assert_error_data(error, name, value) \
    words_assert_error_data((error), (name), (value), __FILE__, __LINE__)

void words_assert_error_data(const misas_error *error, const char *name, const char *value,
                             const char *file, int line);

/** Fails unless `error` has this type and names this document of "c"; frees it. */
#define assert_error_names(error, type_name, id) \
    words_assert_error_names((error), (type_name), (id), __FILE__, __LINE__)

void words_assert_error_names(misas_error *error, const char *type_name, const char *id,
                              const char *file, int line);

/** Fails unless `error` is a MISAS_ERROR_DOCUMENT_INVALID of this field, whose text contains
 * `reason`; frees it. */
#define assert_invalid(error, field, reason) \
    words_assert_invalid((error), (field), (reason), __FILE__, __LINE__)

void words_assert_invalid(misas_error *error, const char *field, const char *reason,
                          const char *file, int line);

#endif
