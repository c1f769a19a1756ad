"""What correlation rules mean, slowly: events and rules in, the final alerts out.

Written from the documentation (docs/correlation.md) and Sigma's correlation specification, and from
nothing of the C. It has no notion of order, batches, state or time of arrival: it looks at the whole
set of events and asks of every moment whether a rule holds. So it needs the promise's condition, that
no event came too late, and has no limits.

Rules are the maps that rule files hold (see docs/correlation-rules.md).
"""

import fnmatch
import hashlib
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

LEVELS = ["LOW", "MEDIUM", "HIGH", "CRITICAL"]
SIGMA_LEVELS = {"informational": "LOW", "low": "LOW", "medium": "MEDIUM", "high": "HIGH",
                "critical": "CRITICAL"}
UNITS = {"s": 1000, "m": 60_000, "h": 3_600_000, "d": 86_400_000}
OPERATORS = {
    "gt": lambda a, b: a > b, "gte": lambda a, b: a >= b, "lt": lambda a, b: a < b,
    "lte": lambda a, b: a <= b, "eq": lambda a, b: a == b, "neq": lambda a, b: a != b,
}


def duration(text):
    text = str(text)
    return 0 if text == "0" else int(text[:-1]) * UNITS[text[-1]]


def joined(parts):
    """Parts that cannot be mistaken for others: each behind its length."""
    return b"".join(b"%d:%s" % (len(part), part) for part in (p.encode() for p in parts))


def field(event, name):
    value = event["fields"].get(name[len("fields."):]) if name.startswith("fields.") else event.get(name)
    return value or None


def number(text):
    """In whole thousandths, half away from zero."""
    try:
        value = Decimal((text or "").strip())
    except InvalidOperation:
        return None
    if not value.is_finite() or abs(value) > Decimal(9) * 10**15:
        return None
    return int((value * 1000).quantize(Decimal(1), rounding=ROUND_HALF_UP))


def order(event):
    return event["event_time"], event["event_id"].encode()


def group_id(group):
    tenant, names, values = group
    return hashlib.sha256(joined([tenant, *names, *values])).hexdigest()[:32]


class Selection:
    """One name under `rules:` that stands for events."""

    def __init__(self, block, name):
        own = block.get("selections", {}).get(name, {"rules": [name]})
        self.types = own.get("rules", ["*"])
        self.level = LEVELS.index(own.get("min_level", "LOW"))
        self.where, self.unless = own.get("where", {}), own.get("unless", {})
        self.keys = [block.get("aliases", {}).get(key, {}).get(name, key)
                     for key in sorted(block.get("group-by", []))]

    @staticmethod
    def fits(event, filters):
        def one(name, values):
            value = field(event, name)
            values = values if isinstance(values, list) else [values]
            return value is not None and any(fnmatch.fnmatchcase(value, v) for v in values)
        return [one(name, values) for name, values in filters.items()]

    def selects(self, event):
        named = any(fnmatch.fnmatchcase(event[kind], pattern)
                    for kind in ("event_type", "rule_id") for pattern in self.types)
        return (named and LEVELS.index(event["threat_level"]) >= self.level
                and all(self.fits(event, self.where)) and not any(self.fits(event, self.unless)))


