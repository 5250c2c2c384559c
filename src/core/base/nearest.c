/*
 * nearest.c
 *	  Whether a name is one of some, and which of them was meant.
 */
#include "base/nearest.h"

#define MAX_NAME_LENGTH 64 /* longer names get no suggestion */
#define MAX_NAMES 2000     /* among which one is looked for */

bool
name_is_among(const char *name, const char *const *names, int count)
{
	for (int i = 0; i < count; i++)
		if (strcmp(names[i], name) == 0)
			return true;
	return false;
}

bool
name_is_listed(const char *name, const char *const *names)
{
	while (*names != NULL && strcmp(*names, name) != 0)
		names++;
	return *names != NULL;
}

/* Letters to insert, delete or replace, case counting half (results are doubled); limit + 1 when it is more. */
static int
edit_distance(const char *a, const char *b, int limit)
{
	int row[MAX_NAME_LENGTH + 1];
	int a_length = strlen(a);
	int b_length = strlen(b);

	for (int j = 0; j <= b_length; j++)
		row[j] = 2 * j;
	for (int i = 1; i <= a_length; i++)
	{
		int diagonal = row[0];

		row[0] = 2 * i;
		for (int j = 1; j <= b_length; j++)
		{
			int above = row[j];
			int replace = a[i - 1] == b[j - 1]                                                 ? 0
				: pg_tolower((unsigned char) a[i - 1]) == pg_tolower((unsigned char) b[j - 1]) ? 1
																							   : 2;

			row[j] = Min(diagonal + replace, Min(row[j], row[j - 1]) + 2);
			diagonal = above;
		}
	}
	return Min(row[b_length], limit + 1);
}

const char *
nearest_name(const char *name, const char *const *names, int count)
{
	const char *nearest = NULL;
	int length = strlen(name);
	int limit = Max(2 * length / 3, 2);

	if (length == 0 || length > MAX_NAME_LENGTH)
		return NULL;
	SFN_CHECK_INTERRUPTS();
	for (int i = 0; i < Min(count, MAX_NAMES); i++)
	{
		int distance;

		if (strlen(names[i]) > MAX_NAME_LENGTH || names[i][0] == '\0')
			continue;
		distance = edit_distance(name, names[i], limit);
		if (distance <= limit && distance > 0)
		{
			nearest = names[i];
			limit = distance - 1;
		}
	}
	return nearest;
}
