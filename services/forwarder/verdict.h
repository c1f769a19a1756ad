/* verdict: what is to be done about an alert after a target's reply. */
#pragma once

enum verdict {
    VERDICT_DELIVERED, /* it is there; the offset may move */
    VERDICT_PENDING,   /* taken, but not yet safe: the target is asked again (target.h) */
    VERDICT_RETRY,     /* nothing is wrong with it: the same again later */
    VERDICT_POISON,    /* refused, and always will be: find the guilty one, dead-letter that */
    VERDICT_TOO_LARGE, /* too much at once: halve, blame nobody */
    VERDICT_CONFIG, /* settings or rights are wrong: hold the lane until an operator mends them */
};

/* By the status of an HTTP reply alone; 0 is no reply. */
enum verdict verdict_of_http(int status);

/* "delivered", "pending", … */
const char *verdict_name(enum verdict verdict);
