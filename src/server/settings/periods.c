/*
 * periods.c
 *	  Periods for which something is kept, as text: "7 days", "forever".
 *
 * They are stored so, since views show them as they are: no interval, whose spelling is a setting of the session and which
 * has no "forever" before PostgreSQL 17.
 */
#include "postgres.h"

#include "settings/periods.h"

/* Days, hours, minutes are what a period is shown in, so they stand first. */
static const struct
{
	int64 minutes;
	const char *name;
	const char *short_name; /* as settings of the server have it */
} units[] = {{24 * 60, "day", "d"},
			 {60, "hour", "h"},
			 {1, "minute", "min"},
			 {7 * 24 * 60, "week", "w"},
			 {365 * 24 * 60, "year", "y"}};

static bool
unit_read(const char *text, int64 *minutes)
{
	for (size_t i = 0; i < lengthof(units); i++)
	{
		size_t length = strlen(units[i].name);
		const char *plural = text + length;

		*minutes = units[i].minutes;
		if (strcmp(text, units[i].short_name) == 0 ||
			(strncmp(text, units[i].name, length) == 0 && (*plural == '\0' || strcmp(plural, "s") == 0)))
			return true;
	}
	return false;
}

bool
period_read(const char *text, int *minutes)
{
	int64 number = 0;
	int64 of_unit;
	const char *digit = text;

	*minutes = FOR_EVER_MINUTES;
	if (strcmp(text, KEPT_FOR_EVER) == 0)
		return true;
	while (*digit >= '0' && *digit <= '9' && number <= PG_INT32_MAX)
		number = number * 10 + (*digit++ - '0');
	if (digit == text || !unit_read(digit + strspn(digit, " "), &of_unit) || number * of_unit > PG_INT32_MAX)
		return false;
	*minutes = (int) (number * of_unit);
	return true;
}

char *
period_text(int minutes)
{
	int unit = 0;
	int64 number;

	if (minutes == FOR_EVER_MINUTES)
		return pstrdup(KEPT_FOR_EVER);
	while (minutes % units[unit].minutes != 0)
		unit++; /* to minutes at last */
	number = minutes / units[unit].minutes;
	return psprintf(INT64_FORMAT " %s%s", number, units[unit].name, number == 1 ? "" : "s");
}
