/* A transaction on PostgreSQL: its connection is lost, others hold what it needs, and the tables
 * are used as they are made for. */
#define _GNU_SOURCE /* RTLD_NEXT */

#include <dlfcn.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "storage_contract/batches.h"
#include "subsystem/subsystem.h"
#include "support/database.h"
#include "support/ledger.h"
#include "support/server.h"
#include "support/session.h"
#include "support/statements.h"

/* A storage beside a store, in its schema, and a raw session. */
typedef struct test_place {
    test_store *at;
    test_side side;
    PGconn *session;
} test_place;

static test_place place_open(const misas_secret *connection)
{
    test_place place = {.at = test_store_open(&(test_store_options){.connection = connection})};

    assert_no_error(misas_storage_new_postgresql(&place.side.storage, place.at->postgresql, NULL));
    place.side.store = misas_storage_event_store(place.side.storage);
    assert_no_error(misas__transaction_new(&place.side.transaction, place.side.storage));
    place.session = session_open(place.at);
    return place;
}

static void place_close(test_place *place)
{
    place->side.transaction->functions->free(place->side.transaction);
    misas_storage_free(place->side.storage);
    PQfinish(place->session);
    test_store_close(place->at);
}

static void roll_back(test_place *place)
{
    place->side.transaction->functions->roll_back(place->side.transaction);
}

/* A batch that needs each statement. */
static void fill(test_batch *batch)
{
    batch_handle(batch, "m1");
    batch_append(batch, "a", 1, "a2 a3");
    batch_append(batch, "b", MISAS_NO_STREAM, "b1");
    batch_confirm(batch, "a", 1);
    batch_send(batch, "do1");
    batch_predict(batch, "+p:T/k =old:T -gone");
}

static void prepare_place(test_place *place)
{
    test_batch batch = {.words_count = 0};

    batch_append(&batch, "a", MISAS_NO_STREAM, "a1");
    batch_predict(&batch, "+old:T +gone:T");
    assert_no_error(batch_write(&batch, place->side.transaction));
}

static misas_error *write_filled(test_place *place)
{
    test_batch batch = {.words_count = 0};

    fill(&batch);
    return batch_write(&batch, place->side.transaction);
}

static void assert_is_written(test_place *place)
{
    assert_all(place->side.store, "a1 a2 a3 b1 do1");
    assert_true(side_was_handled(&place->side, "m1"));
    session_assert_text(place->session, "old p",
                        "select string_agg(id, ' ' order by id) from predictions");
}

static void assert_is_not_written(test_place *place)
{
    assert_all(place->side.store, "a1");
    assert_false(side_was_handled(&place->side, "m1"));
    session_assert_text(place->session, "gone old",
                        "select string_agg(id, ' ' order by id) from predictions");
}

