#include "store.h"

#include "upcasters.h"

typedef struct settings {
    misas_secret *connection;
} settings;

static const misas_setting setting_table[] = {
    {.variable = "MISAS_POSTGRESQL",
     .type = MISAS_SETTING_SECRET,
     .offset = offsetof(settings, connection),
     .sentence = "The database, as a libpq connection string or a postgresql:// URI.",
     .is_required = true},
    {.variable = NULL},
};

static misas_error *connect_to_database(misas_postgresql **out)
{
    settings chosen;
    misas_error *error = misas_settings_read(&chosen, setting_table);

    if (error == NULL) {
        error = misas_postgresql_new(out, &(misas_postgresql_options){
                                              .connection = chosen.connection,
                                              .schema = "example_accounts",
                                          });
    }
    misas_settings_clear(&chosen, setting_table);
    return error;
}

/* Each run begins with an empty store. Only a store of a development or test environment can be
 * cleared. */
static misas_error *open_on_postgresql(bank_store *store, const misas_event_store_options *options)
{
    misas_error *error = connect_to_database(&store->database);

    if (error == NULL) {
        error = misas_postgresql_migrate(store->database);
    }
    if (error == NULL) {
        error = misas_event_store_new_postgresql(&store->events, store->database, options);
    }
    return error != NULL ? error : misas_event_store_clear(store->events);
}

misas_error *bank_store_open(bank_store *out, bool is_on_postgresql)
{
    *out = (bank_store){0};
    misas_error *error = bank_upcasters_new(&out->upcasters);

    if (error != NULL) {
        return error;
    }
    const misas_event_store_options options = {
        .environment = MISAS_ENVIRONMENT_DEV,
        .upcasters = out->upcasters,
    };
    return is_on_postgresql ? open_on_postgresql(out, &options)
                            : misas_event_store_new_memory(&out->events, &options);
}

void bank_store_close(bank_store *store)
{
    misas_event_store_free(store->events);
    misas_postgresql_free(store->database);
    misas_upcasters_free(store->upcasters);
}
