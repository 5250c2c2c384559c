/*
 * clock.c
 *	  The time as the engine sees it.
 *
 * Everything that asks for the time of day asks sfn_now().  A test sets
 * sfn.test_now and moves it; then nothing sleeps and outputs repeat.
 */
#include "postgres.h"

#include "miscadmin.h"
#include "utils/datetime.h"
#include "utils/guc.h"
#include "utils/timestamp.h"

#include "settings/clock.h"

static bool is_fixed = false;
static TimestampTz fixed_now;

/* The server's clock now, or the session's test clock. */
TimestampTz
sfn_now(void)
{
	return is_fixed ? fixed_now : GetCurrentTimestamp();
}

bool
sfn_clock_is_fixed(void)
{
	return is_fixed;
}

/*
 * Moves the session's test clock forward; a moment that has passed already
 * changes nothing.  It is the setting that moves, so a rollback moves it back
 * together with the work done at that time.
 */
void
sfn_clock_move_to(TimestampTz moment)
{
	if (!is_fixed)
		elog(ERROR, "the clock moves by itself while sfn.test_now is not set");
	if (moment <= fixed_now)
		return;
	SetConfigOption("sfn.test_now", timestamptz_to_str(moment), PGC_SUSET, PGC_S_SESSION);
}

/* Called when sfn.test_now changes; NULL: back to the server's clock. */
void
sfn_clock_assign(const TimestampTz *moment)
{
	is_fixed = moment != NULL;
	if (is_fixed)
		fixed_now = *moment;
}

/* Reads a finite timestamp without raising errors, as a setting's check must. */
bool
sfn_clock_parse(const char *text, TimestampTz *moment)
{
	struct pg_tm tm;
	fsec_t fsec;
	int tz = 0;
	int type;
	int field_count;
	char *fields[MAXDATEFIELDS];
	int field_types[MAXDATEFIELDS];
	char buffer[MAXDATELEN + MAXDATEFIELDS];

	if (ParseDateTime(text, buffer, sizeof(buffer), fields, field_types, MAXDATEFIELDS, &field_count) != 0)
		return false;
#if PG_VERSION_NUM >= 160000
	{
		DateTimeErrorExtra extra;

		if (DecodeDateTime(fields, field_types, field_count, &type, &tm, &fsec, &tz, &extra) != 0)
			return false;
	}
#else
	if (DecodeDateTime(fields, field_types, field_count, &type, &tm, &fsec, &tz) != 0)
		return false;
#endif
	return type == DTK_DATE && tm2timestamp(&tm, fsec, &tz, moment) == 0;
}
