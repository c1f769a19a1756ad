/* The effective settings as YAML. */
#include "base/ascii.h"
#include "base/number.h"
#include "base/settings_parts.h"

struct printer {
    struct buf *out;
    struct arena *arena;
    int indent;
    bool is_item; /* the next line begins an item of a list */
};

static void start_line(struct printer *printer)
{
    buf_addf(printer->out, "%*s%s", printer->indent - (printer->is_item ? 2 : 0), "",
             printer->is_item ? "- " : "");
    printer->is_item = false;
}

/* Fit to stand without quotes, in a list too, whatever reads it. */
static bool is_plain(struct text text)
{
    static const char *const others[] = {"null", "Null", "NULL"};

    for (size_t i = 0; i < text.size; i++) {
        char byte = text.bytes[i];

        if (!ascii_is_alnum(byte) && byte != '/' &&
            (i == 0 || text_find_byte(TEXT("_.-:"), byte) == 4))
            return false;
    }
    for (size_t i = 0; i < COUNT_OF(others); i++) {
        if (text_is(text, others[i]))
            return false;
    }
    return text.size > 0 && text.bytes[text.size - 1] != ':';
}

/* Of a well-formed character of at most three bytes. */
static unsigned code_point(struct text character)
{
    static const unsigned char heads[] = {0, 0x7F, 0x1F, 0x0F};
    unsigned code = (unsigned char)character.bytes[0] & heads[character.size];

    for (size_t i = 1; i < character.size; i++)
        code = code << 6 | ((unsigned char)character.bytes[i] & 0x3F);
    return code;
}

/* What JSON leaves as it is and YAML refuses or takes for a line end (YAML 1.1 §5.1, §5.4). */
static bool needs_escape(unsigned code)
{
    return (code >= 0x7F && code < 0xA0) || code == 0x2028 || code == 0x2029 || code == 0xFEFF ||
           code >= 0xFFFE;
}

static void print_quoted(struct text word, struct buf *out)
{
    AUTO_BUF json = {0};

    buf_add_json(&json, word);
    for (size_t i = 0; i < json.size;) {
        struct text rest = text_slice(buf_text(&json), i, json.size);
        struct text character = text_slice(rest, 0, text_character(rest));
        unsigned code = character.size < 4 ? code_point(character) : 0;

        if (needs_escape(code))
            buf_addf(out, "\\u%04x", code);
        else
            buf_add(out, character);
        i += character.size;
    }
}

static void print_word(struct text word, struct buf *out)
{
    if (is_plain(word))
        buf_add(out, word);
    else
        print_quoted(word, out);
}

static void print_text(const char *string, struct buf *out)
{
    struct text rest = text_of(string);
    AUTO_BUF escaped = {0};

    if (!string) {
        buf_add_string(out, "null");
        return;
    }
    for (size_t at; (at = text_find(rest, TEXT("${"))) < rest.size;) {
        buf_add(&escaped, text_slice(rest, 0, at));
        buf_add_string(&escaped, "$${");
        rest = text_slice(rest, at + 2, rest.size);
    }
    buf_add(&escaped, rest);
    print_word(buf_text(&escaped), out);
}

static void print_texts(const struct text_list *list, struct buf *out)
{
    buf_add_byte(out, '[');
    for (size_t i = 0; i < list->count; i++) {
        buf_add_string(out, i > 0 ? ", " : "");
        print_text(list->items[i], out);
    }
    buf_add_byte(out, ']');
}

static void print_map(struct printer *printer, const struct text_map *map)
{
    if (map->count == 0)
        buf_add_string(printer->out, " {}");
    for (size_t i = 0; i < map->count; i++) {
        buf_addf(printer->out, "\n%*s", printer->indent + 2, "");
        print_word(text_of(map->names[i]), printer->out);
        buf_add_string(printer->out, ": ");
        print_text(settings_is_secret(text_of(map->names[i])) ? "***" : map->values[i],
                   printer->out);
    }
}