static void assert_unavailable(misas_error *error)
{
    assert_true(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    assert_error_is(error, MISAS_ERROR_POSTGRESQL_UNAVAILABLE);
}

static void terminate(void *session)
{
    session_terminate_stores(session);
}

TEST(a_write_that_loses_its_connection_before_any_of_its_statements_writes_nothing)
{
    int statement = 1;

    for (bool was_interrupted = true; was_interrupted; statement++) {
        test_place place = place_open(NULL);

        prepare_place(&place);
        statements_interrupt(statement, terminate, place.session);
        misas_error *error = write_filled(&place);

        was_interrupted = statements_sent() >= statement;
        statements_interrupt(0, NULL, NULL);
        if (was_interrupted) {
            assert_unavailable(error);
            assert_is_not_written(&place);
            roll_back(&place);
            error = write_filled(&place);
        }
        assert_no_error(error);
        assert_is_written(&place);
        place_close(&place);
    }
    assert_true(statement > 7); /* handled, lock, cancel, add, replace, confirm, append */
}

TEST(sessions_that_end_between_two_batches_are_replaced_unnoticed)
{
    test_place place = place_open(NULL);

    prepare_place(&place);
    session_terminate_stores(place.session);
    assert_no_error(write_filled(&place));
    session_terminate_stores(place.session);
    assert_is_written(&place);
    session_terminate_stores(place.session);
    assert_no_error(place.side.transaction->functions->begin(place.side.transaction));
    assert_no_error(place.side.transaction->functions->savepoint(place.side.transaction));
    place_close(&place);
}

TEST(a_transaction_that_began_before_its_session_ended_says_so_and_begins_anew)
{
    test_place place = place_open(NULL);
    const misas__transaction_functions *functions = place.side.transaction->functions;

    prepare_place(&place);
    assert_no_error(functions->begin(place.side.transaction));
    session_terminate_stores(place.session);
    assert_unavailable(functions->savepoint(place.side.transaction));
    functions->roll_back(place.side.transaction);
    assert_no_error(functions->begin(place.side.transaction));
    session_terminate_stores(place.session);
    assert_unavailable(write_filled(&place));
    assert_no_error(write_filled(&place));
    assert_is_written(&place);
    place_close(&place);
}

/* The answer to the next commit is lost, once it has taken effect. */
static bool loses_commit;

static PGresult *execute(PGconn *connection, const char *sql)
{
    PGresult *(*run)(PGconn *, const char *) = NULL;
    void *found = dlsym(RTLD_NEXT, "PQexec");

    memcpy(&run, &found, sizeof run);
    return run(connection, sql);
}

/* The peer is gone, as far as libpq can see. */
static void cut_connection(PGconn *connection)
{
    int ends[2];

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, ends), 0);
    close(ends[1]);
    dup2(ends[0], PQsocket(connection));
    close(ends[0]);
}

/* Stands in for libpq's. */
PGresult *PQexec(PGconn *connection, const char *sql)
{
    if (loses_commit && strcmp(sql, "commit") == 0) {
        loses_commit = false;
        PQclear(execute(connection, sql));
        cut_connection(connection);
    }
    return execute(connection, sql);
}

TEST(a_batch_whose_commit_was_not_answered_is_found_to_be_handled_when_it_is_written_again)
{
    test_place place = place_open(NULL);

    prepare_place(&place);
    loses_commit = true;
    assert_unavailable(write_filled(&place));
    roll_back(&place);
    assert_error_is(write_filled(&place), MISAS__ERROR_HANDLED_MEANWHILE);
    roll_back(&place);
    assert_is_written(&place);
    place_close(&place);
}

/* A write on a thread of its own. */
typedef struct waiting_write {
    test_place *place;
    pthread_t thread;
    misas_error *error;
} waiting_write;

static void *run_write(void *argument)
{
    waiting_write *waiting = argument;

    waiting->error = write_filled(waiting->place);
    return NULL;
}

/* `session` has done in a transaction what the write waits for; `observer` sees that it waits. */
static void start_write(waiting_write *waiting, PGconn *observer)
{
    pthread_create(&waiting->thread, NULL, run_write, waiting);
    session_await_waiting(observer, 1);
}

static misas_error *finish_write(waiting_write *waiting)
{
    pthread_join(waiting->thread, NULL);
    return waiting->error;
}

#define HANDLE(id)                                                                             \
    "insert into handled_messages (handled_at, source, id, digest, reply_type, reply) values " \
    "(now(), '" BATCH_SOURCE "', '" id "', repeat('d', 32)::bytea, 'test.v1.Reply', 'r')"

TEST(a_write_waits_for_a_lost_transaction_that_handles_the_same_message)
{
    static const char *const ends[] = {"commit", "rollback"};

    for (size_t i = 0; i < 2; i++) {
        test_place place = place_open(NULL);
        PGconn *observer = session_open(place.at);
        waiting_write waiting = {.place = &place};

        prepare_place(&place);
        session_execute(place.session, "begin; " HANDLE("m1"));
        assert_false(side_was_handled(&place.side, "m1"));
        start_write(&waiting, observer);
        session_execute(place.session, "%s", ends[i]);
        misas_error *error = finish_write(&waiting);

        if (i == 0) {
            assert_error_is(error, MISAS__ERROR_HANDLED_MEANWHILE);
            assert_all(place.side.store, "a1");
            assert_true(side_was_handled(&place.side, "m1"));
        } else {
            assert_no_error(error);
            assert_is_written(&place);
        }
        PQfinish(observer);
        place_close(&place);
    }
}

