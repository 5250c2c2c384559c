/*
 * clock.h
 *	  The time as the engine sees it: the server's clock, or sfn.test_now in the session that set it.
 */
#ifndef SFN_SETTINGS_CLOCK_H
#define SFN_SETTINGS_CLOCK_H

#include "postgres.h"

#include "datatype/timestamp.h"

extern TimestampTz sfn_now(void);
extern bool sfn_clock_is_fixed(void);              /* sfn.test_now is set */
extern void sfn_clock_move_to(TimestampTz moment); /* moves the session's test clock forward */

/* For the setting sfn.test_now. */
extern bool sfn_clock_parse(const char *text, TimestampTz *moment);
extern void sfn_clock_assign(const TimestampTz *moment); /* NULL: the server's clock again */

#endif /* SFN_SETTINGS_CLOCK_H */
