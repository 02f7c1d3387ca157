#include "flights/statistics/board.h"

#include <stdlib.h>
#include <string.h>

enum { most_movements = 8 };

/* NULL: there is no memory. */
static movement_record *copy_of(const movement_record *movement)
{
    movement_record *copy = malloc(sizeof *copy);

    if (copy == NULL) {
        return NULL;
    }
    flights__statistics__v1__movement__init(copy);
    copy->flight = strdup(movement->flight);
    copy->carrier = strdup(movement->carrier);
    copy->destination = strdup(movement->destination);
    copy->what = strdup(movement->what);
    copy->delay_minutes = movement->delay_minutes;
    if (copy->flight == NULL || copy->carrier == NULL || copy->destination == NULL ||
        copy->what == NULL) {
        misas_message_free(&copy->base);
        return NULL;
    }
    return copy;
}

misas_error *board_show(airport_record *airport, const movement_record *movement)
{
    movement_record **board =
        realloc(airport->board, (airport->n_board + 1) * sizeof(movement_record *));
    movement_record *copy = board != NULL ? copy_of(movement) : NULL;

    airport->board = board != NULL ? board : airport->board;
    if (copy == NULL) {
        return misas_error_out_of_memory();
    }
    memmove(board + 1, board, airport->n_board * sizeof(movement_record *));
    board[0] = copy;
    airport->n_board++;
    if (airport->n_board > most_movements) {
        airport->n_board--;
        misas_message_free(&board[airport->n_board]->base);
    }
    return NULL;
}
