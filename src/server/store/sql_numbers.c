/*
 * sql_numbers.c
 *	  Numbers of the core's and the store's enumerations in SQL text, by their names.
 */
#include "postgres.h"

#include "engine/execution.h"
#include "store/sql_numbers.h"
#include "store/tasks.h"

#define NUMBER(name) \
	{ \
#name, name \
	}

static const struct
{
	const char *name;
	int number;
} numbers[] = {
	NUMBER(EVENT_START),
	NUMBER(EVENT_TIMER_FIRED),
	NUMBER(EVENT_TASK_HEARTBEAT),
	NUMBER(EVENT_RUN_TASK),
	NUMBER(EVENT_STOP),
	NUMBER(STOP_ANY_RUN),
	NUMBER(EVENT_REDRIVE),
	NUMBER(EVENT_RUN_TASK_ALONE),
	NUMBER(EVENT_MAP_RUN),
	NUMBER(EVENT_RELEASE),
	NUMBER(TIMER_TASK),
	NUMBER(EVENT_MACHINE_DELETED),
	NUMBER(TIMER_HEARTBEAT),
	NUMBER(TIMER_EXECUTION),
	NUMBER(EXECUTION_RUNNING),
	NUMBER(EXECUTION_SUCCEEDED),
	NUMBER(EXECUTION_ABORTED),
	NUMBER(EXECUTION_PENDING_REDRIVE),
	NUMBER(EXECUTION_FAILED),
	NUMBER(EXECUTION_TIMED_OUT),
	NUMBER(TASK_HTTP),
	NUMBER(TASK_ACTIVITY),
	NUMBER(TASK_CALLBACK),
	NUMBER(TASK_CHILD),
	NUMBER(TASK_MAP_RUN),
	NUMBER(TASK_TO_BE_TAKEN),
	NUMBER(TASK_IN_FLIGHT),
	NUMBER(TASK_AWAITS_ANSWER),
	NUMBER(TASK_JOB),
};

static int
number_of(const char *name, size_t length)
{
	for (int i = 0; i < (int) lengthof(numbers); i++)
	{
		if (strlen(numbers[i].name) == length && strncmp(numbers[i].name, name, length) == 0)
			return numbers[i].number;
	}
	elog(ERROR, "no number is called \"%s\"", pnstrdup(name, length));
	return 0;
}

char *
sql_with_numbers(const char *sql)
{
	StringInfoData out;

	initStringInfo(&out);
	while (*sql != '\0')
	{
		size_t plain = strcspn(sql, ":");
		size_t length;

		appendBinaryStringInfo(&out, sql, (int) plain);
		sql += plain;
		if (*sql == '\0')
			break;
		length = strspn(sql + 1, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_");
		if (length == 0) /* of a cast */
			appendStringInfoChar(&out, ':');
		else
			appendStringInfo(&out, "%d", number_of(sql + 1, length));
		sql += length + 1;
	}
	return out.data;
}
