#include "detector/timing_risk.h"

enum { MORNING = 6, EVENING = 22, SATURDAY = 5, MANY_EVENTS = 10 };

int timing_risk_of_hour(struct moment moment)
{
    int hour = moment_hour(moment);
    int tenths = 0;

    if (hour < MORNING || hour > EVENING)
        tenths += 2;
    if (moment_weekday(moment) >= SATURDAY)
        tenths += 1;
    return tenths;
}

int timing_risk_of_pace(int64_t recent_events)
{
    return recent_events > MANY_EVENTS ? 3 : 0; /* RECORD_NULL is below any count */
}
