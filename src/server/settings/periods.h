/*
 * periods.h
 *	  Periods for which something is kept, as text: "7 days", "forever".
 */
#ifndef SFN_SETTINGS_PERIODS_H
#define SFN_SETTINGS_PERIODS_H

#include "postgres.h"

#define KEPT_FOR_EVER "forever"
#define FOR_EVER_MINUTES (-1) /* as sfn.history_retention has it */

/* The number of minutes; false: it is no such text. */
extern bool period_read(const char *text, int *minutes);
/* The same period spelled in one way, by its largest unit. */
extern char *period_text(int minutes);

#endif /* SFN_SETTINGS_PERIODS_H */
