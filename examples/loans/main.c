/* A library that lends books, as a service. */
#include <misas/misas.h>

#include "loans.h"
#include "loans/v1/loans.misas.h"
#include "terminal.h"

int main(int argc, char **argv)
{
    misas_system *system = NULL;
    misas_error *error =
        misas_system_new(&system, &(misas_system_options){.name = "library", .version = "1.0.0"});

    if (error == NULL) {
        loans_register(system);
        terminal_register(system, &loans_v1_loans_schema);
        error = misas_system_run(system, argc, argv);
    }
    misas_system_free(system);
    return misas_error_exit_status(error);
}
