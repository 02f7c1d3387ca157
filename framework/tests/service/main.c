/* A service as its users write one. */
#include "misas/misas.h"
#include "service/service.h"

int main(int argc, char **argv)
{
    misas_system *system = NULL;
    misas_error *error =
        misas_system_new(&system, &(misas_system_options){.name = "bank", .version = "1.2.3"});

    if (error == NULL) {
        service_add_ledger(system);
        service_add_entry_points(system);
        error = misas_system_run(system, argc, argv);
    }
    misas_system_free(system);
    return misas_error_exit_status(error);
}
