/* correlation: what a correlation rule says, as loaded (correlation.md, docs/correlation-rules.md).
 *
 * Everything that can be known before the first event is settled here: names of fields are looked
 * up, aliases resolved for each selection, names of other rules are pointers, texts are checked.
 * Read-only once loaded; everything lives as long as the set that it belongs to (correlations.h).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/alert.h"
#include "base/cidr.h"
#include "base/event.h"
#include "base/text.h"

/* Bounds on what files may hold. */
enum {
    CORRELATION_MAX_FILE_BYTES = 4 * 1024 * 1024,
    CORRELATION_MAX_FILES = 1000, /* of a directory */
    CORRELATION_MAX_RULES = 2000,
    CORRELATION_MAX_SELECTIONS = 16,      /* of one rule */
    CORRELATION_MAX_KEYS = 8,             /* of a group-by, and of the fields of a value_count */
    CORRELATION_MAX_ITEMS = 1000,         /* of every other list */
    CORRELATION_MAX_TEST_EVENTS = 200000, /* of all tests of all rules, repeats counted */
};
#define CORRELATION_MAX_TIMESPAN_MS (INT64_C(30) * 24 * 60 * 60 * 1000)

enum correlation_type {
    CORRELATION_EVENT_COUNT,
    CORRELATION_VALUE_COUNT,
    CORRELATION_VALUE_SUM,
    CORRELATION_VALUE_AVG,
    CORRELATION_VALUE_PERCENTILE,
    CORRELATION_TEMPORAL,
    CORRELATION_TEMPORAL_ORDERED,
    CORRELATION_SILENCE, /* expect: judged by the clock, not by events */
};

/* A field of an event that a rule may look at: one that log and rule alone decide. */
enum correlation_field_id {
    CORRELATION_FIELD_EVENT_ID,
    CORRELATION_FIELD_FINGERPRINT,
    CORRELATION_FIELD_EVENT_TYPE,
    CORRELATION_FIELD_RULE_ID,
    CORRELATION_FIELD_RULE_TITLE,
    CORRELATION_FIELD_THREAT_LEVEL, /* its name */
    CORRELATION_FIELD_SOURCE_IP,
    CORRELATION_FIELD_TARGET_IP,
    CORRELATION_FIELD_USER_AGENT,
    CORRELATION_FIELD_USER,
    CORRELATION_FIELD_HOST,
    CORRELATION_FIELD_PAYLOAD,
    CORRELATION_FIELD_TENANT,
    CORRELATION_FIELD_RAW_LOG,
    CORRELATION_FIELD_OF_LOG, /* fields.<path> */
    /* topic, logsource.product, …: where a log comes from, which only expect: asks for. */
    CORRELATION_FIELD_OF_SOURCE,
};

struct correlation_field {
    enum correlation_field_id id;
    struct text name; /* as files write it: "source_ip", "fields.http.status" */
    struct text path; /* OF_LOG: behind "fields." */
};

/* One value that a filter asks for. */
struct correlation_value {
    struct text text; /* '*' stands for any bytes, also none */
    bool is_range;    /* of addresses; then @range counts */
    struct cidr range;
};

/* "where: {user: [root, 'adm*']}": the field has one of the values. */
struct correlation_filter {
    struct correlation_field field;
    const struct correlation_value *values;
    size_t count;
};

struct correlation;

/* What one entry of `rules:` stands for. */
struct correlation_selection {
    struct text name; /* as `rules:` has it */

    /* A count of the same group-by: the selection occurs at each time at which that one holds, and
     * that one's window's events are this rule's too. NULL: events, by what follows. */
    const struct correlation *correlation;

    /* Event types or rule ids, of which the event's is one; a last "*" stands for the rest. */
    const struct text *types;
    size_t type_count;
    enum threat_level min_level;
    const struct correlation_filter *where; /* all hold */
    size_t where_count;
    const struct correlation_filter *unless; /* none holds */
    size_t unless_count;

    /* Where the values of the rule's group-by are in such an event, in the order of group_by,
     * aliases resolved: group_count of them. Of a @correlation: NULL. */
    const struct correlation_field *keys;
};

enum correlation_operator {
    CORRELATION_GT,
    CORRELATION_GTE,
    CORRELATION_LT,
    CORRELATION_LTE,
    CORRELATION_EQ,
    CORRELATION_NEQ,
};

