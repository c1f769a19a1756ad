#include "detector/decode_steps.h"

#include "base/ascii.h"
#include "base/mem.h"

enum { LONGEST_ENTITY = 8 }; /* &NewLine */

static char byte_at(const struct decode_place *place, size_t ahead)
{
    if (ahead >= place->text.size - place->at)
        return '\0';
    return place->text.bytes[place->at + ahead];
}

/* The value of exactly @count hex digits, -1 if they are not there. */
static long hex_at(const struct decode_place *place, size_t ahead, size_t count)
{
    long value = 0;

    for (size_t i = 0; i < count; i++) {
        int digit = ascii_hex_value(byte_at(place, ahead + i));

        if (digit < 0)
            return -1;
        value = value * 16 + digit;
    }
    return value;
}

static void mean_byte(struct decode_meaning *meaning, unsigned byte)
{
    meaning->bytes[0] = (char)byte;
    meaning->size = 1;
}

/* As UTF-8. Half a surrogate pair is written as if it were a character: forms are only looked at.
 */
static void mean_character(struct decode_meaning *meaning, unsigned long code)
{
    meaning->size = text_write_character((uint32_t)code, meaning->bytes);
}

/* "+09:00" behind a digit is the zone of a time, as most logs have one. */
static bool opens_zone(const struct decode_place *place)
{
    size_t minutes = byte_at(place, 3) == ':' ? 4 : 3;

    return place->at > 0 && ascii_is_digit(place->text.bytes[place->at - 1]) &&
           ascii_is_digit(byte_at(place, 1)) && ascii_is_digit(byte_at(place, 2)) &&
           ascii_is_digit(byte_at(place, minutes)) && ascii_is_digit(byte_at(place, minutes + 1)) &&
           !ascii_is_digit(byte_at(place, minutes + 2));
}

static size_t plus(const struct decode_place *place, struct decode_meaning *meaning)
{
    /* Behind a blank it would add nothing. */
    if (place->at == 0 || place->text.bytes[place->at - 1] == ' ' || opens_zone(place))
        return 0;
    mean_byte(meaning, ' ');
    return 1;
}

/* %3C, %u003C as IIS takes it, and + */
size_t decode_steps_url(struct decode_place *place, struct decode_meaning *meaning)
{
    long value = hex_at(place, 1, 2);

    if (byte_at(place, 0) == '+')
        return plus(place, meaning);
    if (value >= 0) {
        mean_byte(meaning, (unsigned)value);
        return 3;
    }
    if ((byte_at(place, 1) | 0x20) != 'u' || (value = hex_at(place, 2, 4)) < 0)
        return 0;
    mean_character(meaning, (unsigned long)value);
    return 6;
}

/* &#60 and &#x3c, whose semicolon browsers do not insist on */
static size_t numeric_entity(struct decode_place *place, struct decode_meaning *meaning)
{
    bool is_hex = (byte_at(place, 2) | 0x20) == 'x';
    size_t first = is_hex ? 3 : 2, at = first;
    unsigned long code = 0;

    for (int digit; (digit = ascii_hex_value(byte_at(place, at))) >= 0 && (is_hex || digit < 10);
         at++) {
        code = code * (is_hex ? 16 : 10) + (unsigned long)digit;
        if (code > 0x10FFFF)
            return 0;
    }
    if (at == first)
        return 0;
    mean_character(meaning, code);
    return at + (byte_at(place, at) == ';');
}

/* Those of HTML's names that stand for what attacks are written with
 * (https://html.spec.whatwg.org/multipage/named-characters.html). */
static const struct {
    const char *name;
    char byte;
} entities[] = {
    {"lt", '<'},     {"gt", '>'},     {"amp", '&'},      {"quot", '"'},   {"apos", '\''},
    {"nbsp", ' '},   {"Tab", '\t'},   {"NewLine", '\n'}, {"colon", ':'},  {"semi", ';'},
    {"lpar", '('},   {"rpar", ')'},   {"sol", '/'},      {"bsol", '\\'},  {"comma", ','},
    {"period", '.'}, {"num", '#'},    {"excl", '!'},     {"quest", '?'},  {"equals", '='},
    {"plus", '+'},   {"lsqb", '['},   {"rsqb", ']'},     {"lcub", '{'},   {"rcub", '}'},
    {"grave", '`'},  {"dollar", '$'}, {"percnt", '%'},   {"lowbar", '_'}, {"verbar", '|'},
    {"ast", '*'},    {"commat", '@'},
};

size_t decode_steps_html(struct decode_place *place, struct decode_meaning *meaning)
{
    size_t size = 1;

    if (byte_at(place, 1) == '#')
        return numeric_entity(place, meaning);
    while (size < LONGEST_ENTITY && ascii_is_letter(byte_at(place, size)))
        size++;
    if (byte_at(place, size) != ';') /* the commonest: & between parameters */
        return 0;
    struct text name = text_slice(place->text, place->at + 1, place->at + size);

    for (size_t i = 0; i < COUNT_OF(entities); i++) {
        if (!text_is(name, entities[i].name))
            continue;
        mean_byte(meaning, (unsigned char)entities[i].byte);
        return size + 1;
    }
    return 0;
}

