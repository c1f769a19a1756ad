#include "unit.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "base/buf.h"
#include "base/files.h"

static const char *const endings[] = {".yaml", ".yml", NULL};

struct folder {
    char path[64];
    struct arena *arena;
    struct files files;
    struct error err;
};

static int make_folder(void **state)
{
    static const char *const made[] = {"b.yaml", "a.yml",        ".hidden.yaml",  "notes.txt",
                                       "c/",     "c/inner.yaml", "c/deep/",       "c/deep/d.yml",
                                       "z.yaml", "trap.yaml/",   "trap.yaml/text"};
    struct folder *folder = mem_zero(sizeof(*folder));

    snprintf(folder->path, sizeof(folder->path), "/tmp/test_files.XXXXXX");
    assert_non_null(mkdtemp(folder->path));
    for (size_t i = 0; i < COUNT_OF(made); i++) {
        AUTO_BUF path = {0};

        buf_addf(&path, "%s/%s", folder->path, made[i]);
        if (text_ends(text_of(made[i]), TEXT("/"))) {
            assert_int_equal(mkdir(buf_string(&path), 0700), 0);
        } else {
            FILE *file = fopen(buf_string(&path), "w");

            assert_non_null(file);
            fclose(file);
        }
    }
    folder->arena = arena_new(1024);
    *state = folder;
    return 0;
}

static int remove_folder(void **state)
{
    struct folder *folder = *state;
    AUTO_BUF command = {0};

    buf_addf(&command, "rm -r '%s'", folder->path);
    assert_int_equal(system(buf_string(&command)), 0);
    arena_free(folder->arena);
    free(folder);
    return 0;
}

/* The paths found, without the folder's, joined by blanks. */
static void expect(struct folder *folder, const char *name, const char *want)
{
    AUTO_BUF got = {0};
    size_t skip = strlen(folder->path) + 1;

    for (size_t i = 0; i < folder->files.count; i++)
        buf_addf(&got, "%s%s", i ? " " : "", folder->files.paths[i].bytes + skip);
    unit_text(name, buf_text(&got), want);
}

static void a_folder_is_its_files_of_the_endings_in_order(void **state)
{
    static const struct {
        const char *name;
        int depth;
        const char *want;
    } rows[] = {
        {"the folder alone", 0, "a.yml b.yaml z.yaml"},
        {"one below it", 1, "a.yml b.yaml c/inner.yaml z.yaml"},
        {"all", 9, "a.yml b.yaml c/deep/d.yml c/inner.yaml z.yaml"},
    };
    struct folder *folder = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct files_wanted wanted = {"lists", endings, 100, rows[i].depth};

        assert_int_equal(
            files_find(folder->arena, folder->path, &wanted, &folder->files, &folder->err), 0);
        expect(folder, rows[i].name, rows[i].want);
    }
}

static void a_folder_with_none_of_them_is_refused(void **state)
{
    static const char *const others[] = {".json", ".csv", NULL};
    static const struct {
        int depth;
        const char *want;
    } rows[] = {{0, ": holds no lists (.json, .csv); subfolders are not read"},
                {9, ": holds no lists (.json, .csv)"}};
    struct folder *folder = *state;

    for (size_t i = 0; i < COUNT_OF(rows); i++) {
        const struct files_wanted wanted = {"lists", others, 100, rows[i].depth};
        AUTO_BUF want = {0};

        assert_int_equal(
            files_find(folder->arena, folder->path, &wanted, &folder->files, &folder->err),
            -ENOENT);
        buf_addf(&want, "%s%s", folder->path, rows[i].want);
        assert_string_equal(folder->err.text, buf_string(&want));
    }
}

static void endings_may_be_in_capitals(void **state)
{
    static const char *const capitals[] = {".YML", NULL};
    struct folder *folder = *state;
    const struct files_wanted wanted = {"lists", capitals, 100, 0};

    assert_int_equal(files_find(folder->arena, folder->path, &wanted, &folder->files, &folder->err),
                     0);
    expect(folder, "a.yml", "a.yml");
}

static void a_file_is_itself_whatever_its_name(void **state)
{
    struct folder *folder = *state;
    const struct files_wanted wanted = {"lists", endings, 100, 0};
    AUTO_BUF path = {0};

    buf_addf(&path, "%s/notes.txt", folder->path);
    assert_int_equal(
        files_find(folder->arena, buf_string(&path), &wanted, &folder->files, &folder->err), 0);
    expect(folder, "a file", "notes.txt");
}

static void what_is_wrong_is_said(void **state)
{
    struct folder *folder = *state;
    const struct files_wanted few = {"lists", endings, 2, 0};
    AUTO_BUF want = {0};

    assert_int_equal(files_find(folder->arena, "/nonexistent", &few, &folder->files, &folder->err),
                     -ENOENT);
    assert_string_equal(folder->err.text,
                        "/nonexistent: cannot be read: No such file or directory");
    assert_int_equal(files_find(folder->arena, folder->path, &few, &folder->files, &folder->err),
                     -E2BIG);
    buf_addf(&want, "%s: has more than 2 lists", folder->path);
    assert_string_equal(folder->err.text, buf_string(&want));
    assert_int_equal(folder->files.count, 0);
}

#define IN_A_FOLDER(test) cmocka_unit_test_setup_teardown(test, make_folder, remove_folder)

UNIT_MAIN(IN_A_FOLDER(a_folder_with_none_of_them_is_refused),
          IN_A_FOLDER(endings_may_be_in_capitals),
          IN_A_FOLDER(a_folder_is_its_files_of_the_endings_in_order),
          IN_A_FOLDER(a_file_is_itself_whatever_its_name), IN_A_FOLDER(what_is_wrong_is_said))
