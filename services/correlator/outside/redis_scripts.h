/* redis_scripts: what runs inside Redis (redis_store.h), in Lua. */
#pragma once

/* KEYS: state, due, recent. ARGV: the version that it starts from (8 bytes), version and state to
 * write ("": only the recent events), time to live ("": as it is), group id, due ("": none; behind
 * a "=": it is that already, if anything is stored), what is to be added to the state that is
 * stored ("": nothing; otherwise only the version stands where version and state do), then score
 * and id of at most 128 recent events, by score. Returns 1, what is stored instead, or 0: there is
 * nothing to add to.
 *
 * Of the recent events the newest 128 stay. More must never be in the set, not even for a moment:
 * at the 129th Redis gives it another form, for good, which takes ten times the memory. So what
 * there will be no room for goes first, and comes back where it turns out to be newer than what
 * came, or where that was there. Once a minute, by their own times, those that are too old go, and
 * the set's time to live begins anew. */
extern const char redis_script_write[];

/* KEYS: due. ARGV: now, end of the lease, limit. Returns group ids. */
extern const char redis_script_claim[];

/* KEYS: state, due. ARGV: group id. */
extern const char redis_script_forget[];
