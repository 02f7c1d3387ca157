#include "postgresql/documents.h"

#include <stdlib.h>
#include <string.h>

#include "documentstore/documents.h"
#include "postgresql/document_content.h"
#include "postgresql/document_query.h"
#include "postgresql/pool.h"
#include "postgresql/sql.h"
#include "postgresql/wire_numbers.h"
#include "text/names.h"

/* Either has a pool, or the connection of a transaction. */
typedef struct postgresql_documents {
    misas_documents documents;
    misas_postgresql *database;
    misas__connection *const *connection;
} postgresql_documents;

/* Each call is this one statement, or only reads: so it is all or nothing without a transaction of
 * its own. Frees the parameters. */
static misas_error *run(PGresult **out, misas_documents *documents, const char *sql,
                        misas__parameters *parameters)
{
    const postgresql_documents *self = (const postgresql_documents *)documents;
    misas__connection *connection = NULL;
    misas_error *error = NULL;

    *out = NULL;
    if (self->database != NULL) {
        error = misas__pool_acquire(&connection, self->database);
    } else {
        connection = *self->connection;
    }
    if (error == NULL) {
        error = misas__connection_run(out, connection, sql, parameters);
    }
    if (self->database != NULL) {
        misas__pool_release(self->database, connection);
    }
    misas__parameters_free(parameters);
    return error;
}

static misas_error *run_with_name(PGresult **out, misas_documents *documents, const char *sql,
                                  const char *name)
{
    misas__parameters parameters = {0};

    misas__parameters_add_text(&parameters, name);
    return run(out, documents, sql, &parameters);
}

static misas_error *create_collection(misas_documents *documents, const char *name)
{
    PGresult *result = NULL;
    misas_error *error = run_with_name(&result, documents, misas__sql_create_collection, name);

    if (error == NULL && PQntuples(result) == 0) {
        error = misas__collection_exists(name);
    }
    PQclear(result);
    return error;
}

static misas_error *delete_collection(misas_documents *documents, const char *name)
{
    PGresult *result = NULL;
    misas_error *error = run_with_name(&result, documents, misas__sql_delete_collection, name);

    if (error == NULL && PQgetvalue(result, 0, 0)[0] == 0) {
        error = misas__collection_not_found(name);
    }
    PQclear(result);
    return error;
}

static misas_error *check_collection(misas_documents *documents, const char *name)
{
    PGresult *result = NULL;
    misas_error *error = run_with_name(&result, documents, misas__sql_find_collection, name);

    if (error == NULL && PQntuples(result) == 0) {
        error = misas__collection_not_found(name);
    }
    PQclear(result);
    return error;
}

static misas_error *copy_names(const char ***out, const PGresult *result)
{
    size_t count = (size_t)PQntuples(result);
    const char **names = calloc(count + 1, sizeof *names);

    if (names == NULL) {
        return misas_error_out_of_memory();
    }
    for (size_t i = 0; i < count; i++) {
        names[i] = PQgetvalue(result, (int)i, 0);
    }
    const char **copy = misas__names_copy(names);

    free(names);
    if (copy == NULL) {
        return misas_error_out_of_memory();
    }
    *out = copy;
    return NULL;
}

static misas_error *list_collections(const char ***out, misas_documents *documents)
{
    PGresult *result = NULL;
    misas__parameters none = {0};
    misas_error *error = run(&result, documents, misas__sql_list_collections, &none);

    if (error == NULL) {
        error = copy_names(out, result);
    }
    PQclear(result);
    return error;
}

static void add_ids(misas__parameters *parameters, const misas__document *items, size_t count)
{
    misas__array ids;

    misas__array_start(&ids, MISAS__TEXT, count);
    for (size_t i = 0; i < count; i++) {
        misas__array_add_text(&ids, items[i].id);
    }
    misas__parameters_add_array(parameters, &ids);
}

static void add_versions(misas__parameters *parameters, const misas__document *items, size_t count)
{
    misas__array versions;

    misas__array_start(&versions, MISAS__BIGINT, count);
    for (size_t i = 0; i < count; i++) {
        misas__array_add_bigint(&versions, (int64_t)items[i].version);
    }
    misas__parameters_add_array(parameters, &versions);
}

