#include <stdalign.h>
#include <stdint.h>
#include <string.h>

#include "memory/arena.h"
#include "support/test.h"

TEST(an_arena_gives_memory_that_is_aligned_and_apart)
{
    misas__arena arena = {0};
    char *pieces[200];

    for (size_t i = 0; i < 200; i++) {
        size_t size = i * 7 % 300 + 1;

        pieces[i] = misas__arena_allocate(&arena, size);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        memset(pieces[i], (int)i, size);
    }
    for (size_t i = 0; i < 200; i++) {
        for (size_t j = 0; j < i * 7 % 300 + 1; j++) {
            assert_int_equal((unsigned char)pieces[i][j], i);
        }
    }
    misas__arena_free(&arena);
}

TEST(an_arena_gives_pieces_of_any_size)
{
    const size_t sizes[] = {0, 1, 4095, 4096, 4097, 1000000, 3};
    misas__arena arena = {0};

    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        char *piece = misas__arena_allocate(&arena, sizes[i]);

        assert_non_null(piece);
        memset(piece, 0xA5, sizes[i]);
    }
    misas__arena_free(&arena);
}

TEST(an_arena_refuses_what_no_memory_can_hold)
{
    misas__arena arena = {0};

    assert_null(misas__arena_allocate(&arena, SIZE_MAX));
    assert_null(misas__arena_allocate(&arena, SIZE_MAX - 15));
    assert_null(misas__arena_allocate(&arena, SIZE_MAX / 2 + 1));
    assert_non_null(misas__arena_allocate(&arena, 1));
    misas__arena_free(&arena);
}

TEST(a_reset_arena_uses_its_newest_memory_again)
{
    misas__arena arena = {0};

    misas__arena_reset(&arena);
    misas__arena_allocate(&arena, 10);
    void *large = misas__arena_allocate(&arena, 100000);

    for (int i = 0; i < 3; i++) {
        misas__arena_reset(&arena);
        assert_ptr_equal(misas__arena_allocate(&arena, 100000), large);
    }
    misas__arena_free(&arena);
}

TEST(a_freed_arena_can_be_used_again)
{
    misas__arena arena = {0};

    misas__arena_free(&arena);
    for (int i = 0; i < 3; i++) {
        assert_non_null(misas__arena_allocate(&arena, 5000));
        misas__arena_free(&arena);
    }
}