TEST(a_transaction_that_stands_still_blocks_others_only_until_the_server_ends_it)
{
    test_place place = place_open(NULL);

    prepare_place(&place);
    session_execute(place.session,
                    "set idle_in_transaction_session_timeout = '100ms'; begin; " HANDLE("m1"));
    assert_no_error(write_filled(&place));
    PQfinish(place.session);
    place.session = session_open(place.at);
    assert_is_written(&place);
    place_close(&place);
}

TEST(a_lock_that_is_not_to_be_had_is_worth_another_try)
{
    test_database *database = test_database_new();
    PGconn *setter = test_database_connect(database);

    session_execute(setter, "alter database \"%s\" set lock_timeout = '50ms'",
                    test_database_name(database));
    PQfinish(setter);
    test_place place = place_open(test_database_connection(database));

    prepare_place(&place);
    session_execute(place.session, "begin; lock table events in share row exclusive mode");
    misas_error *error = write_filled(&place);

    assert_error_data(error, "sqlstate", "55P03");
    assert_true(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    assert_error_is(error, MISAS_ERROR_POSTGRESQL);
    session_execute(place.session, "commit");
    roll_back(&place);
    assert_no_error(write_filled(&place));
    assert_is_written(&place);
    place_close(&place);
    test_database_free(database);
}

TEST(the_victim_of_a_deadlock_is_worth_another_try)
{
    test_place place = place_open(NULL);
    PGconn *observer = session_open(place.at);
    waiting_write waiting = {.place = &place};

    prepare_place(&place);
    session_execute(place.session, "set deadlock_timeout = '1min'; begin; "
                                   "update predictions set key = 'x' where id = 'old'");
    start_write(&waiting, observer); /* it has handled m1 */
    session_send(place.session, HANDLE("m1"));
    misas_error *error = finish_write(&waiting);

    session_finish(place.session);
    session_execute(place.session, "rollback");
    assert_error_data(error, "sqlstate", "40P01");
    assert_true(misas_error_has_tag(error, MISAS_TAG_RETRIABLE));
    assert_error_is(error, MISAS_ERROR_POSTGRESQL);
    roll_back(&place);
    assert_no_error(write_filled(&place));
    assert_is_written(&place);
    PQfinish(observer);
    place_close(&place);
}

TEST(a_transaction_in_which_a_statement_failed_writes_nothing_more)
{
    test_place place = place_open(NULL);
    const misas__transaction_functions *functions = place.side.transaction->functions;
    test_batch empty = {.words_count = 0};

    prepare_place(&place);
    assert_no_error(functions->begin(place.side.transaction));
    assert_error_is(functions->roll_back_to_savepoint(place.side.transaction),
                    MISAS_ERROR_POSTGRESQL); /* there is none */
    misas_error *error = batch_write(&empty, place.side.transaction);

    assert_error_data(error, "sqlstate", "25P02");
    assert_error_is(error, MISAS_ERROR_POSTGRESQL);
    assert_no_error(write_filled(&place));
    assert_is_written(&place);
    place_close(&place);
}

TEST(what_others_have_handled_is_found_within_a_transaction)
{
    test_place place = place_open(NULL);
    const misas__transaction_functions *functions = place.side.transaction->functions;

    prepare_place(&place);
    assert_no_error(functions->begin(place.side.transaction));
    session_execute(place.session, HANDLE("m9"));
    assert_true(side_was_handled(&place.side, "m9"));
    assert_no_error(write_filled(&place));
    assert_is_written(&place);
    place_close(&place);
}

TEST(a_prediction_that_another_adds_meanwhile_is_named)
{
    test_place place = place_open(NULL);
    PGconn *observer = session_open(place.at);
    waiting_write waiting = {.place = &place};

    prepare_place(&place);
    session_execute(place.session, "begin; insert into predictions (due_at, type_version, id, "
                                   "type, payload) values (now(), 1, 'p', 'T', '')");
    start_write(&waiting, observer);
    session_execute(place.session, "commit");
    misas_error *error = finish_write(&waiting);

    assert_error_data(error, "id", "p");
    assert_error_is(error, MISAS_ERROR_PREDICTION_EXISTS);
    PQfinish(observer);
    place_close(&place);
}

TEST(a_prediction_that_gets_another_key_meanwhile_is_not_cancelled_by_its_old_one)
{
    test_place place = place_open(NULL);
    PGconn *observer = session_open(place.at);
    waiting_write waiting = {.place = &place};

    prepare_place(&place);
    session_execute(place.session, "begin; update predictions set key = 'k' where id = 'gone'");
    start_write(&waiting, observer); /* for the row that it cancels by its id */
    session_execute(place.session, "commit");
    assert_no_error(finish_write(&waiting));
    assert_is_written(&place);
    PQfinish(observer);
    place_close(&place);
}

TEST(rows_are_inserted_by_stream_and_version_while_positions_follow_the_arrays)
{
    test_place place = place_open(NULL);
    test_batch batch = {.words_count = 0};

    batch_append(&batch, "z", MISAS_NO_STREAM, "z1");
    batch_append(&batch, "B", MISAS_NO_STREAM, "B1");
    batch_append(&batch, "a", MISAS_NO_STREAM, "a1 a2");
    batch_append(&batch, "z", MISAS_NO_STREAM, "z2");
    batch_append(&batch, "B", MISAS_NO_STREAM, "B2");
    assert_no_error(batch_write(&batch, place.side.transaction));
    session_assert_text(place.session, "B1 B2 a1 a2 z1 z2",
                        "select string_agg(stream || version, ' ' order by ctid) from events");
    session_assert_text(place.session, "z1 B1 a1 a2 z2 B2",
                        "select string_agg(stream || version, ' ' order by position) from events");
    place_close(&place);
}

/* A quarter of those of each page: the room there is is enough for that. */
TEST(claiming_predictions_touches_no_index)
{
    test_place place = place_open(NULL);

    session_execute(place.session, "insert into predictions (due_at, type_version, id, key, type, "
                                   "payload) select now(), 1, i::text, i::text, 'T', 'content' "
                                   "from generate_series(1, 1000) i");
    session_execute(place.session, "begin; update predictions set claimed_until = now() "
                                   "where mod(id::integer, 4) = 0");
    assert_int_equal(session_number(place.session, "select pg_stat_get_xact_tuples_hot_updated("
                                                   "'predictions'::regclass)"),
                     250);
    session_execute(place.session, "commit");
    place_close(&place);
}

TEST(predictions_are_cancelled_by_their_index_also_by_a_plan_made_while_there_were_none)
{
    test_place place = place_open(NULL);
    PGconn *session = place.session;

    session_execute(session, "set plan_cache_mode = force_generic_plan; "
                             "select cancel_predictions(array['none'])");
    session_execute(session, "insert into predictions (due_at, type_version, id, type, payload) "
                             "select now(), 1, i::text, 'T', '' from generate_series(1, 5000) i");
    session_execute(session, "begin; select cancel_predictions(array['7', '8'])");
    assert_int_equal(
        session_number(session, "select count(*) from predictions where id in ('7', '8')"), 0);
    assert_int_equal(session_number(session, "rollback; begin; "
                                             "select cancel_predictions(array['7', '8']); "
                                             "select pg_stat_get_xact_tuples_returned("
                                             "'predictions'::regclass)"),
                     0); /* by a scan of the table */
    session_execute(session, "rollback");
    place_close(&place);
}

/* The rights that the manual names for one that handles messages. */
#define RIGHTS                                                                                \
    "grant usage on schema \"%s\" to guarded; "                                               \
    "grant select on events, stream_marks, migrations to guarded; grant insert on events to " \
    "guarded; "                                                                               \
    "grant usage, select on sequence events_position_seq, stream_marks_seq to guarded; "      \
    "grant select, insert on handled_messages to guarded; "                                   \
    "grant select, insert, update, delete on predictions to guarded"

static misas_postgresql *connect_as_guarded(const char *schema)
{
    misas_postgresql *database = NULL;
    misas_secret *connection = NULL;
    char conninfo[200];

    snprintf(conninfo, sizeof conninfo,
             "host=127.0.0.1 port=%d user=guarded password=%s dbname=postgres", test_server_port(),
             test_server_password);
    assert_no_error(misas_secret_new(&connection, conninfo));
    assert_no_error(misas_postgresql_new(
        &database, &(misas_postgresql_options){.connection = connection, .schema = schema}));
    misas_secret_free(connection);
    return database;
}

TEST(handling_messages_takes_the_rights_that_the_manual_names)
{
    test_server_start();
    test_place place = place_open(test_server_connection());
    misas_storage *storage = NULL;

    prepare_place(&place);
    session_execute(place.session, RIGHTS, place.at->schema);
    misas_postgresql *database = connect_as_guarded(place.at->schema);

    assert_no_error(misas_storage_new_postgresql(&storage, database, NULL));
    test_side guarded = {.storage = storage, .store = misas_storage_event_store(storage)};

    assert_no_error(misas__transaction_new(&guarded.transaction, storage));
    test_batch batch = {.words_count = 0};

    fill(&batch);
    assert_no_error(batch_write(&batch, guarded.transaction));
    assert_error_is(batch_write(&batch, guarded.transaction), MISAS__ERROR_HANDLED_MEANWHILE);
    guarded.transaction->functions->free(guarded.transaction);
    misas_storage_free(storage);
    misas_postgresql_free(database);
    assert_is_written(&place);
    place_close(&place);
}

TEST(who_may_not_create_collections_can_start_where_they_are_there)
{
    test_server_start();
    test_place place = place_open(test_server_connection());
    misas_documents *documents = misas_storage_documents(place.side.storage);
    misas_storage *storage = NULL;
    misas_subsystem *subsystem = ledger_subsystem(NULL);

    bank_ledger_v1_card_keep(subsystem);
    session_execute(place.session, RIGHTS "; grant select on collections to guarded",
                    place.at->schema);
    misas_postgresql *database = connect_as_guarded(place.at->schema);

    assert_no_error(misas_storage_new_postgresql(&storage, database, NULL));
    assert_error_says(misas__subsystem_ensure_collections(subsystem, storage),
                      MISAS_ERROR_POSTGRESQL, "permission denied for table collections");
    assert_no_error(misas_documents_create_collection(documents, "cards"));
    assert_no_error(misas__subsystem_ensure_collections(subsystem, storage));
    misas_subsystem_free(subsystem);
    misas_storage_free(storage);
    misas_postgresql_free(database);
    place_close(&place);
}

TEST(old_messages_are_forgotten_a_few_at_a_time)
{
    test_place place = place_open(NULL);
    test_batch batch = {.words_count = 0};
    uint64_t count = 0;

    batch_handle(&batch, "m1");
    batch_handle(&batch, "m2");
    batch_handle(&batch, "m3");
    assert_no_error(batch_write(&batch, place.side.transaction));
    assert_no_error(misas_storage_forget_handled(&count, place.side.storage, 3600, 100));
    assert_int_equal(count, 0);
    session_execute(place.session, "update handled_messages set handled_at = handled_at - "
                                   "interval '2 hours' where id <> 'm3'");
    assert_no_error(misas_storage_forget_handled(&count, place.side.storage, 3600, 1));
    assert_int_equal(count, 1);
    assert_no_error(misas_storage_forget_handled(&count, place.side.storage, 3600, 100));
    assert_int_equal(count, 1);
    assert_false(side_was_handled(&place.side, "m1"));
    assert_false(side_was_handled(&place.side, "m2"));
    assert_true(side_was_handled(&place.side, "m3"));
    place_close(&place);
}
