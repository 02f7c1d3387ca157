/** @file
 * The event store: streams of events, each stream in order and never forked, all of them together
 * in one global order.
 *
 * An append states which version it expects its stream to have, and fails with a concurrency error
 * when another writer was faster (optimistic concurrency control). `$all` is every event of the
 * store by position. A reader of `$all` sees only events up to the high-water mark: the position
 * below which no append can still commit. So no reader misses an event, however many write.
 *
 * A store may be used by many threads at once; a reader or subscription by one at a time.
 */
#ifndef MISAS_EVENT_STORE_H
#define MISAS_EVENT_STORE_H

#include <stdbool.h>

#include "misas/clock.h"
#include "misas/event.h"
#include "misas/log.h"
#include "misas/upcaster.h"

#ifdef __cplusplus
extern "C" {
#endif

/** The stream has another version than expected; data: "stream", "expected", "actual". Tagged
 * conflict. */
#define MISAS_ERROR_CONCURRENCY "misas.event_store.concurrency"
/** Some of the events are in the store, but not all, in this order, as a run of this stream; data:
 * "stream", "event_id". Tagged conflict. */
#define MISAS_ERROR_EVENT_ID_CONFLICT "misas.event_store.event_id_conflict"
/** There is no such stream, or it was deleted; data: "stream". Tagged not_found. */
#define MISAS_ERROR_STREAM_NOT_FOUND "misas.event_store.stream_not_found"
/** A name, an event or an option that the store does not take; data: "field", "reason", and what
 * else identifies it. Tagged validation. */
#define MISAS_ERROR_INVALID_ARGUMENT "misas.event_store.invalid_argument"
/** An event is larger than the store's limit; data: "stream", "type", "size", "maximum". Tagged
 * validation. */
#define MISAS_ERROR_EVENT_TOO_LARGE "misas.event_store.event_too_large"
/** misas_event_store_clear outside of the environments dev and test. Tagged validation. */
#define MISAS_ERROR_CLEAR_REFUSED "misas.event_store.clear_refused"
/** An append in progress kept the high-water mark back for too long. Tagged retriable. */
#define MISAS_ERROR_MARK_HELD_BACK "misas.event_store.mark_held_back"

/** The connection was lost while an append was under way, and could not be had again to ask what
 * became of it: it took effect wholly or not at all. Append again with the same event ids; data:
 * "stream". The cause says what was lost. Tagged retriable. */
#define MISAS_ERROR_OUTCOME_UNKNOWN "misas.event_store.outcome_unknown"

#define MISAS_STREAM_MAX_BYTES 512 /**< of a stream's name */
#define MISAS_DEFAULT_MAX_EVENT_BYTES (4U * 1024U * 1024U)

/** The stream in which the store records what was done to streams (misas.eventstore.v1). Names that
 * begin with `$` are the store's own; they can be read, not appended to. */
#define MISAS_SYSTEM_STREAM "$misas"

/** The version that a stream must have for an append: a version from 1 on, or one of these. */
typedef int64_t misas_expected_version;
#define MISAS_NO_STREAM ((misas_expected_version)0)      /**< none, or deleted */
#define MISAS_ANY_VERSION ((misas_expected_version) - 1) /**< whatever it is */
#define MISAS_STREAM_EXISTS \
    ((misas_expected_version) - 2) /**< has had an event, and was not deleted */

typedef struct misas_event_store misas_event_store;

typedef enum misas_environment {
    MISAS_ENVIRONMENT_PROD, /**< the default: the most careful */
    MISAS_ENVIRONMENT_STAGING,
    MISAS_ENVIRONMENT_TEST,
    MISAS_ENVIRONMENT_DEV
} misas_environment;

/** NULL, or zero members, mean the defaults. What is pointed to must outlive the store, but for
 * texts. */
typedef struct misas_event_store_options {
    misas_environment environment;
    size_t max_event_bytes;           /**< of one payload; 0: MISAS_DEFAULT_MAX_EVENT_BYTES */
    const misas_upcasters *upcasters; /**< applied to whatever is read; NULL: none */
    const misas_clock
        *clock; /**< stamps events; NULL: the database's clock, in memory the machine's */
    misas_logger logger;
    int mark_timeout_ms; /**< how long reading `$all` waits for appends in progress; 0: 10,000 */
} misas_event_store_options;

/** A store in this process's memory, gone when it is freed: for tests and for running without a
 * database. */
misas_error *misas_event_store_new_memory(misas_event_store **out,
                                          const misas_event_store_options *options);

/** No reader or subscription of it may be left. */
void misas_event_store_free(misas_event_store *store);

/** Where an append ended: the version and position of its last event. */
typedef struct misas_append_result {
    uint64_t version;
    uint64_t position;
    bool was_appended_before; /**< these very events had been appended already: this is the first
                                 answer */
} misas_append_result;

/** Appends events to a stream, all or none. Appending events again whose ids are already in this
 * stream, all and in this order, changes nothing and gives the first answer. After a lost
 * connection the store itself appends again by the events' ids, so that an append that returns NULL
 * took effect exactly once. `out` may be NULL. Errors: MISAS_ERROR_CONCURRENCY (also for
 * MISAS_ANY_VERSION, after many lost races: then tagged retriable too),
 * MISAS_ERROR_EVENT_ID_CONFLICT, MISAS_ERROR_INVALID_ARGUMENT, MISAS_ERROR_EVENT_TOO_LARGE,
 * MISAS_ERROR_METADATA_INVALID, MISAS_ERROR_OUTCOME_UNKNOWN, and those of the backend. */
misas_error *misas_event_store_append(misas_append_result *out, misas_event_store *store,
                                      const char *stream, misas_expected_version expected_version,
                                      const misas_new_event *events, size_t event_count);

/** One stream's part of an append to many. */
typedef struct misas_append {
    const char *stream;
    misas_expected_version expected_version;
    const misas_new_event *events;
    size_t event_count;
} misas_append;

/** Appends to several streams, all or none; each stream at most once. `out`, if not NULL, has a
 * result for each append. The streams are written in the order of their names, so that two such
 * calls can't deadlock. Errors: as misas_event_store_append. */
misas_error *misas_event_store_append_many(misas_append_result *out, misas_event_store *store,
                                           const misas_append *appends, size_t append_count);

typedef enum misas_direction { MISAS_FORWARD, MISAS_BACKWARD } misas_direction;

/** Which events to read. Lists end with NULL; `select_types` and `exclude_types` can't be combined.
 * Names of types are those after upcasting. */
typedef struct misas_read_options {
    misas_direction direction;
    uint64_t from;  /**< the first version (of `$all`: position), inclusive; 0: the first, backward
                       the last */
    uint64_t limit; /**< at most so many events; 0: all */
    const char *const *select_types;  /**< only these; NULL: all */
    const char *const *exclude_types; /**< all but these; NULL: none */
    const char *correlation_id;       /**< only those of this conversation; NULL: all */
} misas_read_options;

typedef struct misas_event_reader misas_event_reader;

/** Reads a stream; `options` may be NULL. A stream that does not exist has no events. The reader
 * must be freed before the store. */
misas_error *misas_event_store_read_stream(misas_event_reader **out, misas_event_store *store,
                                           const char *stream, const misas_read_options *options);

/** Reads `$all` up to the high-water mark of this moment. Errors: MISAS_ERROR_MARK_HELD_BACK. */
misas_error *misas_event_store_read_all(misas_event_reader **out, misas_event_store *store,
                                        const misas_read_options *options);

/** The next event, which lives until the next call; NULL at the end. After an error the reader can
 * only be freed. Errors: those of upcasting and of the backend. */
misas_error *misas_event_reader_next(const misas_event **out, misas_event_reader *reader);

void misas_event_reader_free(misas_event_reader *reader);

typedef struct misas_stream_info {
    bool exists;            /**< has had an event, and was not deleted */
    bool was_deleted;       /**< and has not come back since */
    uint64_t first_version; /**< of the events that are there; 0: none are */
    uint64_t last_version;  /**< the highest ever given, also of a deleted or truncated stream */
    uint64_t last_position; /**< of the last event that is there; 0: none is */
} misas_stream_info;

/** What there is of a stream. A stream that never was is no error: all members are zero. */
misas_error *misas_event_store_stream_info(misas_stream_info *out, misas_event_store *store,
                                           const char *stream);

misas_error *misas_event_store_stream_exists(bool *out, misas_event_store *store,
                                             const char *stream);

/** Removes the events before `version` for good, and records misas.eventstore.v1.StreamTruncated in
 * MISAS_SYSTEM_STREAM. The stream goes on with its next version, even when nothing is left. Errors:
 * MISAS_ERROR_STREAM_NOT_FOUND; on PostgreSQL a retriable one when the table of events can't be
 * locked within 2 s, because somebody maintains it. */
misas_error *misas_event_store_truncate_stream(misas_event_store *store, const char *stream,
                                               uint64_t before_version);

/** Removes all events of a stream for good, and records misas.eventstore.v1.StreamDeleted. A stream
 * of that name can only begin again as MISAS_NO_STREAM or MISAS_ANY_VERSION, and then goes on after
 * the last version it had. Errors: as for truncating, and MISAS_ERROR_CONCURRENCY. */
misas_error *misas_event_store_delete_stream(misas_event_store *store, const char *stream,
                                             misas_expected_version expected_version);

/** Removes everything; positions go on. Errors: MISAS_ERROR_CLEAR_REFUSED outside of dev and test.
 */
misas_error *misas_event_store_clear(misas_event_store *store);

typedef struct misas_subscription misas_subscription;

typedef struct misas_subscription_options {
    const char *stream; /**< NULL: `$all` */
    uint64_t from;      /**< the first version or position to deliver; 0: from the beginning */
    const char *const *select_types;
    const char *const *exclude_types;
} misas_subscription_options;

/** Delivers what is there and then, for as long as it lives, what comes. After a lost connection it
 * goes on where it was. It must be freed before the store. `options` may be NULL. */
misas_error *misas_event_store_subscribe(misas_subscription **out, misas_event_store *store,
                                         const misas_subscription_options *options);

/** Waits up to `timeout_ms` for the next event, which lives until the next call; `*out` is NULL
 * when there was none, or after misas_subscription_stop. Errors: those of upcasting, after which it
 * can only be freed. While the database is away it waits, logs, and tries again. */
misas_error *misas_subscription_next(const misas_event **out, misas_subscription *subscription,
                                     int timeout_ms);

/** The position (of a stream: the version) up to which everything was delivered or filtered out: a
 * checkpoint may move there. Between the parts of one stored event it stays before that event. */
uint64_t misas_subscription_settled(const misas_subscription *subscription);

/** Makes the waiting call return at once, and every later one. Any thread. */
void misas_subscription_stop(misas_subscription *subscription);

void misas_subscription_free(misas_subscription *subscription);

#ifdef __cplusplus
}
#endif

#endif
