#include "unit.h"

#include "correlator/correlations.h"
#include "correlator/trial_run.h"

/* A rule around which the cases change one thing. */
#define RULE(more) "id: x\ntitle: T\n" more
#define TEN "nnnnnnnnnn"
#define LONG_NAME TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN TEN
#define COUNT_OF_FAILURES                                                                  \
    "correlation: {type: event_count, rules: [a.b], group-by: [source_ip], timespan: 1m, " \
    "condition: {gte: 5}}\n"
#define BLOCK(more) RULE("correlation:\n  rules: [a.b, c.d]\n  timespan: 1m\n" more)
#define CONDITION(type, text) BLOCK("  type: " type "\n  condition: " text "\n")

static struct correlations *load(const char *bytes, struct error *err)
{
    struct correlations *set = correlations_new(CORRELATION_LIMITS_DEFAULT);

    if (correlations_add_bytes(set, "f.yaml", text_of(bytes), err) == 0 &&
        correlations_link(set, err) == 0)
        return set;
    correlations_free(set);
    return NULL;
}

static struct correlations *must_load(const char *name, const char *bytes)
{
    struct error err = {0};
    struct correlations *set = load(bytes, &err);

    if (!set)
        fail_msg("%s: %s", name, err.text);
    return set;
}

/* 15 minutes without a log of a or of b; tests follow. */
#define SILENCE                                                                               \
    "id: x\ntitle: 'No logs from {host}'\nthreat_level: HIGH\nexpect: {field: host, values: " \
    "[a, b], within: 15m}\ntests:\n"