struct correlation_bound {
    enum correlation_operator operator;
    int64_t value; /* sums, averages, percentiles: in thousandths; else a whole number */
};

/* Absent texts are empty, absent times RECORD_NULL, absent counts -1: not compared. */
struct correlation_expected {
    const struct text *group; /* values in the order of group_by; NULL: not compared */
    int64_t first_seen;       /* ms from the start of the test */
    int64_t last_seen;
    int64_t event_count;
    int severity; /* enum threat_level, -1: not compared */
    struct text title;
    int line;
};

/* A log in a test of an `expect:` rule. */
struct correlation_log {
    int64_t at_ms; /* from the start of the test */
    size_t value;  /* whose it is: a place in the rule's values */
};

struct correlation_test {
    struct text name;           /* may be empty */
    const struct event *events; /* event_time from CORRELATION_TEST_START on; ids are made */
    size_t event_count;
    const struct correlation_log *logs; /* instead of events, of SILENCE */
    size_t log_count;
    int64_t until_ms;                          /* when the test ends, from its start; of SILENCE */
    const struct correlation_expected *alerts; /* all that the rule must write, in any order */
    size_t alert_count;
    const char *file;
    int line;
};

/* 2026-01-01T00:00:00Z: offset 0 of tests, where slots of any usual length begin. */
#define CORRELATION_TEST_START INT64_C(1767225600000)

struct correlation_texts {
    const struct text *items;
    size_t count;
};

/* Each of the values is to be seen in the tenant's logs, at the latest @within_ms after the last.
 */
struct correlation_expect {
    struct text tenant;
    struct correlation_field field;
    const struct text *values; /* addresses in their canonical form */
    size_t count;
    int64_t within_ms;
};

struct correlation {
    struct text id;   /* no '.', which keeps it apart from event types */
    struct text name; /* Sigma's: a second name for other rules to use; may be empty */
    enum correlation_type type;
    struct text title; /* may hold {field}: template.h */
    struct text description;
    enum threat_level level;
    const struct text *tags;
    size_t tag_count;
    struct correlation_texts actions_en; /* instead of the table's where not empty */
    struct correlation_texts actions_ko;

    const struct correlation_selection *selections; /* in the order of `rules:` */
    size_t selection_count;
    const struct text *group_by; /* names, sorted by bytes; aliases by their own name */
    size_t group_count;          /* 0: one group for each tenant; of expect: its field */
    int64_t timespan_ms;

    const struct correlation_bound *bounds; /* all hold; of a temporal rule, on named rules seen */
    size_t bound_count;
    /* More events can only make it true: judged at once. Others wait for max_lateness. */
    bool grows;
    const struct correlation_field *fields; /* of value_*: one, or of value_count a tuple */
    size_t field_count;
    int percentile; /* 1 to 99, of VALUE_PERCENTILE */

    enum event_mode mode;
    /* False: a part of other rules that writes no alerts itself (mode: off, or named by a rule that
     * says generate: false). */
    bool alerts;
    bool generate;       /* false: keeps the events of @selections from the implicit rules */
    int64_t suppress_ms; /* length of a slot; 0: each event is an alert of its own */

    struct correlation_expect expect; /* of SILENCE */

    const struct correlation_test *tests;
    size_t test_count;
    const char *file;
    int line;
};

/* "event_count", … */
extern const char *const correlation_types[];

/* The event's value of @field, borrowed; empty is absent. */
struct text correlation_value_of(const struct correlation_field *field, const struct event *event);

/* Whether the selection, of events, is about this event. Group-by and fields of value_* are the
 * caller's to ask for, who counts what is missing; so is the mode of the event. */
bool correlation_selects(const struct correlation_selection *selection, const struct event *event);
/* Whether it may be about events of this one's type and rule: what can be asked once for each. */
bool correlation_names(const struct correlation_selection *selection, const struct event *event);

/* Whether it takes from what it names the alerts of their own. A shadow rule is on trial: it takes
 * nothing away. */
bool correlation_withholds(const struct correlation *correlation);

/* Whether @value meets all bounds. */
bool correlation_bounds_hold(const struct correlation *correlation, int64_t value);
