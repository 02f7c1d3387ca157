/* What is behind documents on PostgreSQL: the index, the server, and what others have written. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "documents_contract/fixture_postgresql.h"
#include "documents_contract/words.h"
#include "documentstore/documents.h"
#include "postgresql/documents.h"
#include "postgresql/pool.h"
#include "postgresql/sql.h"
#include "support/database.h"
#include "support/session.h"

/* The plan of a statement, as the library prepares it. */
static void explain(char *out, size_t size, fixture *opened, const char *sql, const char *arguments)
{
    PGconn *session = fixture_connect(opened);
    char schema[32];
    char query[200];

    snprintf(schema, sizeof schema, "\"%s\"", misas__pool_schema(fixture_database(opened)));
    char *text = misas__statement_text(sql, schema);

    assert_non_null(text);
    session_execute(session, "set plan_cache_mode = force_generic_plan");
    PQclear(PQprepare(session, "explained", text, 0, NULL));
    snprintf(query, sizeof query, "explain execute explained (%s)", arguments);
    PGresult *result = PQexec(session, query);

    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    out[0] = '\0';
    for (int row = 0; row < PQntuples(result); row++) {
        size_t length = strlen(out);

        snprintf(out + length, size - length, "%s\n", PQgetvalue(result, row, 0));
    }
    PQclear(result);
    PQfinish(session);
    free(text);
}

static void assert_uses_index(fixture *opened)
{
    static const char arguments[] =
        "'c', '{\"c\":{\"n\":1}}', '{n}', '{0}', array['1'::jsonb], null, 10, 0";
    const char *const statements[] = {misas__sql_find_documents_sorted_ascending,
                                      misas__sql_find_documents_sorted_descending};
    char plan[8000];

    for (size_t i = 0; i < sizeof statements / sizeof statements[0]; i++) {
        explain(plan, sizeof plan, opened, statements[i], arguments);
        assert_non_null(strstr(plan, "Index Scan on documents_content"));
        assert_non_null(strstr(plan, "One-Time Filter: ($2 IS NULL)")); /* of the other half */
    }
    explain(plan, sizeof plan, opened, misas__sql_count_documents,
            "'c', '{\"c\":{\"n\":1}}', '{n}', '{0}', array['1'::jsonb]");
    assert_non_null(strstr(plan, "Index Scan on documents_content"));
}

TEST(an_equal_value_is_found_by_an_index_whatever_is_known_of_the_table)
{
    fixture *opened = fixture_open_with_collection();
    PGconn *session = fixture_connect(opened);

    assert_uses_index(opened);
    session_execute(session, "insert into documents select 'c', i, 1, "
                             "jsonb_build_object('n', i %% 500) from generate_series(1, 5000) i");
    assert_uses_index(opened);
    session_execute(session, "analyze documents");
    assert_uses_index(opened);
    assert_finds(fixture_documents(opened), QUERY({"n", MISAS_EQUAL, .value = "7"}),
                 "1007 1507 2007 2507 3007 3507 4007 4507 507 7");
    PQfinish(session);
    fixture_close(opened);
}

TEST(a_page_in_the_order_of_ids_is_read_by_the_primary_key)
{
    fixture *opened = fixture_open_with_collection();
    PGconn *session = fixture_connect(opened);
    char plan[8000];

    session_execute(session, "insert into documents select 'c', md5(i::text), 1, "
                             "jsonb_build_object('n', i) from generate_series(1, 5000) i");
    session_execute(session, "analyze documents");
    explain(plan, sizeof plan, opened, misas__sql_find_documents_by_id_ascending,
            "'c', null, null, null, 10, 0");
    assert_non_null(strstr(plan, "Index Scan using documents_pkey"));
    assert_null(strstr(plan, "Sort"));
    explain(plan, sizeof plan, opened, misas__sql_find_documents_by_id_descending,
            "'c', null, null, null, 10, 0");
    assert_non_null(strstr(plan, "Index Scan Backward using documents_pkey"));
    assert_null(strstr(plan, "Sort"));
    PQfinish(session);
    fixture_close(opened);
}

TEST(what_others_have_written_is_read_as_far_as_json_goes)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    PGconn *session = fixture_connect(opened);

    session_execute(session,
                    "insert into documents values ('c', 'a', 1, '{\"n\":"
                    "[123456789012345678901234567890, -1e25, 0.00000000000000000001, 1.50, "
                    "9223372036854775807, 9223372036854775808]}')");
    assert_content(documents, "a",
                   "{\"n\":[1.2345678901234568e29,-1e25,1e-20,1.5,9223372036854775807,"
                   "9.2233720368547758e18]}");
    session_execute(session,
                    "update documents set content = '{\"n\": 1e400, \"s\": \"a, b: \\\" \"}'");
    misas_document_list *list = NULL;

    assert_no_error(misas_documents_find_by_id(&list, documents, "c", "a"));
    assert_non_null(strstr(misas_document_list_get(list, 0)->content, ",\"s\":\"a, b: \\\" \"}"));
    misas_document_list_free(list);
    PQfinish(session);
    fixture_close(opened);
}

