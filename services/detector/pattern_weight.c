#include "detector/pattern_weight.h"

#include "base/ascii.h"

/* A reading of the pattern that keeps one figure for each part: how much fixed text must stand
 * wherever it matches. Of alternatives the least counts, of what follows one another the most. */
enum {
    ENOUGH = 2,     /* two bytes, or one that is rare in logs */
    CERTAIN = 1000, /* syntax that is not understood here: no verdict */
    MAX_NESTING = 64,
    TELLING = 6, /* bytes of fixed text that tell a match from most other logs */
};

struct reader {
    struct text source;
    size_t at;
    int depth;
    size_t front;      /* where it may end; 0: nowhere */
    bool has_branches; /* outside of groups */
};

static int weigh_alternatives(struct reader *reader);

/* NUL behind the end. */
static char peek(const struct reader *reader, size_t ahead)
{
    size_t at = reader->at + ahead;

    if (at >= reader->source.size)
        return '\0';
    return reader->source.bytes[at];
}

static bool is_at_end(const struct reader *reader)
{
    return reader->at >= reader->source.size;
}

/* What a single fixed byte is worth. */
static int worth_of(char c)
{
    static const char common[] = " .,:;/-_=+%&?()[]\"";

    return ascii_is_alnum(c) || (c != '\0' && strchr(common, c)) ? 1 : ENOUGH;
}

/* [^a-z\]] from behind its bracket; a class of one byte is that byte. */
static int weigh_class(struct reader *reader)
{
    size_t start = reader->at;

    reader->at += peek(reader, 0) == '^';
    reader->at += peek(reader, 0) == ']';
    while (!is_at_end(reader) && peek(reader, 0) != ']') {
        bool is_named = peek(reader, 0) == '[' && peek(reader, 1) == ':';

        reader->at += peek(reader, 0) == '\\' ? 2 : 1;
        while (is_named && !is_at_end(reader) && peek(reader, 0) != ']')
            reader->at++;
        reader->at += is_named;
    }
    size_t size = reader->at - start;

    reader->at++;
    return size == 1 ? worth_of(reader->source.bytes[start]) : 0;
}

/* \n is a byte, \d a class, \b a place, \1 unknown text. */
static int weigh_escape(struct reader *reader)
{
    char c = peek(reader, 0);

    reader->at++;
    if (c == 'x' || c == 'o' || c == 'c' || c == 'Q' || c == 'k' || c == 'g')
        return CERTAIN;
    if (strchr("nrtfae", c))
        return ENOUGH;
    if (ascii_is_alnum(c))
        return 0;
    return worth_of(c);
}

/* Behind "(?": the figure is of what must stand there, so that of a look-around is 0. */
static int weigh_special_group(struct reader *reader)
{
    char c = peek(reader, 0);
    bool is_look =
        c == '=' || c == '!' || (c == '<' && (peek(reader, 1) == '=' || peek(reader, 1) == '!'));

    if (c == 'P' && peek(reader, 1) != '<')
        return CERTAIN;                      /* refers to a group */
    if (c == 'P' || c == '<' || c == '\'') { /* (?P<name>, (?<name>, (?'name', (?<=, (?<! */
        reader->at += c == 'P';
        reader->at += is_look ? 2 : 1;
        while (!is_look && !is_at_end(reader) && !strchr(">'", peek(reader, 0)))
            reader->at++;
        reader->at += !is_look;
    } else if (c == '=' || c == '!' || c == '>' || c == '|') {
        reader->at++;
    } else {
        while (strchr("imsn-^", peek(reader, 0)) && !is_at_end(reader))
            reader->at++;
        if (peek(reader, 0) == ')') { /* (?i) stands for nothing */
            reader->at++;
            return 0;
        }
        if (peek(reader, 0) != ':')
            return CERTAIN; /* x, comments, conditions, recursion */
        reader->at++;
    }
    int worth = weigh_alternatives(reader);

    reader->at++;
    return is_look ? 0 : worth;
}

