/* The tables of settings as a page for people. */
#include "base/settings_parts.h"

static void add_cell(struct buf *out, struct text text)
{
    for (size_t i = 0; i < text.size; i++) {
        if (text.bytes[i] == '|')
            buf_add_byte(out, '\\');
        buf_add_byte(out, text.bytes[i]);
    }
    buf_add_string(out, " | ");
}

static void add_row(const struct setting *row, struct buf *out)
{
    AUTO_BUF allowed = {0};

    settings_allowed(row, &allowed);
    buf_addf(out, "| `%s`%s | ", row->name,
             row->type == SETTING_SECRET ? ", a secret: or `…_file`" : "");
    add_cell(out, buf_text(&allowed));
    if (row->fallback)
        buf_addf(out, "`%s` | ", row->fallback);
    else
        buf_add_string(out, row->required ? "must be given | " : "– | ");
    add_cell(out, text_of(row->help));
    out->size--; /* the last blank */
    buf_add_byte(out, '\n');
}

static void add_table(const char *name, const struct settings_place *places, size_t count,
                      struct arena *arena, struct buf *out);

/* What more the kinds of a list's maps may hold. */
static void add_variants(const struct setting *list, const char *key, struct arena *arena,
                         struct buf *out)
{
    struct setting_variant variant;

    for (size_t i = 0; list->variant && list->variant(i, &variant); i++) {
        size_t count = settings_places(variant.rows, NULL, NULL, 0);
        struct settings_place *places = arena_take(arena, (count + 1) * sizeof(*places));

        settings_places(variant.rows, NULL, places, 0);
        if (count > 0)
            add_table(arena_textf(arena, "%s type: %s", key, variant.name).bytes, places, count,
                      arena, out);
    }
}

static void add_table(const char *name, const struct settings_place *places, size_t count,
                      struct arena *arena, struct buf *out)
{
    buf_addf(out, "\n## `%s`\n\n| key | what | default | meaning |\n| --- | --- | --- | --- |\n",
             name);
    for (size_t i = 0; i < count; i++)
        add_row(places[i].row, out);
    for (size_t i = 0; i < count; i++) {
        const struct setting *row = places[i].row;

        if (row->type != SETTING_LIST)
            continue;
        size_t inner = settings_places(row->rows, NULL, NULL, 0);
        struct settings_place *rows = arena_take(arena, inner * sizeof(*rows));

        settings_places(row->rows, NULL, rows, 0);
        const char *key = arena_textf(arena, "%s.%s[]", name, row->name).bytes;

        add_table(key, rows, inner, arena, out);
        add_variants(row, key, arena, out);
    }
}

void settings_document(const struct settings_section *sections, size_t count, struct buf *out)
{
    AUTO(arena) arena = arena_new(4096);

    for (size_t i = 0; i < count; i++) {
        struct settings_place *places;
        size_t total = settings_section_places(sections, count, i, arena, &places);

        if (total > 0)
            add_table(sections[i].name, places, total, arena, out);
    }
}
