/** Commands and queries from a terminal, or a file: an entry point that reads lines from standard
 * input, as in
 *
 *     LendBook {"book": "Emma", "reader": "Ada"}
 *
 * sends each, and prints the answer. At the end of its input it stops the system. */
#ifndef LOANS_TERMINAL_H
#define LOANS_TERMINAL_H

#include <misas/misas.h>

/** Adds the entry point "terminal", for the messages of this .proto file; at most one in a program.
 */
void terminal_register(misas_system *system, const misas_schema *schema);

#endif
