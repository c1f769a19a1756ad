#include "forwarder/verdict.h"

enum verdict verdict_of_http(int status)
{
    if (status >= 200 && status < 300)
        return VERDICT_DELIVERED;
    if (status >= 300 && status < 400) /* not followed: who moved the address does not get alerts */
        return VERDICT_CONFIG;
    switch (status) {
    case 401: /* the settings are wrong, the batch is not: an operator can mend */
    case 402: /* that, so the lane waits and nothing is thrown away meanwhile */
    case 403:
    case 404:
    case 405:
    case 406:
    case 407:
    case 410: /* Standard Webhooks: the receiver wants no more */
    case 411:
    case 414: /* the address and the headers are the same for every alert */
    case 415: /* the encoding or type of every body, as gzip where it is not taken */
    case 417:
    case 421:
    case 426:
    case 431:
    case 451:
    case 494: /* nginx's: headers too large, our certificate refused or missing, no TLS */
    case 495:
    case 496:
    case 497:
        return VERDICT_CONFIG;
    case 408:
    case 425:
    case 429:
        return VERDICT_RETRY;
    case 413:
        return VERDICT_TOO_LARGE;
    default:
        return status >= 400 && status < 500 ? VERDICT_POISON : VERDICT_RETRY;
    }
}

const char *verdict_name(enum verdict verdict)
{
    static const char *const names[] = {
        [VERDICT_DELIVERED] = "delivered", [VERDICT_PENDING] = "pending",
        [VERDICT_RETRY] = "retry",         [VERDICT_POISON] = "poison",
        [VERDICT_TOO_LARGE] = "too_large", [VERDICT_CONFIG] = "config",
    };

    return names[verdict];
}