static void add_contents(misas__parameters *parameters, const misas__document *items, size_t count)
{
    misas__array contents;

    misas__array_start(&contents, MISAS__JSONB, count);
    for (size_t i = 0; i < count; i++) {
        misas__array_add_value(&contents, items[i].content);
    }
    misas__parameters_add_array(parameters, &contents);
}

static const misas__document *find_item(const misas__document *items, size_t count, const char *id)
{
    size_t i = 0;

    while (i + 1 < count && strcmp(items[i].id, id) != 0) {
        i++;
    }
    return &items[i];
}

/* What a function that writes documents says against it, if it gave a row. */
static misas_error *judge(const PGresult *result, const char *collection,
                          const misas__document *items, size_t count)
{
    const char *problem = PQgetvalue(result, 0, 0);
    const char *id = PQgetvalue(result, 0, 1);

    if (strcmp(problem, "exists") == 0) {
        return misas__document_exists(collection, id);
    }
    if (strcmp(problem, "missing") == 0) {
        return misas__document_not_found(collection, id);
    }
    if (strcmp(problem, "conflict") == 0) {
        return misas__document_conflict(collection, find_item(items, count, id),
                                        misas__get_uint64(PQgetvalue(result, 0, 2)));
    }
    return misas__collection_not_found(collection);
}

/* How documents are written: a function of the database, and what it takes after collection and
 * ids. */
typedef struct writing {
    const char *sql;
    bool has_versions;
    bool has_contents;
} writing;

static misas_error *write_documents(const writing *how, misas_documents *documents,
                                    const char *collection, const misas__document *items,
                                    size_t count)
{
    misas__parameters parameters = {0};
    PGresult *result = NULL;

    misas__parameters_add_text(&parameters, collection);
    add_ids(&parameters, items, count);
    if (how->has_versions) {
        add_versions(&parameters, items, count);
    }
    if (how->has_contents) {
        add_contents(&parameters, items, count);
    }
    misas_error *error = run(&result, documents, how->sql, &parameters);

    if (error == NULL && PQntuples(result) > 0) {
        error = judge(result, collection, items, count);
    }
    PQclear(result);
    return error;
}

static misas_error *insert(misas_documents *documents, const char *collection,
                           misas__document *items, size_t count)
{
    return write_documents(&(writing){misas__sql_insert_documents, .has_contents = true}, documents,
                           collection, items, count);
}

static misas_error *update(misas_documents *documents, const char *collection,
                           misas__document *items, size_t count)
{
    return write_documents(
        &(writing){misas__sql_update_documents, .has_versions = true, .has_contents = true},
        documents, collection, items, count);
}

static misas_error *delete_documents(misas_documents *documents, const char *collection,
                                     misas__document *items, size_t count)
{
    return write_documents(&(writing){misas__sql_delete_documents, .has_versions = true}, documents,
                           collection, items, count);
}

static misas_error *upsert(misas_documents *documents, const char *collection,
                           misas__document *items, size_t count)
{
    misas__parameters parameters = {0};
    PGresult *result = NULL;

    misas__parameters_add_text(&parameters, collection);
    add_ids(&parameters, items, count);
    add_contents(&parameters, items, count);
    misas_error *error = run(&result, documents, misas__sql_upsert_documents, &parameters);

    if (error == NULL && strcmp(PQcmdTuples(result), "0") == 0) {
        error = misas__collection_not_found(collection);
    }
    PQclear(result);
    return error;
}

static misas_error *add_row(misas_document_list *list, const PGresult *result, int row)
{
    misas__text text = {0};
    char *content = NULL;
    size_t size = 0;

    misas__append_content(&text, PQgetvalue(result, row, 2) + 1, /* after the format's byte */
                          (size_t)PQgetlength(result, row, 2) - 1);
    misas_error *error = misas__text_finish(&content, &size, &text);

    if (error == NULL) {
        error = misas__document_list_add(
            list,
            &(misas_document){.id = PQgetvalue(result, row, 0),
                              .content = content,
                              .version = misas__get_uint64(PQgetvalue(result, row, 1))},
            size);
    }
    free(content);
    return error;
}

static misas_error *add_rows(misas_document_list *list, const PGresult *result)
{
    misas_error *error = NULL;

    for (int row = 0; row < PQntuples(result) && error == NULL; row++) {
        error = add_row(list, result, row);
    }
    return error;
}

