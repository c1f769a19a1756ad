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

static struct text take_word(struct text *rest)
{
    struct text word;

    *rest = text_trim(*rest);
    word = text_slice(*rest, 0, first_word(*rest));
    *rest = text_slice(*rest, word.size, rest->size);
    return word;
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
    struct text rest = value, word = take_word(&rest);
    bool blocks = is_sink(word);
    size_t names = 0;

    for (word = take_word(&rest); word.size > 0; word = take_word(&rest), names++) {
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
    row.value = first_column(value, harvest->profile.type);
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
