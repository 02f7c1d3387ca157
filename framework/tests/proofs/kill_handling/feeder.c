#include "proofs/kill_handling/feeder.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "misas/clock.h"
#include "support/test.h"

enum { window = 400, step_ms = 5, longest_due_ms = 3000, most_repeated = 5 };

feeder *feeder_new(int count, int64_t lasts_ms)
{
    feeder *self = calloc(1, sizeof *self);

    assert_non_null(self);
    self->entries = calloc((size_t)count, sizeof *self->entries);
    assert_non_null(self->entries);
    self->count = count;
    self->began_ms = test_now_ms();
    self->lasts_ms = lasts_ms;
    self->orders = -1;
    self->replies = -1;
    self->random = (unsigned)getpid();
    return self;
}

void feeder_free(feeder *self)
{
    free(self->entries);
    free(self);
}

static int draw(feeder *self, int below)
{
    return rand_r(&self->random) % below;
}

/* One of a hundred is to open what is there already. */
static char draw_kind(feeder *self)
{
    static const char kinds[] = "ddddddddddwwwwwtttttpppcc";

    return draw(self, 100) == 0 ? 'o' : kinds[draw(self, (int)sizeof kinds - 1)];
}

/* Decided upon when it is given first; then it stays. */
static void fill_order(feeder *self, int number)
{
    teller_order *order = &self->entries[number - 1].order;

    *order = (teller_order){
        .number = number,
        .kind = number <= feeder_accounts ? 'o' : draw_kind(self),
        .account = number <= feeder_accounts ? number - 1 : draw(self, feeder_accounts),
        .value = 1 + draw(self, 100),
    };
    if (order->kind == 't') {
        order->other = draw(self, 50) == 0 ? feeder_nobody : draw(self, feeder_accounts);
    } else if (order->kind == 'p') {
        order->value = misas_clock_now_us(NULL) + (int64_t)1000 * draw(self, longest_due_ms);
    } else if (order->kind == 'c') {
        order->other = self->cancellable[draw(self, feeder_cancellable)];
    } else if (order->kind == 'w') {
        order->value *= 2;
    }
}

static void give(feeder *self, int number)
{
    const teller_order *order = &self->entries[number - 1].order;
    char line[teller_line_size];
    int size = snprintf(line, sizeof line, "%d %c %d %d %" PRId64 "\n", order->number, order->kind,
                        order->account, order->other, order->value);

    assert_int_equal(write(self->orders, line, (size_t)size), size);
}

void feeder_connect(feeder *self, int orders, int replies)
{
    self->orders = orders;
    self->replies = replies;
    self->line_size = 0;
    for (int number = 1; number <= self->given; number++) {
        if (self->entries[number - 1].outcome == 0) {
            give(self, number);
            self->again++;
        }
    }
    for (int i = draw(self, most_repeated); i > 0 && self->given > 0; i--) {
        give(self, 1 + draw(self, self->given));
        self->repeated++;
    }
}

static void take_answer(feeder *self, const char *line)
{
    int number = 0;
    char outcome = 0;

    assert_int_equal(sscanf(line, "%d %c", &number, &outcome), 2);
    assert_in_range(number, 1, self->given);
    feeder_entry *entry = &self->entries[number - 1];

    self->answers++;
    if (outcome == TELLER_FAILED && self->orders >= 0) {
        give(self, number);
        self->again++;
    } else if (outcome == TELLER_FAILED) {
        return; /* the next one gets it */
    } else if (entry->outcome != 0) {
        self->changed += entry->outcome != outcome ? 1 : 0;
    } else {
        entry->outcome = outcome;
        entry->answered_us = misas_clock_now_us(NULL);
        self->answered++;
        if (entry->order.kind == 'p') {
            self->cancellable[draw(self, feeder_cancellable)] = number;
        }
    }
}

/* False when there is no more for now. */
static bool read_answers(feeder *self)
{
    ssize_t got =
        read(self->replies, self->line + self->line_size, sizeof self->line - 1 - self->line_size);

    if (got <= 0) {
        return false;
    }
    self->line_size += (size_t)got;
    self->line[self->line_size] = '\0';
    char *begin = self->line;

    for (char *end = strchr(begin, '\n'); end != NULL; end = strchr(begin, '\n')) {
        take_answer(self, begin);
        begin = end + 1;
    }
    self->line_size -= (size_t)(begin - self->line);
    memmove(self->line, begin, self->line_size);
    return true;
}

void feeder_disconnect(feeder *self)
{
    close(self->orders);
    self->orders = -1;
    while (read_answers(self)) {
    }
    close(self->replies);
    self->replies = -1;
}

/* How many are to be given by now: burst by burst. */
static int64_t due_by_now(const feeder *self)
{
    int64_t elapsed_ms = test_now_ms() - self->began_ms;

    return elapsed_ms >= self->lasts_ms
               ? self->count
               : self->count * elapsed_ms / self->lasts_ms / feeder_burst * feeder_burst;
}

void feeder_step(feeder *self)
{
    struct pollfd replies = {.fd = self->replies, .events = POLLIN};

    while (self->given < due_by_now(self) && self->given - self->answered < window) {
        fill_order(self, ++self->given);
        give(self, self->given);
    }
    if (poll(&replies, 1, step_ms) > 0) {
        assert_true(read_answers(self)); /* else it has ended by itself */
    }
}

bool feeder_is_done(const feeder *self)
{
    return self->answered == self->count;
}
