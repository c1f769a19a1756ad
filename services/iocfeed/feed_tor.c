/* tor: check.torproject.org/exit-addresses, as TorDNSEL writes it:
 *
 *     ExitNode <fingerprint>
 *     Published 2026-01-01 00:00:00
 *     LastStatus 2026-01-01 01:00:00
 *     ExitAddress 192.0.2.1 2026-01-01 01:02:03        one or more a node
 *
 * A plain list of addresses (torbulkexitlist) is taken too.
 */
#include "iocfeed/feeds.h"

#include "iocfeed/harvest.h"
#include "iocfeed/header_facts.h"

static bool take(struct text line, struct text word, struct text *rest)
{
    if (!text_starts(line, word))
        return false;
    *rest = text_trim(text_slice(line, word.size, line.size));
    return true;
}

static int tor_parse(struct harvest *harvest, const struct feed_answer *answer, struct error *err)
{
    struct text rest = answer->body, line, value;
    uint64_t number = 0;

    (void)err;
    while (text_split(&rest, '\n', &line)) {
        struct row row;

        line = text_trim(line);
        number++;
        if (line.size == 0 || take(line, TEXT("ExitNode "), &value) ||
            take(line, TEXT("Published "), &value) || take(line, TEXT("LastStatus "), &value))
            continue;
        if (line.bytes[0] == '#') {
            header_facts_note(text_slice(line, 1, line.size), harvest->intake);
            continue;
        }
        row_clear(&row);
        row.line = number;
        row.value = line;
        if (take(line, TEXT("ExitAddress "), &value)) {
            size_t blank = text_find_byte(value, ' ');

            row.value = text_slice(value, 0, blank);
            row.last_seen = row_time(text_slice(value, blank, value.size));
        }
        intake_row(harvest->intake, &row);
    }
    return 0;
}

const struct feed_ops feed_tor = {.name = "tor", .parse = tor_parse};
