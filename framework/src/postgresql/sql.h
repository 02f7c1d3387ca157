/** Private: the SQL files, embedded at build time. `@schema@` in them stands for the quoted schema
 * name, which has no quotes inside, so that it also fits within a literal. */
#ifndef MISAS_SRC_POSTGRESQL_SQL_H
#define MISAS_SRC_POSTGRESQL_SQL_H

typedef struct misas__migration_file {
    int version; /* 0 ends the list */
    const char *name;
    const char *sql;
} misas__migration_file;

extern const misas__migration_file misas__migration_files[];

extern const char misas__sql_add_predictions[];
extern const char misas__sql_append_events[];
extern const char misas__sql_append_exactly[];
extern const char misas__sql_append_first[];
extern const char misas__sql_append_lock_holders[];
extern const char misas__sql_append_next[];
extern const char misas__sql_append_to_stream[];
extern const char misas__sql_attempt_checkpoint[];
extern const char misas__sql_cancel_predictions[];
extern const char misas__sql_claim_predictions[];
extern const char misas__sql_clear_store[];
extern const char misas__sql_clock[];
extern const char misas__sql_count_documents[];
extern const char misas__sql_count_predictions[];
extern const char misas__sql_create_collection[];
extern const char misas__sql_create_migrations[];
extern const char misas__sql_delete_collection[];
extern const char misas__sql_delete_documents[];
extern const char misas__sql_delete_documents_fitting[];
extern const char misas__sql_drop_dead_letter[];
extern const char misas__sql_find_collection[];
extern const char misas__sql_find_document[];
extern const char misas__sql_find_documents_by_id_ascending[];
extern const char misas__sql_find_documents_by_id_descending[];
extern const char misas__sql_find_documents_by_ids[];
extern const char misas__sql_find_documents_sorted_ascending[];
extern const char misas__sql_find_documents_sorted_descending[];
extern const char misas__sql_find_events[];
extern const char misas__sql_find_handled_messages[];
extern const char misas__sql_find_predictions[];
extern const char misas__sql_find_unconfirmed[];
extern const char misas__sql_fire_predictions[];
extern const char misas__sql_forget_handled_messages[];
extern const char misas__sql_insert_documents[];
extern const char misas__sql_insert_handled_messages[];
extern const char misas__sql_last_event_position[];
extern const char misas__sql_last_event_version[];
extern const char misas__sql_last_position[];
extern const char misas__sql_list_checkpoints[];
extern const char misas__sql_list_collections[];
extern const char misas__sql_list_dead_letters[];
extern const char misas__sql_list_dead_letters_of[];
extern const char misas__sql_list_dead_letters_to_retry[];
extern const char misas__sql_lock_predictions[];
extern const char misas__sql_lock_store[];
extern const char misas__sql_mark_stream[];
extern const char misas__sql_move_checkpoint[];
extern const char misas__sql_note_claims[];
extern const char misas__sql_pause_processor[];
extern const char misas__sql_read_all_backward[];
extern const char misas__sql_read_all_backward_filtered[];
extern const char misas__sql_read_all_forward[];
extern const char misas__sql_read_all_forward_filtered[];
extern const char misas__sql_read_correlation_backward[];
extern const char misas__sql_read_correlation_forward[];
extern const char misas__sql_read_stream_backward[];
extern const char misas__sql_read_stream_backward_filtered[];
extern const char misas__sql_read_stream_forward[];
extern const char misas__sql_read_stream_forward_filtered[];
extern const char misas__sql_record_migration[];
extern const char misas__sql_release_checkpoint[];
extern const char misas__sql_remove_events[];
extern const char misas__sql_renew_checkpoint[];
extern const char misas__sql_replace_predictions[];
extern const char misas__sql_reset_checkpoint[];
extern const char misas__sql_retry_dead_letter[];
extern const char misas__sql_schema_version[];
extern const char misas__sql_seize_checkpoint[];
extern const char misas__sql_set_aside_dead_letters[];
extern const char misas__sql_settle_dead_letters[];
extern const char misas__sql_stream_info[];
extern const char misas__sql_take_checkpoint[];
extern const char misas__sql_update_documents[];
extern const char misas__sql_upsert_documents[];

#endif
