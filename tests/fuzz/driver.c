/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Drives a libFuzzer harness without libFuzzer, so that every compiler can run it as a test: each
 * file of the corpus as it is and cut at every place, then mutations of them, from the same seed
 * every time, until the time is up. A crash is the sanitizers' to report.
 *
 *     fuzz_NAME SECONDS CORPUS_DIR
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { FILES_MAX = 256, SIZE_MAX_BYTES = 1 << 16, CUTS_MAX = 512 };

struct input {
    uint8_t *data;
    size_t size;
};

static struct input inputs[FILES_MAX];
static size_t input_count;

static uint64_t
next_random(uint64_t *seed)
{
    uint64_t z = (*seed += 0x9e3779b97f4a7c15U);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    return z ^ (z >> 31);
}

/* The harness gets a heap copy of exactly its size, so that a read past it is seen. */
static void
run(const uint8_t *data, size_t size)
{
    uint8_t *copy = malloc(size ? size : 1);
    if (!copy)
        abort();
    memcpy(copy, data, size);
    (void)LLVMFuzzerTestOneInput(copy, size);
    free(copy);
}

static void
read_file(const char *folder, const char *name)
{
    char path[4096];
    (void)snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "rb");
    uint8_t *data = malloc(SIZE_MAX_BYTES);
    if (!file || !data) {
        perror(path);
        exit(2);
    }
    size_t size = fread(data, 1, SIZE_MAX_BYTES, file);
    (void)fclose(file);
    inputs[input_count++] = (struct input){.data = data, .size = size};
}

static int
by_name(const void *left, const void *right)
{
    return strcmp(*(char *const *)left, *(char *const *)right);
}

static void
read_corpus(const char *folder)
{
    DIR *dir = opendir(folder);
    if (!dir) {
        perror(folder);
        exit(2);
    }
    char *names[FILES_MAX];
    size_t count = 0;
    for (struct dirent *entry; count < FILES_MAX && (entry = readdir(dir));) {
        if (entry->d_name[0] != '.')
            names[count++] = strdup(entry->d_name);
    }
    (void)closedir(dir);
    qsort(names, count, sizeof *names, by_name);
    for (size_t i = 0; i < count; i++) {
        read_file(folder, names[i]);
        free(names[i]);
    }
}

static void
run_cuts(const struct input *input)
{
    size_t step = input->size / CUTS_MAX + 1;
    for (size_t size = 0; size < input->size; size += step)
        run(input->data, size);
    run(input->data, input->size);
}

/* One to eight changes: a bit, a byte, a cut, a piece said twice, a piece of another file. */
static size_t
mutate(uint8_t *data, size_t size, uint64_t *seed)
{
    static const uint8_t telling[] = {0, 1, 0x7f, 0x80, 0xff, '\r', '\n', '<', '>', ' ', ':', '0'};
    for (uint64_t n = next_random(seed) % 8 + 1; n > 0 && size > 0; n--) {
        size_t at = next_random(seed) % size;
        size_t len = next_random(seed) % (size - at) % 64 + 1;
        switch (next_random(seed) % 5) {
        case 0:
            data[at] ^= (uint8_t)(1U << next_random(seed) % 8);
            break;
        case 1:
            data[at] = telling[next_random(seed) % sizeof telling];
            break;
        case 2:
            memmove(data + at, data + at + len, size - at - len);
            size -= len;
            break;
        case 3:
            if (size + len > SIZE_MAX_BYTES)
                break;
            memmove(data + at + len, data + at, size - at);
            size += len;
            break;
        default: {
            const struct input *other = &inputs[next_random(seed) % input_count];
            if (other->size >= len)
                memcpy(data + at, other->data + next_random(seed) % (other->size - len + 1), len);
            break;
        }
        }
    }
    return size;
}

int
main(int argc, char **argv)
{
    if (argc != 3) {
        (void)fprintf(stderr, "usage: %s SECONDS CORPUS_DIR\n", argv[0]);
        return 2;
    }
    time_t end = time(NULL) + atoi(argv[1]);
    read_corpus(argv[2]);
    if (input_count == 0) {
        (void)fprintf(stderr, "%s: no input\n", argv[2]);
        return 2;
    }
    for (size_t i = 0; i < input_count; i++)
        run_cuts(&inputs[i]);

    static uint8_t data[SIZE_MAX_BYTES];
    uint64_t seed = 1, runs = 0;
    while (time(NULL) < end) {
        const struct input *input = &inputs[next_random(&seed) % input_count];
        memcpy(data, input->data, input->size);
        run(data, mutate(data, input->size, &seed));
        runs++;
    }
    (void)printf("%zu inputs, %llu mutations\n", input_count, (unsigned long long)runs);
    for (size_t i = 0; i < input_count; i++)
        free(inputs[i].data);
    return 0;
}