static void every_mistake_is_told_with_its_line(void **state)
{
    static const struct {
        const char *name, *bytes, *want;
    } cases[] = {
        /* the rule */
        {"a text", "x", "f.yaml:1: a rule is 'x'; it must be a map"},
        {"no id", "title: T\n",
         "f.yaml:1: a rule has no id, by which its alerts are known; give it an id or a name"},
        {"odd id", "id: a.b\ntitle: T\n",
         "f.yaml:1: id is 'a.b'; it must be a name of at most 128 ASCII letters, digits, '_' and "
         "'-'"},
        {"misspelt key", RULE("tag: [a]\n"),
         "f.yaml:3: a rule has no key 'tag'; did you mean 'tags'?"},
        {"a detection rule", "title: T\nid: x\ndetection: {}\n",
         "f.yaml:3: 'detection' is not taken: a Sigma detection rule is loaded by the detector; "
         "name it in rules: by its id"},
        {"a Sigma filter", "title: T\nid: x\nfilter: {}\n",
         "f.yaml:3: 'filter' is not taken: filters of other rules' events are 'unless' of a "
         "selection here"},
        {"no correlation", "id: x\ntitle: T\n",
         "f.yaml:1: rule 'x': it has no correlation, and no file before this one has the rule"},
        {"no title", "id: x\n" COUNT_OF_FAILURES,
         "f.yaml:1: rule 'x': it has no title, which its alerts show"},
        {"twice",
         "- {id: x, title: T, correlation: {type: event_count, rules: [a.b], timespan: 1m, "
         "condition: {gte: 2}}}\n- {id: x, mode: off}\n",
         "f.yaml:2: rule 'x': this file has it twice; a rule stands in a file once"},
        {"level", RULE("threat_level: HUGE\n") COUNT_OF_FAILURES,
         "f.yaml:3: rule 'x': threat_level is 'HUGE'; it must be LOW, MEDIUM, HIGH or CRITICAL"},
        {"Sigma's level", RULE("level: HIGH\n") COUNT_OF_FAILURES,
         "f.yaml:3: rule 'x': level is 'HIGH'; it must be informational, low, medium, high or "
         "critical"},
        {"both levels", RULE("threat_level: HIGH\nlevel: high\n") COUNT_OF_FAILURES,
         "f.yaml:3: rule 'x': level is Sigma's word for threat_level; give one of them"},
        {"unsupported", RULE("status: unsupported\n") COUNT_OF_FAILURES,
         "f.yaml:3: rule 'x': status is 'unsupported': its author says that it cannot be used"},
        {"mode", RULE("mode: loud\n") COUNT_OF_FAILURES,
         "f.yaml:3: rule 'x': mode is 'loud'; it must be alert, shadow or off"},
        {"generate", RULE("generate: yes\n") COUNT_OF_FAILURES,
         "f.yaml:3: rule 'x': generate is 'yes'; it must be true or false"},
        {"suppress", RULE("suppress: {}\n") COUNT_OF_FAILURES,
         "f.yaml:3: rule 'x': suppress has no 'for', as {for: 1h}"},
        {"suppress.for", RULE("suppress: {for: 1w}\n") COUNT_OF_FAILURES,
         "f.yaml:3: rule 'x': suppress.for is '1w'; it must be 0 or a whole number with s, m, h or "
         "d, at most 30d"},
        {"language", RULE("actions: {de: [x]}\n") COUNT_OF_FAILURES,
         "f.yaml:3: rule 'x': actions has no key 'de'"},
        {"placeholder", "id: x\ntitle: Of {usr}\n" COUNT_OF_FAILURES,
         "f.yaml:2: rule 'x': title has '{usr}': events have no such field; did you mean 'user'? "
         "The log's own is 'fields.usr'"},
        {"look-up in a text", RULE("description: '{confidence_score}'\n") COUNT_OF_FAILURES,
         "f.yaml:3: rule 'x': description has '{confidence_score}': it comes from look-ups, which "
         "may differ when a log is read again"},
        /* correlation */
        {"type", BLOCK("  type: event_cuont\n"),
         "f.yaml:6: rule 'x': type is 'event_cuont'; did you mean 'event_count'?"},
        {"no such type", BLOCK("  type: chain\n"),
         "f.yaml:6: rule 'x': type is 'chain'; it must be event_count, value_count, value_sum, "
         "value_avg, value_percentile, temporal or temporal_ordered"},
        {"key of correlation", BLOCK("  type: temporal\n  groupby: [user]\n"),
         "f.yaml:7: rule 'x': correlation has no key 'groupby'; did you mean 'group-by'?"},
        {"no rules", RULE("correlation: {type: temporal}\n"),
         "f.yaml:3: rule 'x': correlation has no rules: event types, rule ids, or names of "
         "selections or counts"},
        {"rule twice", RULE("correlation: {type: temporal, timespan: 1m, rules: [a.b, a.b]}\n"),
         "f.yaml:3: rule 'x': rules names 'a.b' twice"},
        {"star inside", RULE("correlation: {type: temporal, timespan: 1m, rules: [a.*.b, c.d]}\n"),
         "f.yaml:3: rule 'x': rules names 'a.*.b'; a '*' may only be the last character"},
        {"no timespan", RULE("correlation: {type: temporal, rules: [a.b, c.d]}\n"),
         "f.yaml:3: rule 'x': correlation has no timespan, as 5m"},
        {"timespan", RULE("correlation: {type: temporal, rules: [a.b, c.d], timespan: 5M}\n"),
         "f.yaml:3: rule 'x': timespan is '5M'; it must be a whole number with s, m, h or d, from "
         "1s to 30d"},
        {"long timespan", RULE("correlation: {type: temporal, rules: [a.b, c.d], timespan: 31d}\n"),
         "f.yaml:3: rule 'x': timespan is '31d'; it must be a whole number with s, m, h or d, from "
         "1s to 30d"},
        {"Sigma's field", BLOCK("  type: temporal\n  group-by: [ComputerName]\n"),
         "f.yaml:7: rule 'x': group-by names 'ComputerName': events have no such field; did you "
         "mean 'host'? The log's own is 'fields.ComputerName'"},
        {"unknown field", BLOCK("  type: temporal\n  group-by: [session]\n"),
         "f.yaml:7: rule 'x': group-by names 'session': events have no such field; the log's own "
         "is 'fields.session'"},
        {"context", BLOCK("  type: temporal\n  group-by: [context.country]\n"),
         "f.yaml:7: rule 'x': group-by names 'context.country': it comes from look-ups, which may "
         "differ when a log is read again"},
        {"indicators", BLOCK("  type: temporal\n  group-by: [indicators]\n"),
         "f.yaml:7: rule 'x': group-by names 'indicators': they come from look-ups too, which may "
         "differ when a log is read again"},
        {"a time", BLOCK("  type: temporal\n  group-by: [event_time]\n"),
         "f.yaml:7: rule 'x': group-by names 'event_time': times cannot be compared; windows go by "
         "it"},
        {"group twice", BLOCK("  type: temporal\n  group-by: [user, user]\n"),
         "f.yaml:7: rule 'x': group-by has 'user' twice"},
        {"alias not used", BLOCK("  type: temporal\n  aliases: {ip: {a.b: source_ip}}\n"),
         "f.yaml:7: rule 'x': alias 'ip' is not in group-by"},
        {"alias of a field",
         BLOCK("  type: temporal\n  group-by: [user]\n  aliases: {user: {a.b: "
               "user}}\n"),
         "f.yaml:8: rule 'x': alias 'user' is the name of a field; choose another"},
        {"alias of no rule",
         BLOCK("  type: temporal\n  group-by: [ip]\n  aliases: {ip: {e.f: "
               "user}}\n"),
         "f.yaml:8: rule 'x': alias 'ip' speaks of 'e.f', which rules: does not name"},
        {"alias half said",
         BLOCK("  type: temporal\n  group-by: [ip]\n  aliases: {ip: {a.b: "
               "source_ip}}\n"),
         "f.yaml:8: rule 'x': alias 'ip' does not say which field it is in 'c.d'"},
        {"alias of a count",
         "- {id: many, title: T, correlation: {type: event_count, rules: [a.b], group-by: [ip], "
         "aliases: {ip: {a.b: source_ip}}, timespan: 1m, condition: {gte: 2}}}\n"
         "- {id: x, title: T, correlation: {type: temporal, rules: [many, c.d], group-by: [ip], "
         "timespan: 1m,\n"
         "    aliases: {ip: {c.d: target_ip, many: target_ip}}}}\n",
         "f.yaml:3: rule 'x': alias 'ip' speaks of 'many', which is a count; where its values are "
         "is for that rule's own aliases to say"},
        {"alias of no field",
         BLOCK("  type: temporal\n  group-by: [ip]\n  aliases: {ip: {a.b: ip, "
               "c.d: source_ip}}\n"),
         "f.yaml:8: rule 'x': an alias names 'ip': events have no such field; the log's own is "
         "'fields.ip'"},
        /* selections */
        {"selection not used", BLOCK("  type: temporal\n  selections: {s: {min_level: HIGH}}\n"),
         "f.yaml:7: rule 'x': selection 's' is not named in rules"},
        {"selection of nothing",
         RULE(
             "correlation: {type: temporal, timespan: 1m, rules: [s, c.d], selections: {s: {}}}\n"),
         "f.yaml:3: rule 'x': a selection is empty; rules: ['*'] would take every event"},
        {"selection of rules",
         RULE("correlation: {type: temporal, timespan: 1m, rules: [s, c.d], "
              "selections: {s: {rules: [y]}}}\n"),
         "f.yaml:3: rule 'x': rules names 'y'; a selection is of event types or rule ids, as "
         "network_attacks.brute_force"},
        {"modifier",
         RULE("correlation: {type: temporal, timespan: 1m, rules: [s, c.d], selections: "
              "{s: {where: {user|contains: a}}}}\n"),
         "f.yaml:3: rule 'x': 'user|contains': Sigma's modifiers are the detector's; here a value "
         "is the whole text, with '*' for any, and of an address also a range"},
        {"address",
         RULE("correlation: {type: temporal, timespan: 1m, rules: [s, c.d], selections: "
              "{s: {unless: {target_ip: 10.0.0.300}}}}\n"),
         "f.yaml:3: rule 'x': target_ip is '10.0.0.300', which is not an address or range"},
        {"range",
         RULE("correlation: {type: temporal, timespan: 1m, rules: [s, c.d], selections: "
              "{s: {where: {source_ip: 10.0.0.0/99}}}}\n"),
         "f.yaml:3: rule 'x': source_ip is '10.0.0.0/99', which is not an address or range"},
        {"level of a filter",
         RULE("correlation: {type: temporal, timespan: 1m, rules: [s, c.d], "
              "selections: {s: {where: {threat_level: high}}}}\n"),
         "f.yaml:3: rule 'x': threat_level is 'high'; it must be LOW, MEDIUM, HIGH or CRITICAL"},
        /* condition */
        {"no condition", BLOCK("  type: event_count\n"),
         "f.yaml:4: rule 'x': correlation has no condition, as {gte: 5}"},
        {"expression", CONDITION("temporal", "a.b and not c.d"),
         "f.yaml:7: rule 'x': condition is 'a.b and not c.d'; it must be a map, as {gte: 5}; "
         "expressions of rule names are not taken"},
        {"empty condition", CONDITION("event_count", "{}"),
         "f.yaml:7: rule 'x': condition has none of gt, gte, lt, lte, eq, neq"},
        {"operator", CONDITION("event_count", "{gtee: 5}"),
         "f.yaml:7: rule 'x': condition has no key 'gtee'; did you mean 'gte'?"},
        {"half an event", CONDITION("event_count", "{gte: 2.5}"),
         "f.yaml:7: rule 'x': gte is '2.5'; it must be a whole number from 0 to 1000000000000"},
        {"four decimals", CONDITION("value_sum", "{field: fields.n, gte: 0.0001}"),
         "f.yaml:7: rule 'x': gte is '0.0001'; it must be a number with at most three decimals"},
        {"never", CONDITION("event_count", "{gt: 5, lt: 6}"),
         "f.yaml:7: rule 'x': condition can never hold"},
        {"no event", CONDITION("event_count", "{lt: 1}"),
         "f.yaml:7: rule 'x': condition can never hold: a rule is judged at the times of its "
         "events, so there is at least one (for silence there is expect:)"},
        {"over the limit", CONDITION("event_count", "{gte: 20001}"),
         "f.yaml:7: rule 'x': condition asks for 20001, and a group remembers at most 20000 events "
         "(correlator.max_members)"},
        {"gt over the limit", CONDITION("event_count", "{gt: 20000}"),
         "f.yaml:7: rule 'x': condition asks for 20001, and a group remembers at most 20000 events "
         "(correlator.max_members)"},
        {"field of a count", CONDITION("event_count", "{gte: 5, field: user}"),
         "f.yaml:7: rule 'x': field is of value_count and the like, not of event_count"},
        {"no field", CONDITION("value_count", "{gte: 5}"),
         "f.yaml:7: rule 'x': condition has no field, whose values value_count looks at"},
        {"two fields", CONDITION("value_sum", "{gte: 5, field: [fields.a, fields.b]}"),
         "f.yaml:7: rule 'x': field has 2 names; of value_sum at most 1 are allowed"},
        {"field of the group",
         BLOCK("  type: value_count\n  group-by: [user]\n  condition: {gte: 2, "
               "field: user}\n"),
         "f.yaml:8: rule 'x': condition can never hold: 'user' is in group-by, so a group has one "
         "value of it"},
        {"no percentile", CONDITION("value_percentile", "{lte: 1, field: fields.a}"),
         "f.yaml:7: rule 'x': condition has no percentile, from 1 to 99: Sigma's form does not say "
         "which one is compared"},
        {"percentile", CONDITION("value_percentile", "{lte: 1, field: fields.a, percentile: 100}"),
         "f.yaml:7: rule 'x': percentile is '100'; it must be a whole number from 1 to 99"},
        {"percentile of a sum", CONDITION("value_sum", "{lte: 1, field: fields.a, percentile: 9}"),
         "f.yaml:7: rule 'x': percentile is of value_percentile, not of value_sum"},
        {"one rule", RULE("correlation: {type: temporal, rules: [a.b], timespan: 1m}\n"),
         "f.yaml:3: rule 'x': a temporal rule names one rule; it is about two or more"},
        {"three of two", CONDITION("temporal", "{gte: 3}"),
         "f.yaml:7: rule 'x': condition asks for 3 of 2 named rules"},
        {"at most", CONDITION("temporal", "{lte: 1}"),
         "f.yaml:7: rule 'x': condition has lte; a temporal rule may ask for gt or gte, since an "
         "alert that further events could take back is not sent"},
        {"one in order", CONDITION("temporal_ordered", "{gte: 1}"),
         "f.yaml:7: rule 'x': condition asks for 1 of 2 named rules; temporal_ordered wants all, "
         "in "
         "their order"},
        /* rules of rules */
        {"unknown rule", RULE("correlation: {type: temporal, rules: [y, a.b], timespan: 1m}\n"),
         "f.yaml:3: rule 'x': rules names 'y', which is neither a selection of this rule nor "
         "another rule; an event type has a dot, as web_attacks.xss, and a Sigma rule is named by "
         "its id"},
        {"misspelt rule",
         RULE(COUNT_OF_FAILURES) "---\nid: failures\ntitle: T\n" COUNT_OF_FAILURES
                                 "---\nid: z\ntitle: T\ncorrelation: {type: temporal, rules: "
                                 "[failurse, a.b], timespan: 1m}\n",
         "f.yaml:11: rule 'z': rules names 'failurse'; did you mean 'failures'?"},
        {"count of a count",
         RULE(COUNT_OF_FAILURES) "---\nid: z\ntitle: T\ncorrelation: {type: "
                                 "event_count, rules: [x], timespan: 1m, "
                                 "condition: {gte: 2}}\n",
         "f.yaml:7: rule 'z': rules names 'x' (event_count): only temporal and temporal_ordered "
         "rules may name other rules"},
        {"other groups",
         RULE(COUNT_OF_FAILURES) "---\nid: z\ntitle: T\ncorrelation: {type: "
                                 "temporal, rules: [x, a.b], timespan: 1m, group-by: "
                                 "[user]}\n",
         "f.yaml:7: rule 'z': rules names 'x' (event_count): its group-by must be the same: it is "
         "counted in the groups of this rule"},
        {"two levels",
         RULE(
             "correlation: {type: temporal, rules: [a.b, c.d], timespan: 1m}\n") "---\nid: "
                                                                                 "z\ntitle: "
                                                                                 "T\ncorrelation: "
                                                                                 "{type: temporal, "
                                                                                 "rules: [x, a.b], "
                                                                                 "timespan: 1m}\n",
         "f.yaml:7: rule 'z': rules names 'x' (temporal): only an event_count or value_count may "
         "be "
         "part of another rule, one level deep"},
        {"could be taken back",
         CONDITION("event_count", "{eq: 3}") "---\nid: z\ntitle: T\ncorrelation: {type: temporal, "
                                             "rules: [x, a.b], timespan: 1m}\n",
         "f.yaml:11: rule 'z': rules names 'x' (event_count): its condition may only have gt and "
         "gte here: others could be taken back"},
        {"name taken",
         "id: y\nname: x\ntitle: T\n" COUNT_OF_FAILURES "---\n" RULE(COUNT_OF_FAILURES),
         "f.yaml:1: rule 'y': its name 'x' is that of the rule in f.yaml:6"},
        /* expect */
        {"expect and correlation", RULE("expect: {}\n") COUNT_OF_FAILURES,
         "f.yaml:3: rule 'x': a rule has a correlation or an expect, not both"},
        {"expect of nothing", RULE("expect: {field: host, within: 5m}\n"),
         "f.yaml:3: rule 'x': expect has no 'values'; it needs field, values and within"},
        {"expect of a type", RULE("expect: {field: event_type, values: [a.b], within: 5m}\n"),
         "f.yaml:3: rule 'x': field is 'event_type'; every log is asked for it, so it must be "
         "host, source_ip, target_ip, user, topic, logsource.product, logsource.category, "
         "logsource.service or fields.<path>"},
        {"expect of no address", RULE("expect: {field: source_ip, values: [gate], within: 5m}\n"),
         "f.yaml:3: rule 'x': values has 'gate'; of source_ip they are addresses"},
        {"expect too soon", RULE("expect: {field: host, values: [gate], within: 4s}\n"),
         "f.yaml:3: rule 'x': within is '4s'; it must be a whole number with s, m, h or d, from 5s "
         "to 30d"},
        {"expect of one value twice",
         RULE("expect: {field: source_ip, values: ['2001:db8::1', '2001:DB8:0::1'], within: 5m}\n"),
         "f.yaml:3: rule 'x': values has '2001:db8::1' twice"},
        {"expect with slots",
         RULE("suppress: {for: 1h}\nexpect: {field: host, values: [a], within: 5m}\n"),
         "f.yaml:3: rule 'x': suppress is not taken beside expect: a silence is one alert until it "
         "ends"},
        {"expect that withholds",
         RULE("generate: false\nexpect: {field: host, values: [a], within: 5m}\n"),
         "f.yaml:3: rule 'x': generate is not taken beside expect: it names no rules whose alerts "
         "it could stand for"},
        {"expect of no values", RULE("expect: {field: host, values: [], within: 5m}\n"),
         "f.yaml:3: rule 'x': values is empty; it must name at least one"},
        {"expect of an empty tenant",
         RULE("expect: {field: host, values: [a], within: 5m, tenant: ''}\n"),
         "f.yaml:3: rule 'x': tenant is ''; it must be a text"},
        {"expect with another key",
         RULE("expect: {field: host, values: [a], within: 5m, tenants: a}\n"),
         "f.yaml:3: rule 'x': expect has no key 'tenants'; did you mean 'tenant'?"},
        {"silence named by another",
         RULE(
             "expect: {field: host, values: [a], within: 5m}\n") "---\nid: z\ntitle: T\n"
                                                                 "correlation: {type: temporal, "
                                                                 "rules: [x, a.b], timespan: 1m}\n",
         "f.yaml:7: rule 'z': rules names 'x' (expect): only an event_count or value_count may be "
         "part of another rule, one level deep"},
        /* of another kind than they must be */
        {"no type", RULE("correlation: {rules: [a.b], timespan: 1m}\n"),
         "f.yaml:3: rule 'x': correlation has no type"},
        {"type that is a list", BLOCK("  type: [event_count]\n"),
         "f.yaml:6: rule 'x': type is a list; it must be event_count, temporal, …"},
        {"correlation that is a number", RULE("correlation: 5\n"),
         "f.yaml:3: rule 'x': correlation is '5'; it must be a map"},
        {"rules that are a map",
         RULE("correlation: {type: temporal, timespan: 1m, rules: {a: b}}\n"),
         "f.yaml:3: rule 'x': rules is a map; it must be a list of names"},
        {"a list in rules", RULE("correlation: {type: temporal, timespan: 1m, rules: [[a], b]}\n"),
         "f.yaml:3: rule 'x': a name in rules is a list; it must be a text"},
        {"a name of 200 bytes",
         RULE("correlation: {type: temporal, timespan: 1m, rules: [a.b, " LONG_NAME "]}\n"),
         "f.yaml:3: rule 'x': rules names "
         "'nnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnnn', "
         "which is neither a selection of this rule nor another rule; an event type has a dot, as "
         "web_attacks.xss, and a Sigma rule is named by its id"},
        {"group-by that is a map", BLOCK("  type: temporal\n  group-by: {a: b}\n"),
         "f.yaml:7: rule 'x': group-by is a map; it must be the name of a field"},
        {"aliases that are a list", BLOCK("  type: temporal\n  group-by: [a]\n  aliases: [a]\n"),
         "f.yaml:7: rule 'x': group-by names 'a': events have no such field; the log's own is "
         "'fields.a'"},
        {"an alias that is a text",
         BLOCK("  type: temporal\n  group-by: [a]\n  aliases: {a: user}\n"),
         "f.yaml:8: rule 'x': an alias is 'user'; it must be a map of named rules and their "
         "fields"},
        {"selections that are a list", BLOCK("  type: temporal\n  selections: [a]\n"),
         "f.yaml:7: rule 'x': selections is a list; it must be a map of names and filters"},
        {"a selection of no rules", BLOCK("  type: temporal\n  selections: {a.b: {rules: []}}\n"),
         "f.yaml:7: rule 'x': rules of a selection is empty"},
        {"where that is a list",
         BLOCK("  type: temporal\n  selections: {a.b: {rules: [a.b], where: [user]}}\n"),
         "f.yaml:7: rule 'x': where is a list; it must be a map of fields and values"},
        {"where without a value",
         RULE("correlation: {type: temporal, timespan: 1m, rules: [ab, c.d], selections: {ab: "
              "{rules: [a.b], where: {user: []}}}}\n"),
         "f.yaml:3: rule 'x': a filter has no values"},
        {"a map in where",
         RULE("correlation: {type: temporal, timespan: 1m, rules: [ab, c.d], selections: {ab: "
              "{rules: [a.b], where: {user: {a: b}}}}}\n"),
         "f.yaml:3: rule 'x': a filter is a map; it must be a list of texts"},
        {"more than are named", CONDITION("temporal", "{gte: 3}"),
         "f.yaml:7: rule 'x': condition asks for 3 of 2 named rules"},
        {"more than are remembered", CONDITION("event_count", "{gte: 20001}"),
         "f.yaml:7: rule 'x': condition asks for 20001, and a group remembers at most 20000 events "
         "(correlator.max_members)"},
        {"title that is a list", "id: x\ntitle: [a]\n" COUNT_OF_FAILURES,
         "f.yaml:2: rule 'x': title is a list; it must be a text"},
        {"tags that are a map", RULE("tags: {a: b}\n") COUNT_OF_FAILURES,
         "f.yaml:3: rule 'x': tags is a map; it must be a list of texts"},
        {"an empty tag", RULE("tags: ['']\n") COUNT_OF_FAILURES,
         "f.yaml:3: rule 'x': tags is ''; it must be a list of texts, none of them empty"},
        {"tests that are a map", RULE(COUNT_OF_FAILURES "tests: {a: b}\n"),
         "f.yaml:4: rule 'x': tests is a map; it must be a list of at most 1000 tests"},
        {"a list in an event of a test",
         RULE(COUNT_OF_FAILURES
              "tests:\n  - {events: [{at: 0, event_type: a.b, user: [a]}], alerts: []}\n"),
         "f.yaml:5: rule 'x': user is a list; it must be a text"},
        {"a group that is a list",
         RULE(COUNT_OF_FAILURES
              "tests:\n  - {events: [{at: 0, event_type: a.b}], alerts: [{group: [a]}]}\n"),
         "f.yaml:5: rule 'x': group must be a map of the rule's 1 group-by fields"},
        {"a group of another field",
         RULE(COUNT_OF_FAILURES
              "tests:\n  - {events: [{at: 0, event_type: a.b}], alerts: [{group: {user: a}}]}\n"),
         "f.yaml:5: rule 'x': group has no value of 'source_ip'"},
        {"a rule that is a text", "- x\n- y\n", "f.yaml:1: a rule is 'x'; it must be a map"},
        {"no YAML", "a: [b\n",
         "f.yaml:2: did not find expected ',' or ']' while parsing a flow sequence in line 1"},
        {"two of a key", RULE("title: U\n") COUNT_OF_FAILURES,
         "f.yaml:3: key 'title' stands twice in the same map"},
        /* tests */
        {"test of nothing", RULE(COUNT_OF_FAILURES "tests:\n  - {alerts: []}\n"),
         "f.yaml:5: rule 'x': a test has no list of events"},
        {"test without an answer", RULE(COUNT_OF_FAILURES "tests:\n  - {events: []}\n"),
         "f.yaml:5: rule 'x': a test has no list of alerts ([] where none may come)"},
        {"event without a time",
         RULE(COUNT_OF_FAILURES "tests:\n  - {events: [{event_type: a.b}], alerts: []}\n"),
         "f.yaml:5: rule 'x': an event of a test has no 'at', as 0 or 90s"},
        {"event of no type",
         RULE(COUNT_OF_FAILURES "tests:\n  - {events: [{at: 0}], alerts: []}\n"),
         "f.yaml:5: rule 'x': an event of a test has no event_type"},
        {"field of an event",
         RULE(COUNT_OF_FAILURES "tests:\n  - {events: [{at: 0, usr: x}], alerts: []}\n"),
         "f.yaml:5: rule 'x': an event of a test names 'usr': events have no such field; did you "
         "mean 'user'? The log's own is 'fields.usr'"},
        {"too many events",
         RULE(COUNT_OF_FAILURES "tests:\n  - {events: [{at: 0, event_type: a.b, "
                                "repeat: 200000}, {at: 0}], alerts: []}\n"),
         "f.yaml:5: rule 'x': the tests of all rules have more than 200000 events"},
        {"key of an alert", RULE(COUNT_OF_FAILURES "tests:\n  - {events: [], alerts: [{n: 5}]}\n"),
         "f.yaml:5: rule 'x': an alert of a test has no key 'n'"},
        {"group of an alert",
         RULE(COUNT_OF_FAILURES "tests:\n  - {events: [], alerts: [{group: {user: x}}]}\n"),
         "f.yaml:5: rule 'x': group has no value of 'source_ip'"},
        {"events of a test of silence",
         SILENCE "  - {events: [{at: 0, event_type: a.b}], until: 1h, alerts: []}\n",
         "f.yaml:6: rule 'x': a test has no key 'events'"},
        {"no logs in a test of silence", SILENCE "  - {until: 1h, alerts: []}\n",
         "f.yaml:6: rule 'x': a test of an expect rule has no list of logs ([] where none comes)"},
        {"a test of silence without an end", SILENCE "  - {logs: [], alerts: []}\n",
         "f.yaml:6: rule 'x': a test of an expect rule has no 'until', as 2h: how long it goes on"},
        {"a log without a time", SILENCE "  - {logs: [{host: a}], until: 1h, alerts: []}\n",
         "f.yaml:6: rule 'x': a log of a test has no 'at', as 0 or 90s"},
        {"a log of nobody", SILENCE "  - {logs: [{at: 0}], until: 1h, alerts: []}\n",
         "f.yaml:6: rule 'x': a log of a test has no 'host'"},
        {"a log of lists", SILENCE "  - {logs: [{at: 0, host: [a]}], until: 1h, alerts: []}\n",
         "f.yaml:6: rule 'x': host is a list; it must be a text"},
        {"a log with another field",
         SILENCE "  - {logs: [{at: 0, hots: a}], until: 1h, alerts: []}\n",
         "f.yaml:6: rule 'x': a log of a test has no key 'hots'; did you mean 'host'?"},
        {"a log of somebody else",
         SILENCE "  - {logs: [{at: 0, host: c}], until: 1h, alerts: []}\n",
         "f.yaml:6: rule 'x': host is 'c', which is none of the values that the rule expects"},
        {"too many logs",
         SILENCE "  - {logs: [{at: 0, host: a, repeat: 200000}, {at: 0, host: b}], until: 1h, "
                 "alerts: []}\n",
         "f.yaml:6: rule 'x': the tests of all rules have more than 200000 events"},
        {"a group of a silence",
         SILENCE "  - {logs: [], until: 1h, alerts: [{group: {user: a}}]}\n",
         "f.yaml:6: rule 'x': group has no value of 'host'"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        AUTO(correlations) set = load(cases[i].bytes, &err);

        if (set)
            fail_msg("%s: was loaded", cases[i].name);
        unit_text(cases[i].name, text_of(err.text), cases[i].want);
    }
}

static void sigmas_own_example_is_a_chain_of_one_level(void **state)
{
    AUTO(correlations)
    set = must_load("Sigma's", "title: Many failed, then one good\n"
                               "id: b180ead8-d58f-40b2-ae54-c8940995b9b6\n"
                               "status: experimental\n"
                               "references: [https://reference.com]\n"
                               "author: Somebody\n"
                               "date: 2023-06-16\n"
                               "correlation:\n"
                               "    type: temporal_ordered\n"
                               "    rules:\n"
                               "        - multiple_failed_login\n"
                               "        - 4d0a2c83-c62c-4ed4-b475-c7e23a9269b8\n"
                               "    group-by: [user]\n"
                               "    timespan: 10m\n"
                               "falsepositives: [Unlikely]\n"
                               "level: high\n"
                               "---\n"
                               "title: Multiple failed logons\n"
                               "id: a8418a5a-5fc4-46b5-b23b-6c73beb19d41\n"
                               "name: multiple_failed_login\n"
                               "correlation:\n"
                               "    type: event_count\n"
                               "    rules: [53ba33fd-3a50-4468-a5ef-c583635cfa92]\n"
                               "    group-by: [user]\n"
                               "    timespan: 10m\n"
                               "    condition: {gte: 10}\n");

    (void)state;
    assert_int_equal(correlations_count(set), 2);
    const struct correlation *outer = correlations_rule(set, 0), *inner = correlations_rule(set, 1);

    assert_int_equal(outer->type, CORRELATION_TEMPORAL_ORDERED);
    assert_int_equal(outer->level, LEVEL_HIGH);
    assert_true(outer->grows && outer->alerts && !outer->generate);
    assert_ptr_equal(outer->selections[0].correlation, inner);
    unit_text("a rule's UUID", outer->selections[1].types[0],
              "sigma.4d0a2c83-c62c-4ed4-b475-c7e23a9269b8");
    unit_text("its group", outer->selections[1].keys[0].name, "user");
    assert_false(inner->alerts); /* the outer one stands for it */
    assert_ptr_equal(correlations_find(set, TEXT("multiple_failed_login")), inner);
    assert_null(correlations_find(set, TEXT("multiple")));
}

static void all_that_a_rule_says_is_read(void **state)
{
    AUTO(correlations)
    set = must_load("full", "id: spraying\n"
                            "title: '{source_ip} tries {event_count} users'\n"
                            "description: 'Of {fields.app.name}, {not a field} {'\n"
                            "threat_level: HIGH\n"
                            "tags: [attack.t1110.003]\n"
                            "actions: {en: [Block it], ko: [차단]}\n"
                            "mode: shadow\n"
                            "suppress: {for: 30m}\n"
                            "generate: false\n"
                            "correlation:\n"
                            "  type: value_count\n"
                            "  rules: [failures]\n"
                            "  selections:\n"
                            "    failures:\n"
                            "      rules: [network_attacks.brute_force, authentication.*]\n"
                            "      min_level: MEDIUM\n"
                            "      where: {fields.app.name: 'web*', host: [a, b]}\n"
                            "      unless: {source_ip: [10.0.0.0/8, '2001:db8::1', 192.0.2.*]}\n"
                            "  group-by: [tenant, source_ip]\n"
                            "  timespan: 90s\n"
                            "  condition: {gt: 4, lte: 9, neq: 6, field: [user, fields.realm]}\n");
    const struct correlation *rule = correlations_rule(set, 0);
    const struct text *paths;

    (void)state;
    unit_text("title", rule->title, "{source_ip} tries {event_count} users");
    assert_int_equal(rule->level, LEVEL_HIGH);
    assert_int_equal(rule->mode, MODE_SHADOW);
    assert_int_equal(rule->suppress_ms, 30 * 60 * 1000);
    assert_int_equal(rule->timespan_ms, 90 * 1000);
    assert_false(rule->generate);
    assert_false(rule->grows);
    assert_int_equal(rule->group_count, 2);
    unit_text("groups are sorted", rule->group_by[0], "source_ip");
    assert_int_equal(rule->field_count, 2);
    assert_int_equal(rule->bound_count, 3);
    unit_text("ko", rule->actions_ko.items[0], "차단");
    const struct {
        int64_t value;
        bool want;
    } bounds[] = {{4, false}, {5, true}, {6, false}, {9, true}, {10, false}};

    for (size_t i = 0; i < COUNT_OF(bounds); i++)
        assert_int_equal(correlation_bounds_hold(rule, bounds[i].value), bounds[i].want);
    assert_int_equal(correlations_fields(set, &paths), 2);
    unit_text("first path", paths[0], "app.name");
    unit_text("second path", paths[1], "realm");
}

static void a_selection_takes_what_its_filters_say(void **state)
{
    AUTO(correlations)
    set = must_load("selection",
                    RULE("correlation:\n  type: event_count\n  rules: [s]\n  timespan: 1m\n"
                         "  condition: {gte: 1}\n  selections:\n    s:\n"
                         "      rules: [a.b, c.*]\n      min_level: MEDIUM\n"
                         "      where: {user: ['adm*n', root], fields.app: '*'}\n"
                         "      unless: {source_ip: [10.0.0.0/8, '2001:DB8::1', 192.0.2.*]}\n"));
    const struct correlation_selection *selection = &correlations_rule(set, 0)->selections[0];
    struct text app = TEXT("app"), shop = TEXT("shop"), none = {0};
    const struct record_map with = {&app, &shop, 1}, empty = {&app, &none, 1}, without = {0};
#define EVENT(type, rule, level, name, address, map)                            \
    {                                                                           \
        .event_type = TEXT(type), .rule_id = TEXT(rule), .threat_level = level, \
        .user = TEXT(name), .source_ip = TEXT(address), .fields = map           \
    }
    const struct {
        const char *name;
        struct event event;
        bool want;
    } cases[] = {
        {"by type", EVENT("a.b", "x.y", LEVEL_MEDIUM, "root", "8.8.8.8", with), true},
        {"by rule", EVENT("x.y", "a.b", LEVEL_MEDIUM, "root", "8.8.8.8", with), true},
        {"by prefix", EVENT("c.d", "x.y", LEVEL_HIGH, "root", "8.8.8.8", with), true},
        {"another type", EVENT("a.bc", "x.y", LEVEL_HIGH, "root", "8.8.8.8", with), false},
        {"too low", EVENT("a.b", "a.b", LEVEL_LOW, "root", "8.8.8.8", with), false},
        {"star", EVENT("a.b", "a.b", LEVEL_HIGH, "admiral-n", "8.8.8.8", with), true},
        {"star for nothing", EVENT("a.b", "a.b", LEVEL_HIGH, "admn", "8.8.8.8", with), true},
        {"star not to the end", EVENT("a.b", "a.b", LEVEL_HIGH, "admin2", "8.8.8.8", with), false},
        {"case counts", EVENT("a.b", "a.b", LEVEL_HIGH, "Root", "8.8.8.8", with), false},
        {"no user", EVENT("a.b", "a.b", LEVEL_HIGH, "", "8.8.8.8", with), false},
        {"field absent", EVENT("a.b", "a.b", LEVEL_HIGH, "root", "8.8.8.8", without), false},
        {"field empty", EVENT("a.b", "a.b", LEVEL_HIGH, "root", "8.8.8.8", empty), false},
        {"in the range", EVENT("a.b", "a.b", LEVEL_HIGH, "root", "10.1.2.3", with), false},
        {"the same address", EVENT("a.b", "a.b", LEVEL_HIGH, "root", "2001:db8:0::1", with), false},
        {"address by star", EVENT("a.b", "a.b", LEVEL_HIGH, "root", "192.0.2.77", with), false},
        {"no address", EVENT("a.b", "a.b", LEVEL_HIGH, "root", "", with), true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        if (correlation_selects(selection, &cases[i].event) != cases[i].want)
            fail_msg("%s: want %s", cases[i].name, cases[i].want ? "selected" : "left alone");
    }
}

static void aliases_say_where_each_named_rule_has_the_value(void **state)
{
    AUTO(correlations)
    set = must_load("aliases", BLOCK("  type: temporal\n  group-by: [user, ip]\n"
                                     "  aliases: {ip: {a.b: source_ip, c.d: target_ip}}\n"));
    const struct correlation *rule = correlations_rule(set, 0);

    (void)state;
    unit_text("names", rule->group_by[0], "ip");
    unit_text("in the first", rule->selections[0].keys[0].name, "source_ip");
    unit_text("in the second", rule->selections[1].keys[0].name, "target_ip");
    unit_text("no alias", rule->selections[1].keys[1].name, "user");
}

static void measured_bounds_are_thousandths(void **state)
{
    AUTO(correlations)
    set = must_load("sum", CONDITION("value_sum", "{gt: -1.5, lte: 1000000.25, field: fields.n}"));
    const struct correlation *rule = correlations_rule(set, 0);

    (void)state;
    assert_int_equal(rule->bounds[0].value, -1500);
    assert_int_equal(rule->bounds[1].value, 1000000250);
    assert_false(rule->grows);
}

static void a_later_file_changes_what_it_gives(void **state)
{
    const char *base = "- id: x\n  title: T\n  threat_level: HIGH\n  correlation: {type: "
                       "event_count, rules: [a.b], timespan: 1m, condition: {gte: 5}}\n"
                       "  tests: [{events: [], alerts: []}]\n";
    const struct {
        const char *name, *overlay;
        bool alerts;
        enum threat_level level;
        int64_t bound;
        size_t tests;
    } cases[] = {
        {"off", "{id: x, mode: off}", false, LEVEL_HIGH, 5, 1},
        {"level", "{id: x, level: low}", true, LEVEL_LOW, 5, 1},
        {"threshold",
         "{id: x, correlation: {type: event_count, rules: [a.b], timespan: 1m, condition: {gt: "
         "9}}}",
         true, LEVEL_HIGH, 9, 0},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        AUTO(correlations) set = correlations_new(CORRELATION_LIMITS_DEFAULT);

        if (correlations_add_bytes(set, "base.yaml", text_of(base), &err) < 0 ||
            correlations_add_bytes(set, "own.yaml", text_of(cases[i].overlay), &err) < 0 ||
            correlations_link(set, &err) < 0)
            fail_msg("%s: %s", cases[i].name, err.text);
        const struct correlation *rule = correlations_find(set, TEXT("x"));

        assert_int_equal(rule->alerts, cases[i].alerts);
        assert_int_equal(rule->level, cases[i].level);
        assert_int_equal(rule->bounds[0].value, cases[i].bound);
        assert_int_equal(rule->test_count, cases[i].tests);
    }
}

/* Who writes Sigma's word beside a correlation means Sigma's default. */
static void sigmas_default_is_that_of_the_file_with_the_correlation(void **state)
{
#define COUNT_WITH(level)                                                   \
    "{id: x, title: T, " level ", correlation: {type: event_count, rules: " \
    "[a.b], timespan: 1m, condition: {gte: 5}}}"
    static const struct {
        const char *name, *base, *overlay;
        bool generate;
    } cases[] = {
        {"ours", COUNT_WITH("threat_level: HIGH"), "", true},
        {"ours, with Sigma's word on top", COUNT_WITH("threat_level: HIGH"), "{id: x, level: low}",
         true},
        {"Sigma's", COUNT_WITH("level: high"), "", false},
        {"Sigma's, with our word on top", COUNT_WITH("level: high"), "{id: x, threat_level: LOW}",
         false},
        {"Sigma's in place of ours", COUNT_WITH("threat_level: HIGH"), COUNT_WITH("level: high"),
         false},
        {"said", COUNT_WITH("level: high, generate: true"), "{id: x, level: low}", true},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        AUTO(correlations) set = correlations_new(CORRELATION_LIMITS_DEFAULT);

        if (correlations_add_bytes(set, "base.yaml", text_of(cases[i].base), &err) < 0 ||
            correlations_add_bytes(set, "own.yaml", text_of(cases[i].overlay), &err) < 0 ||
            correlations_link(set, &err) < 0)
            fail_msg("%s: %s", cases[i].name, err.text);
        if (correlations_rule(set, 0)->generate != cases[i].generate)
            fail_msg("%s: want %d", cases[i].name, cases[i].generate);
    }
}

/* A rule on trial takes nothing away from what is alerted, nor does one that is off. */
static void only_a_rule_that_alerts_stands_for_what_it_names(void **state)
{
    static const struct {
        const char *name, *mode;
        bool alerts;
    } cases[] = {{"alert", "alert", false}, {"shadow", "shadow", true}, {"off", "off", true}};

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        AUTO_BUF rules = {0};

        buf_addf(&rules,
                 "- {id: many, title: T, correlation: {type: event_count, rules: [a.b], timespan: "
                 "1m, condition: {gte: 5}}}\n"
                 "- {id: outer, title: T, mode: '%s', generate: false, correlation: {type: "
                 "temporal, rules: [many, c.d], timespan: 1m}}\n",
                 cases[i].mode);
        AUTO(correlations) set = must_load(cases[i].name, buf_string(&rules));

        if (correlations_rule(set, 0)->alerts != cases[i].alerts)
            fail_msg("%s: want %d", cases[i].name, cases[i].alerts);
    }
}

static void a_tests_repeats_are_events_of_their_own(void **state)
{
    AUTO(correlations)
    set = must_load("repeat",
                    RULE(COUNT_OF_FAILURES
                         "tests:\n  - name: three\n    events:\n"
                         "      - {at: 1m, repeat: 3, every: 10s, event_type: a.b, user: 'u{n}', "
                         "fields.app.name: shop}\n"
                         "    alerts: [{first: 1m, last: 80s, count: 3, severity: HIGH, group: "
                         "{source_ip: 192.0.2.1}}]\n"));
    const struct correlation_test *test = &correlations_rule(set, 0)->tests[0];

    (void)state;
    assert_int_equal(test->event_count, 3);
    assert_int_equal(test->events[2].event_time, CORRELATION_TEST_START + 80000);
    unit_text("number", test->events[2].user, "u3");
    unit_text("rule", test->events[2].rule_id, "a.b");
    unit_text("path", test->events[0].fields.names[0], "app.name");
    assert_false(text_equal(test->events[0].event_id, test->events[1].event_id));
    assert_int_equal(test->alerts[0].last_seen, 80000);
    assert_int_equal(test->alerts[0].event_count, 3);
    assert_int_equal(test->alerts[0].severity, LEVEL_HIGH);
    unit_text("group", test->alerts[0].group[0], "192.0.2.1");
}

static void the_version_is_that_of_the_content(void **state)
{
    AUTO(correlations) one = must_load("one", RULE(COUNT_OF_FAILURES));
    AUTO(correlations) same = must_load("same", "# a comment\n" RULE(COUNT_OF_FAILURES));
    AUTO(correlations) other = must_load("other", RULE("mode: shadow\n") COUNT_OF_FAILURES);

    (void)state;
    assert_int_equal(strlen(correlations_version(one)), 16);
    assert_string_equal(correlations_version(one), correlations_version(same));
    assert_string_not_equal(correlations_version(one), correlations_version(other));
}

static void the_built_in_rules_load_and_carry_tests(void **state)
{
    struct error err = {0};
    AUTO(correlations) set = correlations_new(CORRELATION_LIMITS_DEFAULT);

    (void)state;
    if (correlations_add(set, HAECHI_SOURCE "/deploy/correlations", &err) < 0 ||
        correlations_link(set, &err) < 0)
        fail_msg("%s", err.text);
    assert_true(correlations_count(set) >= 9);
    for (size_t i = 0; i < correlations_count(set); i++) {
        const struct correlation *rule = correlations_rule(set, i);
        bool has[2] = {false, false};

        for (size_t k = 0; k < rule->test_count; k++)
            has[rule->tests[k].alert_count > 0] = true;
        if (!has[true] || !has[false])
            fail_msg("%.*s: no test of an alert, or none without", TEXT_ARG(rule->id));
    }
}

static void the_tests_of_the_built_in_rules_come_out(void **state)
{
    struct error err = {0};
    AUTO(correlations) set = correlations_new(CORRELATION_LIMITS_DEFAULT);

    (void)state;
    assert_int_equal(correlations_add(set, HAECHI_SOURCE "/deploy/correlations", &err), 0);
    assert_int_equal(correlations_link(set, &err), 0);
    for (size_t i = 0; i < correlations_count(set); i++) {
        const struct correlation *rule = correlations_rule(set, i);

        assert_true(trial_run_is_possible(rule));
        for (size_t k = 0; k < rule->test_count; k++) {
            if (trial_run(set, rule, &rule->tests[k], &err) < 0)
                fail_msg("%s", err.text);
        }
    }
}

static void a_test_that_does_not_come_out_says_how(void **state)
{
#define TEST_OF(alerts)                                                                       \
    RULE(COUNT_OF_FAILURES "tests:\n  - name: n\n    events: [{at: 0, repeat: 5, every: 1s, " \
                           "event_type: a.b, source_ip: 192.0.2.1}]\n    alerts: " alerts)
#define TEST_OF_TWO(alerts)                                                                       \
    RULE(COUNT_OF_FAILURES "tests:\n  - name: n\n    events:\n      - {at: 0, repeat: 5, every: " \
                           "1s, event_type: a.b, source_ip: 192.0.2.1}\n      - {at: 5s, "        \
                           "repeat: 5, every: 1s, event_type: a.b, source_ip: 192.0.2.2}\n    "   \
                           "alerts: " alerts)
    static const struct {
        const char *name, *bytes, *want; /* NULL: it comes out */
    } cases[] = {
        {"all of it",
         TEST_OF("[{first: 0, last: 4s, count: 5, severity: MEDIUM, title: T, group: {source_ip: "
                 "192.0.2.1}}]"),
         NULL},
        {"nothing of it", TEST_OF("[{}]"), NULL},
        {"the wide one of two first", TEST_OF_TWO("[{}, {group: {source_ip: 192.0.2.1}}]"), NULL},
        {"the wide one of two last", TEST_OF_TWO("[{group: {source_ip: 192.0.2.2}}, {}]"), NULL},
        {"none", TEST_OF("[]"),
         "f.yaml:5: rule 'x', n: an alert that is not wanted: 0s to 4s, 5 events, MEDIUM, "
         "source_ip "
         "192.0.2.1"},
        {"two", TEST_OF("[{}, {}]"), "f.yaml:7: rule 'x', n: this alert did not come"},
        {"first", TEST_OF("[{first: 1s}]"),
         "f.yaml:5: rule 'x', n: an alert that is not wanted: 0s "
         "to 4s, 5 events, MEDIUM, source_ip 192.0.2.1"},
        {"group", TEST_OF("[{group: {source_ip: 192.0.2.2}}]"),
         "f.yaml:5: rule 'x', n: an alert that is not wanted: 0s to 4s, 5 events, MEDIUM, "
         "source_ip "
         "192.0.2.1"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        AUTO(correlations) set = must_load(cases[i].name, cases[i].bytes);
        const struct correlation *rule = correlations_rule(set, 0);

        if (trial_run(set, rule, &rule->tests[0], &err) == 0 && cases[i].want)
            fail_msg("%s: came out", cases[i].name);
        unit_text(cases[i].name, text_of(err.text), cases[i].want ? cases[i].want : "");
    }
}

static void a_test_of_silence_says_who_is_silent_and_when(void **state)
{
#define TWO_HOSTS                                                                               \
    "{at: 1m, host: a, repeat: 60, every: 1m}, {at: 1m, host: b, repeat: 10, every: 1m}, {at: " \
    "40m, host: b, repeat: 21, every: 1m}"
#define OF_LOGS(logs, alerts) \
    SILENCE "  - {name: n, logs: [" logs "], until: 1h, alerts: " alerts "}\n"
    static const struct {
        const char *name, *bytes, *want; /* NULL: it comes out */
    } cases[] = {
        {"one that stops and comes back",
         OF_LOGS(TWO_HOSTS, "[{first: 10m, last: 40m, group: {host: b}, title: No logs from b, "
                            "severity: HIGH}]"),
         NULL},
        {"one that stops for good",
         OF_LOGS("{at: 0, host: a, repeat: 61, every: 1m}, {at: 10m, host: b}",
                 "[{first: 10m, last: 25m, group: {host: b}}]"),
         NULL},
        {"none that comes", OF_LOGS("", "[{first: 0, last: 15m}, {first: 0, last: 15m}]"), NULL},
        {"twice",
         OF_LOGS("{at: 0, host: a, repeat: 4, every: 20m}, {at: 0, host: b, repeat: 5, every: 15m}",
                 "[{first: 0, last: 20m}, {first: 20m, last: 40m}, {first: 40m, last: 60m}]"),
         NULL},
        {"a log just in time",
         OF_LOGS("{at: 0, host: a, repeat: 5, every: 15m}, {at: 0, host: b, repeat: 5, every: 15m}",
                 "[]"),
         NULL},
        {"after the end",
         OF_LOGS(
             "{at: 0, host: a, repeat: 5, every: 15m}, {at: 0, host: b, repeat: 4, every: 15m}, "
             "{at: 70m, host: b}",
             "[]"),
         NULL},
        {"a silence that was not expected", OF_LOGS(TWO_HOSTS, "[]"),
         "f.yaml:6: rule 'x', n: an alert that is not wanted: 600s to 2400s, HIGH, host b"},
        {"a silence that was not there", OF_LOGS(TWO_HOSTS, "[{first: 10m}, {group: {host: a}}]"),
         "f.yaml:6: rule 'x', n: this alert did not come"},
    };

    (void)state;
    for (size_t i = 0; i < COUNT_OF(cases); i++) {
        struct error err = {0};
        AUTO(correlations) set = must_load(cases[i].name, cases[i].bytes);
        const struct correlation *rule = correlations_rule(set, 0);

        assert_true(trial_run_is_possible(rule));
        if (trial_run(set, rule, &rule->tests[0], &err) == 0 && cases[i].want)
            fail_msg("%s: came out", cases[i].name);
        unit_text(cases[i].name, text_of(err.text), cases[i].want ? cases[i].want : "");
    }
}

UNIT_MAIN(cmocka_unit_test(a_test_of_silence_says_who_is_silent_and_when),
          cmocka_unit_test(the_tests_of_the_built_in_rules_come_out),
          cmocka_unit_test(a_test_that_does_not_come_out_says_how),
          cmocka_unit_test(the_built_in_rules_load_and_carry_tests),
          cmocka_unit_test(every_mistake_is_told_with_its_line),
          cmocka_unit_test(sigmas_own_example_is_a_chain_of_one_level),
          cmocka_unit_test(all_that_a_rule_says_is_read),
          cmocka_unit_test(a_selection_takes_what_its_filters_say),
          cmocka_unit_test(aliases_say_where_each_named_rule_has_the_value),
          cmocka_unit_test(measured_bounds_are_thousandths),
          cmocka_unit_test(a_later_file_changes_what_it_gives),
          cmocka_unit_test(sigmas_default_is_that_of_the_file_with_the_correlation),
          cmocka_unit_test(only_a_rule_that_alerts_stands_for_what_it_names),
          cmocka_unit_test(a_tests_repeats_are_events_of_their_own),
          cmocka_unit_test(the_version_is_that_of_the_content))