class Rule:
    def __init__(self, rule, by_name):
        block = rule["correlation"]
        self.block, self.id, self.type = block, rule["id"], block["type"]
        self.names = block["rules"]
        self.group_by = sorted(block.get("group-by", []))
        self.span = duration(block["timespan"])
        self.condition = dict(block.get("condition", {}))
        self.fields = self.condition.pop("field", [])
        self.fields = self.fields if isinstance(self.fields, list) else [self.fields]
        self.percentile = self.condition.pop("percentile", None)
        self.level = rule.get("threat_level", SIGMA_LEVELS.get(rule.get("level"), "HIGH"))
        self.slot = duration(rule.get("suppress", {}).get("for", "1h"))
        self.mode = rule.get("mode", "alert")
        self.generate = rule.get("generate", True)
        self.parts = [Rule(by_name[name], by_name) if name in by_name else Selection(block, name)
                      for name in self.names]

    def selections(self):
        for part in self.parts:
            yield from part.selections() if isinstance(part, Rule) else [part]

    def groups(self, events):
        """Of each group, the events that each name selects."""
        groups = {}
        for i, part in enumerate(self.parts):
            if isinstance(part, Rule):
                chosen = [(group, event) for group, names in part.groups(events).items()
                          for selected in names for event in selected]
            else:
                chosen = [(self.group(part, event), event) for event in events if self.wants(part, event)]
            for group, event in chosen:
                if group is not None:
                    groups.setdefault(group, [[] for _ in self.parts])[i].append(event)
        return groups

    def wants(self, selection, event):
        if not selection.selects(event):
            return False
        if self.type == "value_count":
            return all(field(event, name) for name in self.fields)
        return not self.type.startswith("value_") or number(field(event, self.fields[0])) is not None

    def group(self, selection, event):
        values = [field(event, key) for key in selection.keys]
        return None if None in values else (event["tenant"], tuple(self.group_by), tuple(values))

    def meets(self, value):
        return all(OPERATORS[name](value, limit) for name, limit in self.condition.items())

    def holds(self, names, at):
        """Whether the rule holds at a moment, of one group's events by name."""
        def within(events):
            return [e for e in events if at - self.span <= e["event_time"] <= at]

        window = unique(e for selected in names for e in within(selected))
        if self.type == "event_count":
            return self.meets(len(window))
        if self.type == "value_count":
            return self.meets(len({tuple(field(e, name) for name in self.fields) for e in window}))
        if self.type.startswith("value_"):
            return self.holds_number([number(field(e, self.fields[0])) for e in window])
        moments = [[t for t in moments_of(part, selected) if at - self.span <= t <= at]
                   for part, selected in zip(self.parts, names)]
        if self.type == "temporal":
            seen = sum(1 for times in moments if times)
            return self.meets(seen) if self.condition else seen == len(moments)
        reached = at - self.span
        for times in moments:
            later = [t for t in times if t >= reached]
            if not later:
                return False
            reached = min(later)
        return True

    def holds_number(self, numbers):
        numbers.sort()
        if self.type == "value_sum":
            value, count = sum(numbers), 1
        elif self.type == "value_avg":
            value, count = sum(numbers), len(numbers)
        else:
            rank = -(-len(numbers) * self.percentile // 100)
            value, count = numbers[max(rank, 1) - 1], 1
        return all(OPERATORS[name](value, int(Decimal(str(limit)) * 1000) * count)
                   for name, limit in self.condition.items())


def moments_of(part, selected):
    """When a name of a temporal rule occurs: at its events, or where the count that it names holds."""
    times = sorted({e["event_time"] for e in selected})
    if not isinstance(part, Rule):
        return times
    # What a nested count selects has been gathered for it as a whole.
    return [t for t in times if part.holds([selected], t)]


def unique(events):
    return sorted({e["event_id"]: e for e in events}.values(), key=order)


def alert_id(rule, single, group, key):
    if single and isinstance(key, str):
        return "SEC-" + key
    return "SEC-" + hashlib.md5(joined([group[0], rule, group_id(group), str(key)])).hexdigest()


def alerts_of_group(rule_id, slot, span, holds, group, events, severity, single):
    """The alerts of one rule in one group. `holds` says whether it holds at a time of its events."""
    held = [t for t in sorted({e["event_time"] for e in events}) if holds(t)]
    covers = {}
    if slot == 0:
        for event in events:
            if event["event_time"] in held:
                covers[event["event_id"]] = (event["event_time"], event["event_time"])
    else:
        for t in held:
            start = t // slot * slot
            first, _ = covers.get(start, (t, t))
            covers[start] = (first, t)
    found = {}
    for key, (first_hold, last) in covers.items():
        first = min(e["event_time"] for e in events if first_hold - span <= e["event_time"] <= first_hold)
        inside = [e for e in events if first <= e["event_time"] <= last]
        before, after = (key - slot, key + slot) if slot else (None, None)
        found[key] = {
            "alert_id": alert_id(rule_id, single, group, key),
            "rule_id": rule_id, "group": dict(zip(group[1], group[2])), "tenant": group[0],
            "group_key": group_id(group), "first_seen": first, "last_seen": last,
            "event_count": len(inside), "event_ids": [e["event_id"] for e in inside[:100]],
            "event_types": sorted({e["event_type"] for e in inside}),
            "severity": severity(inside),
            "status": "update" if after in covers else "resolved",
            "continues": alert_id(rule_id, single, group, before) if before in covers else None,
            "events": inside,
        }
        for name in ("source_ip", "target_ip", "user", "host"):
            values = {field(e, name) for e in inside}
            found[key][name] = values.pop() if len(values) == 1 else None
    return list(found.values())


def entity(event):
    for kind in ("source_ip", "host", "user"):
        if event.get(kind):
            return event["tenant"], (kind,), (event[kind],)
    return event["tenant"], ("event_id",), (event["event_id"],)


def single_alerts(rules, events, settings):
    withheld = [s for rule in rules if not rule.generate and rule.mode == "alert"
                for s in rule.selections()]
    least = LEVELS.index(settings["min_level"])
    groups, types = {}, {}
    for event in events:
        level = LEVELS.index(event["threat_level"])
        if level >= 1:
            types.setdefault(entity(event), []).append(event)
        if level >= least and not any(s.selects(event) for s in withheld):
            groups.setdefault((entity(event), event["event_type"]), []).append(event)
    alerts = []
    for (group, kind), members in groups.items():
        made = alerts_of_group("event:" + kind, settings["suppress"], 0, lambda t: True, group, members,
                               lambda inside: max((e["threat_level"] for e in inside), key=LEVELS.index),
                               True)
        for alert in made:
            others = [e["event_time"] for e in types.get(group, ()) if e["event_type"] != kind]
            alert["several"] = any(abs(e["event_time"] - t) <= settings["types_window"]
                                   for e in alert["events"] for t in others)
        alerts += made
    return alerts


def correlate(rules, events, settings):
    """The final alerts by alert_id."""
    by_name = {rule["id"]: rule for rule in rules} | {r["name"]: r for r in rules if "name" in r}
    loaded = [Rule(rule, by_name) for rule in rules]
    silent = {part.id for rule in loaded if not rule.generate
              for part in rule.parts if isinstance(part, Rule)}
    events = unique(e for e in events if e.get("mode", "alert") == "alert")
    alerts = single_alerts(loaded, events, settings)
    for rule in loaded:
        if rule.id in silent:
            continue
        for group, names in rule.groups(events).items():
            members = unique(e for selected in names for e in selected)
            made = alerts_of_group(rule.id, rule.slot, rule.span,
                                   lambda t, r=rule, n=names: r.holds(n, t), group, members,
                                   lambda inside, r=rule: r.level, False)
            for alert in made:
                alert["several"] = False
                alert["mode"] = rule.mode
            alerts += made
    return {alert["alert_id"]: alert for alert in alerts}
