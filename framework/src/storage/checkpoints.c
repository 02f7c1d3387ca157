#include "storage/checkpoints.h"

#include <inttypes.h>
#include <stdio.h>

misas_error *misas__lease_lost_error(const misas__checkpoint_key *key)
{
    char partition[16];

    snprintf(partition, sizeof partition, "%" PRId32, key->partition);
    return misas_error_new_format(
        &(misas_error_options){
            .type_name = MISAS__ERROR_LEASE_LOST,
            .data = (misas_field[]){{"processor", key->processor},
                                    {"source", key->source},
                                    {"partition", partition},
                                    {NULL, NULL}},
            .tags = MISAS_TAG_CONFLICT,
        },
        "another may lead processor %s now (source %s, partition %s)", key->processor, key->source,
        partition);
}

misas_error *misas__dead_letter_gone_error(void)
{
    return misas_error_new(&(misas_error_options){
        .type_name = MISAS__ERROR_LEASE_LOST,
        .message = "a dead letter that was handled is not there any more",
        .tags = MISAS_TAG_CONFLICT,
    });
}
