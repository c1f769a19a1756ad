#include "detector/user_agent_risk.h"

#include "base/mem.h"

/* Longest header that is looked at: beyond it nothing changes but the time it takes. */
enum { SCANNED_BYTES = 8192, SHORT = 10, LONG = 500 };

static const char *const crawlers[] = {"bot", "crawler", "spider", "scraper", NULL};
static const char *const tools[] = {"nmap", "sqlmap", "nikto", "dirb", "gobuster", NULL};
static const char *const libraries[] = {"python", "curl", "wget", "libwww", NULL};
static const char *const *const groups[] = {crawlers, tools, libraries};

static bool has_any(struct text t, const char *const *words)
{
    for (; *words; words++) {
        size_t size = strlen(*words);

        for (size_t i = 0; i + size <= t.size; i++) {
            /* The first letter alone decides nearly always; | 0x20 makes it lower-case. */
            if ((t.bytes[i] | 0x20) == (*words)[0] &&
                text_equal_nocase(text_slice(t, i, i + size), (struct text){*words, size}))
                return true;
        }
    }
    return false;
}

static bool is_digit(char byte)
{
    return byte >= '0' && byte <= '9';
}

/* 5.0, as in "Mozilla/5.0": a dot between two digits. */
static bool has_version(struct text t)
{
    for (size_t i = 1; i + 1 < t.size; i++) {
        if (t.bytes[i] == '.' && is_digit(t.bytes[i - 1]) && is_digit(t.bytes[i + 1]))
            return true;
    }
    return false;
}

/* A byte that belongs to no character counts as one. */
static size_t characters(struct text t)
{
    size_t count = 0;

    for (size_t i = 0; i < t.size; count++) {
        size_t size = text_character(text_slice(t, i, t.size));

        i += size ? size : 1;
    }
    return count;
}

int user_agent_risk(struct text user_agent)
{
    struct text t = text_slice(user_agent, 0, SCANNED_BYTES);
    size_t length = characters(t);
    int tenths = 0;

    for (size_t i = 0; i < COUNT_OF(groups); i++)
        tenths += has_any(t, groups[i]) ? 3 : 0;
    if (length < SHORT || length > LONG)
        tenths += 2;
    if (!has_version(t))
        tenths += 1;
    return tenths < 10 ? tenths : 10;
}
