/* What is decoded as an error is encoded again, and decoded as the same. */
#include "fuzz/fuzz.h"
#include "misas/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size);

/* A chain this long is not cut, nor are texts that are all together so long. */
enum { max_whole_levels = 50, max_whole_bytes = 16 * 1024 };

static bool is_cut(const misas_error *error, size_t size)
{
    size_t levels = 0;

    for (; error != NULL; error = misas_error_cause(error)) {
        levels++;
    }
    return levels > max_whole_levels || size > max_whole_bytes;
}

static bool has_same_data(const misas_error *left, const misas_error *right)
{
    const misas_field *ours = misas_error_data_fields(left);
    const misas_field *theirs = misas_error_data_fields(right);

    while (ours->name != NULL && theirs->name != NULL && strcmp(ours->name, theirs->name) == 0 &&
           strcmp(ours->value, theirs->value) == 0) {
        ours++;
        theirs++;
    }
    return ours->name == NULL && theirs->name == NULL;
}

static void must_be_same(const misas_error *left, const misas_error *right)
{
    while (left != NULL && right != NULL) {
        must_be_true(strcmp(misas_error_type(left), misas_error_type(right)) == 0, "same type");
        must_be_true(strcmp(misas_error_message(left), misas_error_message(right)) == 0,
                     "same message");
        must_be_true(strcmp(misas_error_tags(left), misas_error_tags(right)) == 0, "same tags");
        must_be_true(has_same_data(left, right), "same data");
        left = misas_error_cause(left);
        right = misas_error_cause(right);
    }
    must_be_true(left == NULL && right == NULL, "same number of causes");
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
    misas_error *first = NULL;
    misas_error *second = NULL;
    void *written = NULL;
    void *again = NULL;
    size_t written_size = 0;
    size_t again_size = 0;
    misas_error *refusal = misas_error_decode(&first, bytes, size);

    if (refusal != NULL) {
        must_be_refusal(refusal);
        return 0;
    }
    must_not_fail(misas_error_encode(&written, &written_size, first), "encoding");
    must_not_fail(misas_error_decode(&second, written, written_size), "decoding what was encoded");
    must_not_fail(misas_error_encode(&again, &again_size, second), "encoding again");
    must_be_true(written_size == again_size && memcmp(written, again, written_size) == 0,
                 "the same bytes are encoded again");
    if (!is_cut(first, size)) {
        must_be_same(first, second);
    }
    free(written);
    free(again);
    misas_error_free(first);
    misas_error_free(second);
    return 0;
}
