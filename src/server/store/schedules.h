/*
 * schedules.h
 *	  Schedules in the table.
 *
 * All run between store_enter() and store_leave(); results are in the context current at the call.
 */
#ifndef SFN_STORE_SCHEDULES_H
#define SFN_STORE_SCHEDULES_H

#include "postgres.h"

#include "datatype/timestamp.h"

typedef struct ScheduleRow
{
	int64 id;
	char *group;
	char *name;
	Oid owner;
	Oid role;
	char *expression;
	char *timezone;
	TimestampTz start_date; /* 0: none */
	TimestampTz end_date;
	int64 flexible; /* microseconds */
	char *target;
	char *input;
	char *retry;
	char *catch_up;
	bool deletes_itself;
	bool is_enabled;
	int64 machine_id;
	TimestampTz due;
	TimestampTz next_due;
	TimestampTz last_due;
	int64 runs;
	int64 missed;
	char *description;
	TimestampTz creation_date;
} ScheduleRow;

/* Fills schedule->id; false: the name is taken. */
extern bool schedule_insert(ScheduleRow *schedule);
/* Its row, locked, as it is committed now; NULL: there is none. */
extern ScheduleRow *schedule_lock(const char *group, const char *name);
/* When it is due, what was done, and whether it is enabled. */
extern void schedule_update(const ScheduleRow *schedule);
extern void schedule_put_off(int64 id, TimestampTz until); /* what is due stays so, but is looked at again then */
extern void schedule_delete(int64 id);

/* Those that are due, locked, that nobody else has in hand, the longest due first. */
extern int schedules_due(TimestampTz now, int limit, ScheduleRow **schedules);
extern TimestampTz schedules_next_due(void); /* 0: nothing is ever due */

/* Every change invalidates it, for who sleeps until something is due. */
extern Oid schedule_table(void);

#endif /* SFN_STORE_SCHEDULES_H */
