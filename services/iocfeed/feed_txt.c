/* txt: a value a line. What follows it (behind '#', ';', white space) is a description.
 *
 * Hosts files are such lists too ("0.0.0.0 evil.example"), and so are lines with more columns, of
 * which the first counts.
 */
#include "iocfeed/feeds.h"

#include "iocfeed/harvest.h"
#include "iocfeed/header_facts.h"

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t';
}

/* Where a comment begins: at the front or behind white space; '#' anywhere but in URLs, where it
 * begins a fragment. */
static size_t comment_at(struct text line, const char *sign)
{
    bool is_url = text_find(line, TEXT("://")) < line.size;

    for (size_t i = 0; i < line.size; i++) {
        struct text rest = text_slice(line, i, line.size);
        bool free = i == 0 || is_space(line.bytes[i - 1]);

        if (sign ? free && text_starts(rest, text_of(sign))
                 : (line.bytes[i] == '#' && (free || !is_url)) || (line.bytes[i] == ';' && free) ||
                       (free && text_starts(rest, TEXT("//"))))
            return i;
    }
    return line.size;
}

static size_t first_word(struct text line)
{
    size_t i = 0;

    while (i < line.size && !is_space(line.bytes[i]))
        i++;
    return i;
}

/* The first of several columns. A blank parts columns only behind an address, a hash, or what @type
 * says is a domain: other texts with blanks are prose, or URLs. */
static struct text first_column(struct text value, const char *type)
{
    size_t tab = text_find_byte(value, '\t');
    size_t end = first_word(value);

    if (tab < value.size)
        return text_trim(text_slice(value, 0, tab));
    if (row_kind_of_column(text_of(type)) == INDICATOR_DOMAIN)
        return text_slice(value, 0, end);
    for (size_t i = 0; i < end; i++) {
        if (!strchr("0123456789abcdefABCDEF.:/[]", value.bytes[i]))
            return value;
    }
    return text_find(value, TEXT(" - ")) < value.size ? value : text_slice(value, 0, end);
}

/* "127.0.0.1 evil.example": the name. */
static bool take_hosts_line(struct text word, struct text rest, struct row *row)
{
    if (!text_is(word, "127.0.0.1") && !text_is(word, "0.0.0.0") && !text_is(word, "::1") &&
        !text_is(word, "::"))
        return false;
    rest = text_trim(rest);
    row->value = text_slice(rest, 0, first_word(rest));
    row->kind = INDICATOR_DOMAIN;
    return row->value.size > 0;
}

static bool is_own_name(struct text name)
{
    static const char *const names[] = {"localhost",     "localhost.localdomain", "local",
                                        "broadcasthost", "ip6-localhost",         "ip6-loopback"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (text_is(name, names[i]))
            return true;
    }
    return false;
}

static void take_line(struct harvest *harvest, struct text line, uint64_t number)
{
    size_t comment = comment_at(line, harvest->profile.comment);
    struct text value = text_trim(text_slice(line, 0, comment));
    struct text words = text_slice(line, comment, line.size);
    struct row row;

    while (words.size && strchr("#;/", words.bytes[0]))
        words = text_slice(words, 1, words.size);
    words = text_trim(words);
    if (value.size == 0) {
        header_facts_note(words, harvest->intake);
        return;
    }
    row_clear(&row);
    row.line = number;
    row.value = value;
    row.description = words;
    size_t end = first_word(value);

    if (take_hosts_line(text_slice(value, 0, end), text_slice(value, end, value.size), &row)) {
        if (is_own_name(row.value))
            return;
    } else {
        row.value = first_column(value, harvest->profile.type);
    }
    intake_row(harvest->intake, &row);
}

static int txt_parse(struct harvest *harvest, const struct feed_answer *answer, struct error *err)
{
    struct text rest = answer->body, line;

    (void)err; /* any text is a list, if perhaps an empty one */
    for (uint64_t number = 1; text_split(&rest, '\n', &line); number++) {
        line = text_trim(line);
        if (line.size > 0)
            take_line(harvest, line, number);
    }
    return 0;
}

const struct feed_ops feed_txt = {.name = "txt", .parse = txt_parse};