static misas_error *find(misas_document_list *list, misas_documents *documents,
                         const char *collection, const misas__document_query *query)
{
    misas__parameters parameters = {0};
    PGresult *result = NULL;
    const char *sql = NULL;
    misas_error *error = misas__prepare_find(&sql, &parameters, collection, query);

    if (error != NULL) {
        misas__parameters_free(&parameters);
        return error;
    }
    error = run(&result, documents, sql, &parameters);
    if (error == NULL) {
        error = PQntuples(result) > 0 ? add_rows(list, result)
                                      : check_collection(documents, collection);
    }
    PQclear(result);
    return error;
}

static misas_error *find_by_id(misas_document_list *list, misas_documents *documents,
                               const char *collection, const char *id)
{
    misas__parameters parameters = {0};
    PGresult *result = NULL;

    misas__parameters_add_text(&parameters, collection);
    misas__parameters_add_text(&parameters, id);
    misas_error *error = run(&result, documents, misas__sql_find_document, &parameters);

    if (error == NULL && PQntuples(result) == 0) {
        error = check_collection(documents, collection);
        if (error == NULL) {
            error = misas__document_not_found(collection, id);
        }
    }
    if (error == NULL) {
        error = add_rows(list, result);
    }
    PQclear(result);
    return error;
}

static misas_error *find_by_ids(misas_document_list *list, misas_documents *documents,
                                const char *collection, const char *const *ids, size_t count)
{
    misas__parameters parameters = {0};
    misas__array array;
    PGresult *result = NULL;

    misas__array_start(&array, MISAS__TEXT, count);
    array.has_values = true; /* no ids are an empty array, not null */
    for (size_t i = 0; i < count; i++) {
        misas__array_add_text(&array, ids[i]);
    }
    misas__parameters_add_text(&parameters, collection);
    misas__parameters_add_array(&parameters, &array);
    misas_error *error = run(&result, documents, misas__sql_find_documents_by_ids, &parameters);

    if (error == NULL && PQntuples(result) == 0) {
        error = check_collection(documents, collection);
    }
    if (error == NULL) {
        error = add_rows(list, result);
    }
    PQclear(result);
    return error;
}

/* A statement that gives a number, of which 0 may also mean that there is no such collection. */
static misas_error *run_for_number(uint64_t *out, misas_documents *documents, const char *sql,
                                   const char *collection, const misas__document_query *query)
{
    misas__parameters parameters = {0};
    PGresult *result = NULL;
    misas_error *error = misas__add_fitting(&parameters, collection, query);

    if (error != NULL) {
        misas__parameters_free(&parameters);
        return error;
    }
    error = run(&result, documents, sql, &parameters);
    if (error == NULL) {
        *out = misas__get_uint64(PQgetvalue(result, 0, 0));
        error = *out == 0 ? check_collection(documents, collection) : NULL;
    }
    PQclear(result);
    return error;
}

static misas_error *count_documents(uint64_t *out, misas_documents *documents,
                                    const char *collection, const misas__document_query *query)
{
    return run_for_number(out, documents, misas__sql_count_documents, collection, query);
}

static misas_error *delete_where(uint64_t *out, misas_documents *documents, const char *collection,
                                 const misas__document_query *query)
{
    return run_for_number(out, documents, misas__sql_delete_documents_fitting, collection, query);
}

static void free_documents(misas_documents *documents)
{
    free(documents);
}

static const misas__documents_functions functions = {
    .create_collection = create_collection,
    .delete_collection = delete_collection,
    .list_collections = list_collections,
    .insert = insert,
    .upsert = upsert,
    .update = update,
    .delete = delete_documents,
    .find = find,
    .find_by_id = find_by_id,
    .find_by_ids = find_by_ids,
    .count = count_documents,
    .delete_where = delete_where,
    .free = free_documents,
};

static misas_error *documents_new(misas_documents **out, misas_postgresql *database,
                                  misas__connection *const *connection)
{
    postgresql_documents *self = malloc(sizeof *self);

    if (self == NULL) {
        return misas_error_out_of_memory();
    }
    *self = (postgresql_documents){{&functions}, database, connection};
    *out = &self->documents;
    return NULL;
}

misas_error *misas__postgresql_documents_new(misas_documents **out, misas_postgresql *database)
{
    return documents_new(out, database, NULL);
}

misas_error *misas__postgresql_documents_in_transaction_new(misas_documents **out,
                                                            misas__connection *const *connection)
{
    return documents_new(out, NULL, connection);
}
