/* txt: a value a line. What follows it (behind '#', ';', white space) is a description.
 *
 * Hosts files are such lists too ("0.0.0.0 evil.example"), and those of other programs that block
 * names (blocking_line.h), and so are lines with more columns, of which the first counts.
 */
#include "iocfeed/feeds.h"

#include "iocfeed/blocking_line.h"
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

/* What hosts files block names with. */
static bool is_sink(struct text word)
{
    return text_is(word, "127.0.0.1") || text_is(word, "0.0.0.0") || text_is(word, "::1") ||
           text_is(word, "::");
}

static bool is_own_name(struct text name)
{
    static const char *const names[] = {"localhost",      "localhost.localdomain", "local",
                                        "broadcasthost",  "ip6-localhost",         "ip6-loopback",
                                        "ip6-localnet",   "ip6-mcastprefix",       "ip6-allnodes",
                                        "ip6-allrouters", "ip6-allhosts"};

    for (size_t i = 0; i < COUNT_OF(names); i++) {
        if (text_is(name, names[i]))
            return true;
    }
    return false;
}

/* "0.0.0.0 evil.example www.evil.example", and what a system's own file begins with, which says
 * nothing. False: @value is no such line. */
static bool take_hosts_line(struct harvest *harvest, struct text value, const struct row *row)
{
    struct text rest = value, word = blocking_line_word(&rest);
    bool blocks = is_sink(word);
    size_t names = 0;

    for (word = blocking_line_word(&rest); word.size > 0;
         word = blocking_line_word(&rest), names++) {
        struct row one = *row;

        if (!blocks && !is_own_name(word))
            return false;
        if (is_own_name(word) || is_sink(word))
            continue;
        one.value = word;
        one.kind = INDICATOR_DOMAIN;
        one.goes_on = names > 0;
        intake_row(harvest->intake, &one);
    }
    return names > 0;
}

/* Without what a list in a page or a program has around each value. */
static struct text unwrap(struct text value)
{
    static const char pairs[][2] = {{'"', '"'}, {'\'', '\''}, {'<', '>'}, {'(', ')'}, {'`', '`'}};

    if (value.size > 2 && strchr("-*+", value.bytes[0]) && is_space(value.bytes[1]))
        value = text_trim(text_slice(value, 2, value.size));
    /* A URL may end so, but not one in quotes. */
    if (value.size > 1 && strchr(",;", value.bytes[value.size - 1]) &&
        (text_find(value, TEXT("://")) == value.size || strchr("\"'<", value.bytes[0])))
        value = text_trim(text_slice(value, 0, value.size - 1));
    for (size_t i = 0; value.size > 2 && i < COUNT_OF(pairs); i++) {
        if (value.bytes[0] == pairs[i][0] && value.bytes[value.size - 1] == pairs[i][1])
            return text_trim(text_slice(value, 1, value.size - 1));
    }
    return value;
}

static bool is_span(struct text value)
{
    struct address first, last;

    return indicator_span(value, &first, &last);
}

/* Ranges of blocks: "192.0.2.0 TAB 192.0.2.255 TAB 24" (DShield) and "whose:192.0.2.0-192.0.2.7"
 * (peer-to-peer lists). False: @value is none. */
static bool find_span(struct text value, struct arena *arena, struct text *span)
{
    struct text rest = value, first, last, behind = value;

    if (text_split(&rest, '\t', &first) && text_split(&rest, '\t', &last)) {
        *span =
            arena_textf(arena, "%.*s-%.*s", TEXT_ARG(text_trim(first)), TEXT_ARG(text_trim(last)));
        if (is_span(*span))
            return true;
    }
    for (size_t i = 0; i < value.size; i++) {
        if (value.bytes[i] == ':')
            behind = text_slice(value, i + 1, value.size);
    }
    *span = text_trim(behind);
    return behind.size < value.size && text_find_byte(*span, ':') == span->size && is_span(*span);
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
    row.description = words;
    if (take_hosts_line(harvest, value, &row))
        return;
    if (blocking_line_read(value, &row.value)) {
        if (row.value.size == 0)
            return;
    } else if (!find_span(value, intake_arena(harvest->intake), &row.value)) {
        row.value = unwrap(first_column(unwrap(value), harvest->profile.type));
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
