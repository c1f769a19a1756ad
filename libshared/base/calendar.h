/* calendar: days of the proleptic Gregorian calendar, counted from 1970-01-01. */
#pragma once

#include <stdbool.h>
#include <stdint.h>

/* Is there such a day? */
bool calendar_has(int year, int month, int day);

/* Of a day that there is. */
int64_t calendar_days(int year, int month, int day);
/* The other way round. */
void calendar_date(int64_t days, int *year, int *month, int *day);
