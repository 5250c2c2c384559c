/*
 * execution_status.c
 *	  The statuses of executions, by number and by name.
 */
#include "base/port.h"

#include "engine/execution_status.h"

static const struct
{
	const char *name;
	int status;
} statuses[] = {
#define EXECUTION_STATUS(name, number) {#name, number},
#include "engine/execution_status_list.h"
#undef EXECUTION_STATUS
};

const char *
execution_status_name(int status)
{
	for (int i = 0; i < (int) lengthof(statuses); i++)
	{
		if (statuses[i].status == status)
			return statuses[i].name;
	}
	return statuses[0].name;
}

int
execution_status_of_name(const char *name)
{
	for (int i = 0; i < (int) lengthof(statuses); i++)
	{
		if (strcmp(statuses[i].name, name) == 0)
			return statuses[i].status;
	}
	return 0;
}
