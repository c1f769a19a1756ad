#include "base/topic_pattern.h"

#include <errno.h>
#include <string.h>

void topic_pattern_add(struct buf *list, const char *name)
{
    buf_add_string(list, list->size ? ",^" : "^");
    /* Names are made of letters, digits, '-', '_' and '.', of which the last alone says more. */
    for (; *name; name++) {
        if (*name == '.')
            buf_add_byte(list, '\\');
        buf_add_byte(list, *name);
    }
    buf_add_byte(list, '$');
}

static bool is_in(const struct text_list *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (strcmp(list->items[i], name) == 0)
            return true;
    }
    return false;
}

void topic_pattern_add_all(struct buf *list, const char *const *names, size_t count,
                           const struct text_list *except)
{
    for (size_t i = 0; i < count; i++) {
        if (!is_in(except, names[i]))
            topic_pattern_add(list, names[i]);
    }
}

int topic_pattern_compile(const char *pattern, regex_t *regex, struct error *err)
{
    char why[100];
    int status = regcomp(regex, pattern, REG_EXTENDED | REG_NOSUB);

    if (status == 0)
        return 0;
    regerror(status, regex, why, sizeof(why));
    return error_set(err, -EINVAL, "'%s' is not a regular expression (POSIX extended): %s", pattern,
                     why);
}

int topic_pattern_check_name(const char *name, const char *value, struct error *err)
{
    static const char allowed[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
    size_t size = strlen(value);

    (void)name;
    if (size <= 249 && strspn(value, allowed) == size && strcmp(value, ".") != 0 &&
        strcmp(value, "..") != 0)
        return 0;
    return error_set(
        err, -EINVAL,
        "'%s' is not a topic name; it may be 1 to 249 letters, digits, '.', '_' and '-'", value);
}

int topic_pattern_check(const char *name, const char *value, struct error *err)
{
    regex_t regex;

    if (value[0] != '^') {
        if (topic_pattern_check_name(name, value, NULL) == 0)
            return 0;
        return error_set(err, -EINVAL,
                         "'%s' is not a topic name (letters, digits, '.', '_' and '-'); a regular "
                         "expression starts with ^",
                         value);
    }
    if (topic_pattern_compile(value, &regex, err) < 0)
        return -EINVAL;
    regfree(&regex);
    return 0;
}
