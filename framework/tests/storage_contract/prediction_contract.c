/* What changes of predictions come to. */
#include <string.h>

#include "misas/clock.h"
#include "storage_contract/batches.h"

/* What is there before, the changes of one batch in their order, and what is there afterwards: or
 * the id that was there already. */
static const struct changes {
    const char *before;
    const char *changes;
    const char *after;
    const char *exists;
} cases[] = {
    {"", "+a:T", "a:T", NULL},
    {"", "+b:T/k +a:U/k +c:T", "a:U/k b:T/k c:T", NULL},
    {"+a:T", "+b:T +a:U", NULL, "a"},
    {"", "+a:T +b:T +a:U", NULL, "a"},
    {"", "=a:T", "a:T", NULL},
    {"+a:T/k", "=a:U", "a:U", NULL},
    {"+a:T/k +b:T", "=a:T/k =b:T/k", "a:T/k b:T/k", NULL},
    {"", "=a:T =a:U =a:V/k", "a:V/k", NULL},
    {"", "=a:T +a:U", NULL, "a"},
    {"", "+a:T =a:U", "a:U", NULL},
    {"+a:T", "+a:T =a:U", NULL, "a"},
    {"+a:T +b:T", "-a", "b:T", NULL},
    {"+a:T", "-none", "a:T", NULL},
    {"+a:T", "-a -a", "", NULL},
    {"+a:T", "-a +a:U", "a:U", NULL},
    {"", "-a +a:U", "a:U", NULL},
    {"+a:T", "-a =a:U", "a:U", NULL},
    {"", "+a:T -a", "", NULL},
    {"+a:T", "+a:T -a", NULL, "a"},
    {"", "+a:T -a +a:U", "a:U", NULL},
    {"+a:T", "-a +a:U -a", "", NULL},
    {"+a:T", "-a +a:U +a:V", NULL, "a"},
    {"+a:T", "=a:U -a", "", NULL},
    {"+a:T/k +b:T/k +c:T/l +d:U/k +e:T", "~T/k", "c:T/l d:U/k e:T", NULL},
    {"+a:T/k +b:T/k", "~T/none ~none/k", "a:T/k b:T/k", NULL},
    {"+a:T/k", "~T/k ~T/k", "", NULL},
    {"+a:T/k", "+b:T/k ~T/k", "", NULL},
    {"+a:T/k", "~T/k +b:T/k", "b:T/k", NULL},
    {"+a:T/k", "~T/k +a:T/k", "a:T/k", NULL},
    {"+a:T/k", "+a:T/k ~T/k", NULL, "a"},
    {"+a:T/k", "+a:U/l ~T/k", NULL, "a"},
    {"+a:T/l", "~T/k +a:T/k", NULL, "a"},
    {"+a:T/k", "=a:T/l ~T/k", "a:T/l", NULL},
    {"+a:T/l", "=a:T/k ~T/k", "", NULL},
    {"+a:T/k", "=a:T/l ~T/k ~T/l", "", NULL},
    {"+a:T/k +b:T/k", "~T/k =a:T/k -a ~T/k +c:T/k", "c:T/k", NULL},
    {"+a:T/k +b:T/k", "-a ~T/k +b:T/k =b:U/k", "b:U/k", NULL},
    {"+a:T", "=b:T/k +c:T/k =a:T/k ~T/k =d:T/k", "d:T/k", NULL},
};

static void check(test_side *side, const struct changes *each)
{
    test_batch before = {.words_count = 0};
    test_batch batch = {.words_count = 0};

    batch_predict(&before, each->before);
    assert_no_error(batch_write(&before, side->transaction));
    batch_predict(&batch, each->changes);
    misas_error *error = batch_write(&batch, side->transaction);

    if (each->exists == NULL) {
        assert_no_error(error);
        assert_predictions(side, each->after);
    } else {
        assert_error_data(error, "id", each->exists);
        assert_error_is(error, MISAS_ERROR_PREDICTION_EXISTS);
    }
}

static void clear(test_side *side)
{
    test_batch batch = {.words_count = 0};

    batch_predict(&batch, "-a -b -c -d -e");
    assert_no_error(batch_write(&batch, side->transaction));
    assert_predictions(side, "");
}

TEST(changes_of_predictions_count_in_their_order)
{
    test_side side = side_open(NULL);

    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        check(&side, &cases[i]);
        clear(&side);
    }
    side_close(&side);
}

TEST(a_prediction_keeps_all_that_it_has)
{
    test_side side = side_open(NULL);
    test_batch batch = {.words_count = 0};
    const misas_field fields[] = {{"user", "me"}, {NULL, NULL}};
    char written[500];

    batch_predict(&batch, "+early:T =late:T/k +plain:T");
    batch.predictions[0].prediction.due_at_us = MISAS_TIME_MIN_US;
    batch.predictions[1].prediction.due_at_us = MISAS_TIME_MAX_US;
    batch.predictions[1].prediction.type_version = 5;
    batch.predictions[1].prediction.payload = "content";
    batch.predictions[1].prediction.payload_size = 7;
    batch.predictions[1].prediction.metadata = (misas_metadata){"conversation", "cause", fields};
    assert_no_error(batch_write(&batch, side.transaction));
    storage_fixture_write_predictions(written, sizeof written, side.storage);
    assert_string_equal(written, "early:T::-62135596800000000:1:::: "
                                 "late:T:k:253402300799999999:5:content:conversation:cause:user=me "
                                 "plain:T::0:1::::");
    side_close(&side);
}

TEST(a_replaced_prediction_keeps_nothing_of_what_it_was)
{
    test_side side = side_open(NULL);
    test_batch before = {.words_count = 0};
    test_batch batch = {.words_count = 0};
    const misas_field fields[] = {{"user", "me"}, {NULL, NULL}};
    char written[500];

    batch_predict(&before, "+a:T/k");
    before.predictions[0].prediction.due_at_us = 5;
    before.predictions[0].prediction.type_version = 5;
    before.predictions[0].prediction.payload = "content";
    before.predictions[0].prediction.payload_size = 7;
    before.predictions[0].prediction.metadata = (misas_metadata){"conversation", "cause", fields};
    assert_no_error(batch_write(&before, side.transaction));
    batch_predict(&batch, "=a:U");
    assert_no_error(batch_write(&batch, side.transaction));
    storage_fixture_write_predictions(written, sizeof written, side.storage);
    assert_string_equal(written, "a:U::0:1::::");
    side_close(&side);
}
