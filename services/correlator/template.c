#include "correlator/template.h"

#include <errno.h>

#include "base/buf.h"
#include "base/moment.h"
#include "base/number.h"
#include "correlator/field.h"

static const char *const counted[] = {"event_count", "first_seen", "last_seen"};

static bool is_of_name(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.' || c == '@';
}

/* The placeholder that begins at @at, without its braces; false where none does. */
static bool placeholder(struct text text, size_t at, struct text *name)
{
    size_t end = at + 1;

    while (end < text.size && is_of_name(text.bytes[end]))
        end++;
    if (text.bytes[at] != '{' || end == at + 1 || end == text.size || text.bytes[end] != '}')
        return false;
    *name = text_slice(text, at + 1, end);
    return true;
}

static bool is_among(struct text name, const struct text *names, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        if (text_equal(name, names[i]))
            return true;
    }
    return false;
}

static bool is_counted(struct text name)
{
    for (size_t i = 0; i < COUNT_OF(counted); i++) {
        if (text_is(name, counted[i]))
            return true;
    }
    return false;
}

int template_check(const struct reading *reading, const struct node *node, const char *key,
                   const struct correlation *rule, struct error *err)
{
    struct text text = node->text, name;
    struct correlation_field field;
    char why[240];

    for (size_t i = 0; i < text.size; i++) {
        if (!placeholder(text, i, &name) || is_counted(name) ||
            is_among(name, rule->group_by, rule->group_count))
            continue;
        if (!field_find(name, &field, why, sizeof(why)))
            return reading_refuse(reading, node->line, err, "%s has '{%.*s}': %s", key,
                                  TEXT_ARG(text_cut(name, 80)), why);
    }
    return 0;
}

static struct text value_of(struct text name, const struct template_facts *facts, struct buf *own)
{
    struct correlation_field field;
    char why[240];

    for (size_t i = 0; i < facts->count; i++) {
        if (text_equal(name, facts->names[i]))
            return facts->values[i];
    }
    if (text_is(name, "event_count"))
        number_write_integer(facts->event_count, own);
    else if (text_is(name, "first_seen"))
        moment_write(facts->first_seen, own);
    else if (text_is(name, "last_seen"))
        moment_write(facts->last_seen, own);
    else if (facts->event && field_find(name, &field, why, sizeof(why)))
        return correlation_value_of(&field, facts->event);
    return buf_text(own);
}

/* What a terminal or a SIEM might obey: C0, DEL, C1, and bytes that are no character. */
static bool is_control(struct text text, size_t at, size_t size)
{
    unsigned char first = (unsigned char)text.bytes[at];

    return size == 0 || first < ' ' || first == 0x7F ||
           (size == 2 && first == 0xC2 && (unsigned char)text.bytes[at + 1] < 0xA0);
}

/* At most *@left characters of @text, and of those at most @most; the rest shows as "…". */
static void add_characters(struct buf *out, struct text text, size_t most, size_t *left)
{
    for (size_t i = 0, taken = 0; i<text.size && * left> 0;) {
        size_t size = text_character(text_slice(text, i, i + 4));

        --*left;
        if ((++taken == most || *left == 0) && i + (size ? size : 1) < text.size) {
            buf_add_string(out, "…");
            return;
        }
        if (is_control(text, i, size))
            buf_add_byte(out, ' ');
        else
            buf_add(out, text_slice(text, i, i + size));
        i += size ? size : 1;
    }
}

struct text template_fill(struct text template, const struct template_facts *facts, size_t limit,
                          struct arena *arena)
{
    AUTO_BUF out = {0};
    size_t left = limit;
    struct text name;

    for (size_t i = 0, from = 0; i <= template.size; i++) {
        bool is_placeholder = i < template.size && placeholder(template, i, &name);

        if (i < template.size && !is_placeholder)
            continue;
        add_characters(&out, text_slice(template, from, i), SIZE_MAX, &left);
        if (!is_placeholder)
            break;
        AUTO_BUF own = {0};
        struct text value = value_of(name, facts, &own);

        if (value.size == 0)
            value = text_is(name, "source_ip") ? TEXT("an unknown source") : TEXT("unknown");
        add_characters(&out, value, TEMPLATE_VALUE_CHARACTERS, &left);
        i += name.size + 1;
        from = i + 1;
    }
    return arena_copy(arena, buf_text(&out));
}
