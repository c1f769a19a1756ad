/* Whatever stands in a settings file, reading it must not crash, leak or hang; and what is read
 * must survive --print-config: printed, read and printed again it is the same. */
#include <stdint.h>
#include <stdlib.h>

#include "base/settings.h"

struct item {
    const char *name;
    struct text_list texts;
};

struct all {
    const char *text, *url;
    int64_t integer, duration, size;
    double number;
    bool boolean;
    int choice;
    struct text_list texts;
    struct text_map map;
    struct setting_list items;
};

static const char *const choices[] = {"a", "b", NULL};

#define AT(type, member) .offset = offsetof(struct type, member)

static const struct setting item_rows[] = {
    {"n", SETTING_TEXT, AT(item, name), .required = true},
    {"t.l", SETTING_TEXT_LIST, AT(item, texts)},
    {0},
};

/* No secrets: they are not printed as they are. */
static const struct setting rows[] = {
    {"t", SETTING_TEXT, AT(all, text), .fallback = "x"},
    {"u", SETTING_URL, AT(all, url)},
    {"i", SETTING_INTEGER, AT(all, integer)},
    {"d", SETTING_DURATION, AT(all, duration)},
    {"s", SETTING_SIZE, AT(all, size)},
    {"n.f", SETTING_NUMBER, AT(all, number)},
    {"b", SETTING_BOOLEAN, AT(all, boolean)},
    {"c", SETTING_CHOICE, AT(all, choice), .fallback = "a", .choices = choices},
    {"n.l", SETTING_TEXT_LIST, AT(all, texts), .fallback = "x,y"},
    {"n.m", SETTING_TEXT_MAP, AT(all, map)},
    {"l", SETTING_LIST, AT(all, items), .rows = item_rows, .row_size = sizeof(struct item)},
    {0},
};

static const char *environment(const char *name)
{
    return name[0] == 'A' ? "value" : name[0] == 'B' ? "" : NULL;
}

static struct settings *parse(struct text bytes, struct all *all, struct buf *printed)
{
    const struct settings_section sections[] = {{"m", rows, all}, {"o", NULL, NULL}};
    struct settings *settings = settings_parse("f", bytes, sections, 2, environment, NULL);

    if (settings)
        settings_print(sections, 2, printed);
    return settings;
}

static bool has_secret(const struct text_map *map)
{
    static const char *const parts[] = {"password", "secret", "token", ".pem",
                                        "oauthbearer.config"};

    for (size_t i = 0; i < map->count; i++) {
        for (size_t k = 0; k < COUNT_OF(parts); k++) {
            if (strstr(map->names[i], parts[k]))
                return true;
        }
    }
    return false;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct all all = {0}, again = {0};
    AUTO_BUF first = {0}, second = {0};
    AUTO(settings) settings = parse((struct text){(const char *)data, size}, &all, &first);

    if (!settings || has_secret(&all.map))
        return 0;
    AUTO(settings) reread = parse(buf_text(&first), &again, &second);

    if (!reread || !text_equal(buf_text(&first), buf_text(&second)))
        abort();
    return 0;
}