static int weigh_group(struct reader *reader)
{
    if (peek(reader, 0) == '*')
        return CERTAIN;
    if (peek(reader, 0) == '?') {
        reader->at++;
        return weigh_special_group(reader);
    }
    int worth = weigh_alternatives(reader);

    reader->at++; /* its bracket */
    return worth;
}

/* How often at least what stands before must come: *, ?, +, {2,} and nothing. */
static int least_of_quantifier(struct reader *reader)
{
    char c = peek(reader, 0);
    int least = 1;

    if (c == '{' && peek(reader, 1) >= '0' && peek(reader, 1) <= '9') {
        for (least = 0, reader->at++; peek(reader, 0) >= '0' && peek(reader, 0) <= '9';
             reader->at++)
            least = least < ENOUGH ? least * 10 + (peek(reader, 0) - '0') : least;
        while (!is_at_end(reader) && peek(reader, 0) != '}')
            reader->at++;
    } else if (c == '*' || c == '?') {
        least = 0;
    } else if (c != '+') {
        return 1;
    }
    reader->at++;
    if (peek(reader, 0) == '?' || peek(reader, 0) == '+')
        reader->at++; /* lazy, possessive */
    return least;
}

static int larger(int a, int b)
{
    return a > b ? a : b;
}

/* The front ends behind the last part that tells much, if that is not inside a group. */
static void note_front(struct reader *reader, int worth)
{
    if (reader->depth == 1 && worth >= TELLING)
        reader->front = reader->at;
}

/* Up to | or ) or the end. @run is the worth of the fixed bytes that stand next to each other. */
static int weigh_sequence(struct reader *reader)
{
    int best = 0, run = 0;

    while (!is_at_end(reader) && peek(reader, 0) != '|' && peek(reader, 0) != ')') {
        char c = peek(reader, 0);
        bool is_byte = !strchr("([.\\^$", c) || c == '\0';
        int worth = 0;

        reader->at++;
        if (c == '(')
            worth = weigh_group(reader);
        else if (c == '[')
            worth = weigh_class(reader);
        else if (c == '\\')
            worth = weigh_escape(reader);
        else if (is_byte)
            worth = worth_of(c);
        if (worth >= CERTAIN)
            return CERTAIN;
        bool is_place = c == '^' || c == '$';
        int least = least_of_quantifier(reader);

        if (is_place)
            continue;
        worth = least > 0 ? worth : 0;
        best = larger(best, worth);
        /* What a group holds may stand apart from its neighbours, and repeats of it apart. */
        run = worth > 0 && c != '(' ? run + worth * least : 0;
        best = larger(best, run);
        note_front(reader, larger(worth, run));
        if (least != 1)
            run = 0;
    }
    return best;
}

static int weigh_alternatives(struct reader *reader)
{
    int least = CERTAIN;

    if (++reader->depth > MAX_NESTING)
        return CERTAIN;
    for (;;) {
        int worth = weigh_sequence(reader);

        if (worth >= CERTAIN)
            return CERTAIN;
        least = worth < least ? worth : least;
        if (peek(reader, 0) != '|')
            break;
        reader->has_branches |= reader->depth == 1;
        reader->at++;
    }
    reader->depth--;
    return least;
}

bool pattern_weight_is_slow(const struct pattern *pattern)
{
    struct reader reader = {.source = pattern_source(pattern)};

    return weigh_alternatives(&reader) < ENOUGH;
}

size_t pattern_weight_front(const struct pattern *pattern)
{
    struct text source = pattern_source(pattern);
    struct reader reader = {.source = source};
    int worth = weigh_alternatives(&reader);
    bool is_understood = worth < CERTAIN && text_find(source, TEXT("\\Q")) == source.size;

    return is_understood && !reader.has_branches && reader.front ? reader.front : source.size;
}