static void print_rows(struct printer *printer, const struct settings_place *places, size_t count,
                       struct text prefix);

static void print_list(struct printer *printer, const struct setting *row,
                       const struct setting_list *list)
{
    if (list->count == 0)
        buf_add_string(printer->out, " []");
    for (size_t i = 0; i < list->count; i++) {
        char *item = (char *)list->rows + i * row->row_size;
        struct setting_variant variant = {0};
        void *of_variant = row->variant ? settings_variant_of(row, item, &variant) : NULL;
        struct settings_place *places;
        size_t count =
            settings_variant_places(row, item, &variant, of_variant, printer->arena, &places);

        printer->indent += 4;
        printer->is_item = true;
        buf_add_byte(printer->out, '\n');
        print_rows(printer, places, count, TEXT(""));
        printer->out->size--; /* the line end that the caller adds */
        printer->indent -= 4;
    }
}

static void print_scalar(const struct setting *row, const void *value, struct buf *out)
{
    switch (row->type) {
    case SETTING_SECRET:
        print_text(*(const char *const *)value ? "***" : NULL, out);
        break;
    case SETTING_INTEGER:
    case SETTING_DURATION:
    case SETTING_SIZE:
        settings_number_write(row->type, *(const int64_t *)value, out);
        break;
    case SETTING_NUMBER:
        number_write_double(*(const double *)value, out);
        break;
    case SETTING_BOOLEAN:
        buf_add_string(out, *(const bool *)value ? "true" : "false");
        break;
    case SETTING_CHOICE:
        print_text(row->choices[*(const int *)value], out);
        break;
    default:
        print_text(*(const char *const *)value, out);
    }
}

static void print_row(struct printer *printer, const struct settings_place *place, const char *name)
{
    const struct setting *row = place->row;
    const void *value = place->into + row->offset;

    start_line(printer);
    buf_addf(printer->out, "%s:", name);
    if (row->type == SETTING_TEXT_MAP) {
        print_map(printer, value);
    } else if (row->type == SETTING_LIST) {
        print_list(printer, row, value);
    } else {
        buf_add_byte(printer->out, ' ');
        if (row->type == SETTING_TEXT_LIST)
            print_texts(value, printer->out);
        else
            print_scalar(row, value, printer->out);
    }
    buf_add_byte(printer->out, '\n');
}

/* Has a row before @places[i] the level "<prefix><word>." too? */
static bool is_begun(const struct settings_place *places, size_t i, struct text level)
{
    for (size_t k = 0; k < i; k++) {
        if (text_starts(text_of(places[k].row->name), level))
            return true;
    }
    return false;
}

static void print_rows(struct printer *printer, const struct settings_place *places, size_t count,
                       struct text prefix)
{
    for (size_t i = 0; i < count; i++) {
        struct text name = text_of(places[i].row->name);
        struct text rest = text_slice(name, prefix.size, name.size);
        size_t dot = text_find_byte(rest, '.');

        if (!text_starts(name, prefix))
            continue;
        if (dot == rest.size) {
            print_row(printer, &places[i], rest.bytes);
            continue;
        }
        struct text level = text_slice(name, 0, prefix.size + dot + 1);

        if (is_begun(places, i, level))
            continue;
        start_line(printer);
        buf_addf(printer->out, "%.*s:\n", (int)dot, rest.bytes);
        printer->indent += 2;
        print_rows(printer, places, count, level);
        printer->indent -= 2;
    }
}

void settings_print(const struct settings_section *sections, size_t count, struct buf *out)
{
    AUTO(arena) arena = arena_new(4096);

    for (size_t i = 0; i < count; i++) {
        struct printer printer = {out, arena, 2, false};
        struct settings_place *places;
        size_t total = settings_section_places(sections, count, i, arena, &places);

        if (total == 0)
            continue;
        buf_addf(out, "%s:\n", sections[i].name);
        print_rows(&printer, places, total, TEXT(""));
    }
}