TEST(texts_are_compared_by_their_bytes_whatever_the_database_would_do)
{
    test_database *english = test_database_new_in_english();
    misas_postgresql *database = NULL;
    misas_documents *documents = NULL;
    misas_document_query query = {.order_by = "n"};
    const char **names = NULL;

    assert_no_error(misas_postgresql_new(
        &database, &(misas_postgresql_options){.connection = test_database_connection(english)}));
    assert_no_error(misas_postgresql_migrate(database));
    assert_no_error(misas__postgresql_documents_new(&documents, database));
    assert_no_error(misas_documents_create_collection(documents, "c"));
    assert_no_error(misas_documents_create_collection(documents, "D"));
    assert_no_error(words_write(misas_documents_upsert, documents, "c",
                                "a:\"b\" B:\"A\" aa:\"a\" a-b:\"a-b\" c:\"aa\""));
    assert_no_error(misas_documents_list_collections(&names, documents));
    assert_string_equal(names[0], "D");
    assert_finds(documents, NULL, "B a a-b aa c");
    assert_finds(documents, &query, "B aa a-b c a");
    query.is_descending = true;
    assert_finds(documents, &query, "a c a-b aa B");
    assert_finds(documents, QUERY({"n", MISAS_LESS, .value = "\"a\""}), "B");
    assert_finds(documents, QUERY({"n", MISAS_GREATER_OR_EQUAL, .value = "\"a-c\""}), "a c");
    free(names);
    misas__documents_free(documents);
    misas_postgresql_free(database);
    test_database_free(english);
}

static void assert_unavailable(misas_error *error)
{
    assert_true(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    assert_error_is(error, MISAS_ERROR_POSTGRESQL_UNAVAILABLE);
}

TEST(a_transaction_whose_connection_was_lost_can_be_tried_again)
{
    fixture *opened = fixture_open_with_collection();
    misas__connection *connection = NULL;
    misas_documents *documents = NULL;
    misas_document_list *list = NULL;

    assert_no_error(misas__postgresql_documents_in_transaction_new(&documents, &connection));
    assert_no_error(misas__pool_open_own(&connection, fixture_database(opened)));
    assert_no_error(misas__connection_execute_text(connection, "begin"));
    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:1"));
    test_database_terminate_sessions(test_database_of_process());
    assert_unavailable(words_write(misas_documents_insert, documents, "c", "b:1"));
    assert_unavailable(misas_documents_find(&list, documents, "c", NULL));
    assert_unavailable(misas_documents_create_collection(documents, "d"));
    misas__connection_close(connection);
    assert_no_error(misas__pool_open_own(&connection, fixture_database(opened)));
    assert_no_error(misas__connection_execute_text(connection, "begin"));
    assert_has(documents, "");
    assert_no_error(words_write(misas_documents_insert, documents, "c", "a:2"));
    assert_no_error(misas__connection_execute_text(connection, "commit"));
    assert_has(fixture_documents(opened), "a:2@1");
    misas__connection_close(connection);
    misas__documents_free(documents);
    misas__documents_free(NULL);
    fixture_close(opened);
}

TEST(deleting_a_collection_does_not_wait_for_long)
{
    fixture *opened = fixture_open_with_collection();
    misas_documents *documents = fixture_documents(opened);
    transaction *begun = transaction_begin(opened);

    assert_no_error(words_write(misas_documents_insert, transaction_documents(begun), "c", "a:1"));
    misas_error *error = misas_documents_delete_collection(documents, "c");

    assert_true(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    assert_error_data(error, "sqlstate", "55P03");
    assert_error_is(error, MISAS_ERROR_POSTGRESQL);
    transaction_commit(begun);
    assert_has(documents, "a:1@1");
    assert_no_error(misas_documents_delete_collection(documents, "c"));
    fixture_close(opened);
}

/* The setting that limits the wait is the function's alone. */
TEST(deleting_a_collection_leaves_the_settings_of_the_transaction)
{
    fixture *opened = fixture_open_with_collection();
    transaction *begun = transaction_begin(opened);
    misas__connection *connection = transaction_connection(begun);

    assert_no_error(misas_documents_delete_collection(transaction_documents(begun), "c"));
    PGresult *result = PQexec(connection->pg, "show lock_timeout");

    assert_string_equal(PQgetvalue(result, 0, 0), "0");
    PQclear(result);
    transaction_commit(begun);
    fixture_close(opened);
}

TEST(two_transactions_that_wait_for_each_other_can_be_tried_again)
{
    fixture *opened = fixture_open_with_collection();
    transaction *first = transaction_begin(opened);
    PGconn *second = fixture_connect(opened);

    assert_no_error(words_write(misas_documents_insert, fixture_documents(opened), "c", "a:1 b:1"));
    assert_no_error(words_write(misas_documents_update, transaction_documents(first), "c", "b:2"));
    session_execute(second, "begin; set local deadlock_timeout = '1min'; "
                            "update documents set version = 7 where id = 'a'");
    session_send(second, "update documents set version = 7 where id = 'b'");
    fixture_await_waiting(opened, 1);
    misas_error *error =
        words_write(misas_documents_update, transaction_documents(first), "c", "a:2");

    assert_true(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    assert_error_data(error, "sqlstate", "40P01");
    assert_error_is(error, MISAS_ERROR_POSTGRESQL);
    transaction_roll_back(first);
    session_finish(second);
    session_execute(second, "commit");
    PQfinish(second);
    assert_has(fixture_documents(opened), "a:1@7 b:1@7");
    fixture_close(opened);
}
