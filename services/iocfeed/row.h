/* row: what a feed says of one indicator, as it stands there, and the names of its parts. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/indicator.h"
#include "base/record.h"
#include "base/text.h"
#include "iocfeed/profile.h"

enum row_part {
    ROW_VALUE,
    ROW_TYPE,
    ROW_THREAT_TYPE,
    ROW_CONFIDENCE,
    ROW_FIRST_SEEN,
    ROW_LAST_SEEN,
    ROW_VALID_UNTIL,
    ROW_TAGS,
    ROW_DESCRIPTION,
    ROW_PORT,
    ROW_IS_ACTIVE,
    ROW_TO_IDS,
    ROW_PARTS, /* how many */
};

struct row_reason {
    const char *code, *text; /* for intake_refuse() */
};

/* Empty, RECORD_NULL, NaN, 0: it does not say. Texts are borrowed. */
struct row {
    struct text value;
    enum indicator_kind kind;
    struct text misp_type; /* for warning lists, where the feed is MISP's */
    struct text threat_type;
    double confidence; /* 0 to 1 */
    int64_t first_seen;
    int64_t last_seen;
    int64_t valid_until;
    struct record_texts tags;
    struct text description;
    struct text port;
    bool withdrawn; /* the feed takes it back */
    bool is_fanged; /* a format in which nobody defangs: the value is as it is */
    bool bad_type;  /* it says a type that nobody knows */
    /* "domain|ip": the value has the same parts, and @kind says nothing. Empty: it is one value. */
    struct text composite;
    bool goes_on; /* a further value of the entry that the last row was of */
    /* Why it is not to be looked for although it can be read; NULL: it is. */
    const struct row_reason *left_out;
    uint64_t line; /* where it stands; 0: not known */
};

extern const struct row_reason row_benign, row_not_to_ids;

void row_clear(struct row *row);

/* "", "None", "n/a", "null", "-". */
bool row_says_nothing(struct text text);
/* Sets a part from its text, unless that says nothing. */
void row_set(struct row *row, enum row_part part, struct text text, struct arena *arena);
/* Likewise the type, where the format has many that are not looked for: one that is not known is
 * one of them, and no mistake. */
void row_set_type_of_many(struct row *row, struct text type);
/* The rows that one with @row->composite is of; how many, 1 or 2. */
size_t row_composite_split(const struct row *row, struct row parts[2]);
void row_add_tag(struct row *row, struct text tag, struct arena *arena);

/* Whether two names of columns or types are the same but for case, blanks, '_', '-' and '.'. */
bool row_names_equal(struct text a, struct text b);

/* "value", "type", … as settings call them; false for anything else. */
bool row_part_parse(struct text name, enum row_part *part);

/* The names under which feeds have a part, best first, ended by NULL. */
const char *const *row_part_names(enum row_part part);
/* Whether a column called so holds the value only where no other does: feeds have mail addresses of
 * contacts, and names of all sorts. */
bool row_is_last_resort(struct text name);
/* What a column called @name holds: "dst_ip" is an address. ANY where the name says nothing. */
enum indicator_kind row_kind_of_column(struct text name);

/* Whether a column called @name can stand in for one called @wanted: a domain cannot for a range.
 */
bool row_column_fits(struct text wanted, struct text name);

/* What a feed calls a type, over all formats: "ip:port", "md5_hash", "FileHash-SHA1", "ip-dst".
 * False: nobody knows it. */
bool row_kind_parse(struct text name, enum indicator_kind *kind);

/* Dates as feeds write them, also without time and with "UTC" behind. RECORD_NULL: none. */
int64_t row_time(struct text text);
/* 0 to 1, or up to 100; with "%" always of a hundred. NaN: neither. */
double row_confidence(struct text text);

/* What threats are called here: "botnet_cc" is c2. In @arena, lower case. */
struct text row_threat_name(struct text name, struct arena *arena);
