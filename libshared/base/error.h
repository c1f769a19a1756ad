/* error: a failure with a sentence attached, and what is to be done about it.
 *
 * A function that can fail for more than one reason returns 0 or a negative errno value, and
 * explains itself through a trailing `struct error *err`. The struct lives on the caller's stack
 * and owns nothing. Library code fills it in and never logs; the service that finally handles the
 * failure logs it, once.
 *
 * A text says what was wrong, where, and what would be right: "rules/web.yaml:12: rule 'xss':
 * threat_level is 'HUGE'; it may be LOW, MEDIUM, HIGH or CRITICAL".
 */
#pragma once

enum error_class {
    ERROR_RETRY,  /* nothing is wrong with what was asked: wait, then ask again */
    ERROR_POISON, /* this record will never pass: dead letter */
    ERROR_CONFIG, /* an operator has to mend settings, rights or files */
};

struct error {
    int code;               /* negative errno, 0 if nothing failed */
    enum error_class class; /* what is to be done about it */
    char text[480];         /* one line, no trailing newline; cut off if longer */
};

/* Records a failure of class CONFIG (the commonest: files and settings) and returns @code, so that
 * callers can write
 *     return error_set(err, -EINVAL, "rule '%s': no condition", name);
 * @err may be NULL when the caller only needs the code. */
int error_set(struct error *err, int code, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same with the class named. */
int error_set_class(struct error *err, enum error_class class, int code, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/* Puts "<prefix>: " before the text of a failure on its way up: where it happened. */
void error_prefix(struct error *err, const char *format, ...) __attribute__((format(printf, 2, 3)));
