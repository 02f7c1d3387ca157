/* accounts [--postgresql]: a small bank whose accounts are streams of events. */
#include <stdio.h>
#include <string.h>

#include "store.h"
#include "story.h"

int main(int argc, char **argv)
{
    bool is_on_postgresql = argc == 2 && strcmp(argv[1], "--postgresql") == 0;
    bank_store store;

    if (argc > 1 && !is_on_postgresql) {
        fprintf(stderr, "usage: accounts [--postgresql]\n");
        return 2;
    }
    misas_error *error = bank_store_open(&store, is_on_postgresql);

    if (error == NULL) {
        error = story_tell(store.events);
    }
    bank_store_close(&store);
    return misas_error_exit_status(error);
}
