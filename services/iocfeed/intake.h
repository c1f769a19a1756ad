/* intake: rows in, sightings out.
 *
 * Every format hands its rows to one of these, which normalises the value, fills in what the
 * profile says where the row is silent, asks the warning lists, and counts what became of each:
 * rows = good + withdrawn + left out + held back + bad.
 */
#pragma once

#include "base/ioc.h"
#include "iocfeed/row.h"

struct warning_lists; /* warning_lists.h */

/* What a feed says of one IOC. Texts live until the call returns. */
struct sighting {
    enum ioc_type type;
    struct text value;
    struct ioc_source source; /* first_seen, last_seen: RECORD_NULL where the feed does not say */
    bool withdrawn;           /* the feed takes it back */
};

enum intake_class {
    INTAKE_LEFT_OUT, /* readable, but not to be looked for: bogons, expired, not for detection, … */
    INTAKE_HELD_BACK, /* a warning list knows it as harmless; the code is the list's name */
    INTAKE_BAD,       /* not readable */
};

struct refusal {
    enum intake_class class;
    const char *code;  /* "bogon", or the list's name */
    const char *text;  /* a sentence to stand behind the value */
    struct text value; /* as the feed has it; of a list that held back: the entry is in @text */
    uint64_t line;     /* 0: not known */
};

struct intake_sink {
    void *self;
    void (*sighting)(void *self, const struct sighting *sighting);
    void (*refused)(void *self, const struct refusal *refusal); /* may be NULL */
};

struct intake_count {
    enum intake_class class;
    const char *code; /* in the counts' own memory */
    uint64_t rows;
};

struct intake_counts {
    uint64_t rows;
    uint64_t entries; /* of the feed: one may have several values, each a row */
    uint64_t good;
    uint64_t withdrawn;
    uint64_t left_out;
    uint64_t held_back;
    uint64_t bad;
    uint64_t cleared; /* of the good: ranges that had bits behind their prefix */
    const struct intake_count *reasons;
    size_t reason_count;
};

struct intake;

/* All borrowed; @lists may be NULL. @now_ms decides what has expired. */
struct intake *intake_new(const struct profile *profile, const struct warning_lists *lists,
                          int64_t now_ms, const struct intake_sink *sink);
void intake_free(struct intake *intake); /* NULL is fine */
AUTO_FREE(intake)

/* Memory for the row that is being made; empty after intake_row() and intake_refuse(). */
struct arena *intake_arena(struct intake *intake);

/* A row, or where @row->composite says so, one for each of its parts; one with @row->left_out is
 * counted so and taken back where it was taken before; also "a-b" of addresses, which is as many
 * sightings as it takes ranges. */
void intake_row(struct intake *intake, const struct row *row);
/* A row that the format itself cannot use. @code and @text are literals. */
void intake_refuse(struct intake *intake, enum intake_class class, const char *code,
                   const char *text, struct text value, uint64_t line);

/* What the content says about itself. */
void intake_set_content_time(struct intake *intake, int64_t ms); /* the latest counts */
void intake_set_declared(struct intake *intake, int64_t rows);

struct intake_counts intake_counts(const struct intake *intake);
/* The content's own date: what it says, else its newest row; RECORD_NULL: it has none. */
int64_t intake_content_time(const struct intake *intake);
int64_t intake_declared(const struct intake *intake); /* how many rows it says it has; -1: not */
int64_t intake_now(const struct intake *intake);