/* \074, as C and JavaScript count in octal */
static size_t octal_escape(struct decode_place *place, struct decode_meaning *meaning)
{
    unsigned value = 0;
    size_t at = 1;

    for (char c; at <= 3 && (c = byte_at(place, at)) >= '0' && c <= '7'; at++) {
        if (value * 8 + (unsigned)(c - '0') > 0xFF)
            break;
        value = value * 8 + (unsigned)(c - '0');
    }
    if (at == 1)
        return 0;
    mean_byte(meaning, value);
    return at;
}

static size_t letter_escape(char letter, struct decode_meaning *meaning)
{
    static const char letters[] = "nrtvfb\"'\\/`";
    static const char bytes[] = "\n\r\t\v\f\b\"'\\/`";
    const char *found = letter ? strchr(letters, letter) : NULL;

    if (!found)
        return 0;
    mean_byte(meaning, (unsigned char)bytes[found - letters]);
    return 2;
}

size_t decode_steps_escape(struct decode_place *place, struct decode_meaning *meaning)
{
    char letter = byte_at(place, 1);
    long value = -1;

    if (letter == 'x' && (value = hex_at(place, 2, 2)) >= 0) {
        mean_byte(meaning, (unsigned)value);
        return 4;
    }
    if (letter == 'u' && (value = hex_at(place, 2, 4)) >= 0) {
        mean_character(meaning, (unsigned long)value);
        return 6;
    }
    return ascii_is_digit(letter) ? octal_escape(place, meaning) : letter_escape(letter, meaning);
}

static bool is_space(char c)
{
    return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Size of the comment at @place, 0 if there is none. What MySQL runs only in some versions, slash,
 * star, bang and a version, is code: only its brackets are taken for blanks. */
static size_t comment_at(struct decode_place *place)
{
    struct text rest = text_slice(place->text, place->at, place->text.size);

    if (place->in_comment && text_starts(rest, TEXT("*/"))) {
        place->in_comment = false;
        return 2;
    }
    if (place->no_comments || !text_starts(rest, TEXT("/*")))
        return 0;
    size_t end = text_find(text_slice(rest, 2, rest.size), TEXT("*/"));

    if (end + 2 == rest.size) { /* there is none: for what stands behind it neither */
        place->no_comments = true;
        return 0;
    }
    if (byte_at(place, 2) != '!')
        return end + 4;
    size_t size = 3;

    while (ascii_is_digit(byte_at(place, size)))
        size++;
    place->in_comment = true;
    return size;
}

/* The day of a time as syslog has it, "Feb  3 10:11:12": written with two blanks on nine days of a
 * month, and no way to hide anything. */
static bool pads_day(const struct decode_place *place)
{
    return place->at > 0 && ascii_is_letter(place->text.bytes[place->at - 1]) &&
           byte_at(place, 0) == ' ' && byte_at(place, 1) == ' ' &&
           ascii_is_digit(byte_at(place, 2)) && byte_at(place, 3) == ' ' &&
           ascii_is_digit(byte_at(place, 4)) && ascii_is_digit(byte_at(place, 5)) &&
           byte_at(place, 6) == ':';
}

/* A run of white space and comments is one blank; C0 controls in it, or alone, are nothing. */
size_t decode_steps_blank(struct decode_place *place, struct decode_meaning *meaning)
{
    size_t start = place->at, size = place->text.size;
    bool is_blank = false;

    while (place->at < size) {
        char c = place->text.bytes[place->at];
        size_t comment = 0;

        if (is_space(c))
            is_blank = true;
        else if ((unsigned char)c >= 0x20 && (comment = comment_at(place)) == 0)
            break;
        is_blank = is_blank || comment > 0;
        place->at += comment > 0 ? comment : 1;
    }
    size_t taken = place->at - start;

    place->at = start;
    if (taken == 0 || (taken == 1 && place->text.bytes[start] == ' ') ||
        (taken == 2 && pads_day(place)))
        return 0;
    meaning->size = 0;
    if (is_blank)
        mean_byte(meaning, ' ');
    return taken;
}

/* U+FF01 to U+FF5E are ! to ~, full width: EF BC 81 … EF BC BF, EF BD 80 … EF BD 9E */
size_t decode_steps_wide(struct decode_place *place, struct decode_meaning *meaning)
{
    unsigned second = (unsigned char)byte_at(place, 1), third = (unsigned char)byte_at(place, 2);

    if (second == 0xBC && third >= 0x81 && third <= 0xBF)
        mean_byte(meaning, '!' + (third - 0x81));
    else if (second == 0xBD && third >= 0x80 && third <= 0x9E)
        mean_byte(meaning, '`' + (third - 0x80));
    else
        return 0;
    return 3;
}
