/* A process that handles commands is killed with SIGKILL, at random moments. What it had answered
 * took effect, what it had not is sent again with the same id; commands that handlers sent,
 * predictions and a projection come out as if nothing had happened.
 *
 * MISAS_PROOF_KILLS: how many; MISAS_PROOF_COMMANDS: how many commands; MISAS_PROOF_SECONDS: over
 * what time they are spread. */
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "proofs/kill_handling/feeder.h"
#include "proofs/kill_handling/judge.h"
#include "support/ledger_service.h"
#include "support/test.h"

enum {
    settle_max_ms = 60000,
    end_max_ms = 20000,
    answers_max_ms = 120000,
    mid_burst_max_ms = 1000
};

typedef struct proof {
    test_store *at;
    feeder *feeder;
    PGconn *session;
    pid_t teller;
    unsigned random;
} proof;

/* The ends of two pipes: those of the teller are closed here, those of this process there. */
typedef struct ends {
    teller_ends teller;
    int others[2];
} ends;

static void serve(void *argument)
{
    ends *all = argument;

    close(all->others[0]);
    close(all->others[1]);
    teller_serve(&all->teller);
}

static void start_teller(proof *of)
{
    int orders[2];
    int replies[2];

    assert_int_equal(pipe(orders), 0);
    assert_int_equal(pipe(replies), 0);
    of->teller = ledger_service_fork(
        serve, &(ends){{of->at, orders[0], replies[1]}, {orders[1], replies[0]}});
    close(orders[0]);
    close(replies[1]);
    feeder_connect(of->feeder, orders[1], replies[0]);
}

/* At a random moment; half of the time while answers come. */
static void live_and_die(proof *of, int longest_ms)
{
    int64_t dies_ms = test_now_ms() + rand_r(&of->random) % longest_ms;
    int answers = rand_r(&of->random) % 2 == 0 ? 0 : 1 + rand_r(&of->random) % feeder_burst;

    start_teller(of);
    while (test_now_ms() < dies_ms) {
        feeder_step(of->feeder);
    }
    int from = of->feeder->answers;

    while (of->feeder->answers - from < answers && test_now_ms() < dies_ms + mid_burst_max_ms) {
        feeder_step(of->feeder);
    }
    kill(of->teller, SIGKILL);
    waitpid(of->teller, NULL, 0);
    feeder_disconnect(of->feeder);
}

static bool has_settled(void *argument)
{
    return judge_is_settled(((proof *)argument)->session);
}

static bool has_ended(void *argument)
{
    int status = 0;

    if (waitpid(((proof *)argument)->teller, &status, WNOHANG) == 0) {
        return false;
    }
    assert_int_equal(status, 0);
    return true;
}

/* The last one lives until all is done, and is stopped in order. */
static void live_to_the_end(proof *of)
{
    int64_t ends_ms = of->feeder->began_ms + of->feeder->lasts_ms + answers_max_ms;

    start_teller(of);
    while (!feeder_is_done(of->feeder) && test_now_ms() < ends_ms) {
        feeder_step(of->feeder);
    }
    assert_true(feeder_is_done(of->feeder));
    if (!test_wait_until(has_settled, of, settle_max_ms)) {
        print_error("not all has settled\n"); /* the figures say what has not */
    }
    feeder_disconnect(of->feeder);
    assert_true(test_wait_until(has_ended, of, end_max_ms));
}

static void report(const proof *of, const judgement *of_all, int kills)
{
    printf("figures: kills=%d commands=%d accepted=%" PRId64 " refused=%" PRId64
           " resent=%d repeated=%d lost=%" PRId64 " double=%" PRId64 " changed=%" PRId64
           " gaps=%" PRId64 " sent=%" PRId64 " sent_handled=%" PRId64 " predictions=%" PRId64
           " fired=%" PRId64 " cancelled=%" PRId64 " fired_wrongly=%" PRId64 " left=%" PRId64
           " projection_wrong=%" PRId64 " set_aside=%" PRId64 " seconds=%" PRId64 "\n",
           kills, of->feeder->count, of_all->accepted, of_all->refused, of->feeder->again,
           of->feeder->repeated, of_all->lost, of_all->twice, of_all->changed, of_all->gaps,
           of_all->sent, of_all->sent_handled, of_all->predictions, of_all->fired,
           of_all->cancelled, of_all->fired_wrongly, of_all->left, of_all->projection_wrong,
           of_all->set_aside, (test_now_ms() - of->feeder->began_ms) / 1000);
}

static void open_proof(proof *of, int commands, int64_t lasts_ms)
{
    signal(SIGPIPE, SIG_IGN);
    of->at = test_store_open(NULL);
    of->session = session_open(of->at);
    of->random = (unsigned)getpid();
    session_execute(of->session, "insert into collections (name) values ('balances')");
    of->feeder = feeder_new(commands, lasts_ms);
}

TEST(commands_take_effect_once_with_all_that_follows_when_their_process_is_killed)
{
    proof of = {0};
    judgement found = {0};
    int kills = test_amount("MISAS_PROOF_KILLS", 2);
    int lasts_ms = 1000 * test_amount("MISAS_PROOF_SECONDS", 3);

    open_proof(&of, test_amount("MISAS_PROOF_COMMANDS", 1000), lasts_ms);
    for (int i = 0; i < kills; i++) {
        live_and_die(&of, 2 * lasts_ms / kills);
    }
    live_to_the_end(&of);
    judge(&found, of.session, of.at, of.feeder);
    report(&of, &found, kills);
    assert_int_equal(found.lost + found.twice + found.changed + found.gaps, 0);
    assert_int_equal(found.sent_handled, found.sent);
    assert_int_equal(found.predictions, found.fired + found.cancelled);
    assert_int_equal(found.fired_wrongly + found.left, 0);
    assert_int_equal(found.projection_wrong + found.set_aside, 0);
    feeder_free(of.feeder);
    PQfinish(of.session);
    test_store_close(of.at);
}
