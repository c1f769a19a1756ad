#include "base/ioc_level.h"

static const char *const levels[] = {"LOW", "MEDIUM", "HIGH", "CRITICAL", NULL};

#define AT(member) .offset = offsetof(struct ioc_level_settings, member)
const struct setting ioc_level_rows[] = {
    {"threat_type", SETTING_TEXT, AT(threat_type), .help = "The indicator's; none: any."},
    {"confidence", SETTING_NUMBER, AT(confidence), .fallback = "0", .minimum = 0, .maximum = 1,
     .help = "From which confidence on."},
    {"level", SETTING_CHOICE, AT(level), .required = true, .choices = levels,
     .help = "The event's threat level."},
    {0},
};

/* Machines that are steered or extorted from there are worse than those that knock. */
static const struct ioc_level_settings shipped[] = {
    {"c2", 0.9, LEVEL_CRITICAL},
    {"botnet_cc", 0.9, LEVEL_CRITICAL},
    {"ransomware", 0.9, LEVEL_CRITICAL},
    {"c2", 0.5, LEVEL_HIGH},
    {"botnet_cc", 0.5, LEVEL_HIGH},
    {"ransomware", 0.5, LEVEL_HIGH},
    {NULL, 0.75, LEVEL_HIGH},
    {NULL, 0.5, LEVEL_MEDIUM},
    {NULL, 0, LEVEL_LOW},
};

enum threat_level ioc_level_of(const struct setting_list *list, struct text threat_type,
                               double confidence)
{
    bool is_set = list && list->count > 0;
    const struct ioc_level_settings *rows = is_set ? list->rows : shipped;
    size_t count = is_set ? list->count : COUNT_OF(shipped);

    for (size_t i = 0; i < count; i++) {
        if (confidence >= rows[i].confidence &&
            (!rows[i].threat_type || text_is(threat_type, rows[i].threat_type)))
            return (enum threat_level)rows[i].level;
    }
    return LEVEL_LOW;
}
