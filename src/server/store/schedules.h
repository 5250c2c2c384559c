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

#include "store/event_rules.h"

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
	char *input; /* NULL: the event "Scheduled Event" */
	char *retry;
	char *aws_members;       /* others that AWS's CreateSchedule had for the target, as an object */
	char *dead_letter_queue; /* to be put among these, "" takes it away; NULL: as they say */
	char *client_token;
	char *catch_up;
	bool deletes_itself;
	bool is_enabled;
	int64 rule_id;    /* the clock of that rule; 0: a schedule */
	int64 machine_id; /* 0: of a clock */
	TimestampTz due;
	TimestampTz next_due;
	TimestampTz last_due;
	int64 runs;
	int64 missed;
	char *description;
	TimestampTz creation_date;
	TimestampTz last_modification_date;
} ScheduleRow;

/* Fills schedule->id; false: the name is taken. */
extern bool schedule_insert(ScheduleRow *schedule);
/* Its row, locked, as it is committed now; NULL: there is none. */
extern ScheduleRow *schedule_lock(const char *group, const char *name);
/* The same as it is seen, not locked. */
extern ScheduleRow *schedule_read_row(const char *group, const char *name);
/* The clock of a rule, locked; NULL: it has none. */
extern ScheduleRow *schedule_lock_of_rule(int64 rule_id);
/* All that its maker says of it, and when it is due. */
extern void schedule_replace(const ScheduleRow *schedule);

/* Part of a list of those whose owners the viewer is a member of, in the order of groups and names. */
typedef struct SchedulePage
{
	NamePage names;         /* after: "group/name" */
	const char *group;      /* NULL: of all */
	const char *is_enabled; /* "t" or "f"; NULL: either */
	Oid viewer;
} SchedulePage;

extern int schedules_page(const SchedulePage *page, ScheduleRow **schedules);

/* When it is due, what was done, and whether it is enabled. */
extern void schedules_update(const ScheduleRow *rows, int count);
extern void schedule_disable(ScheduleRow *row, const char *reason); /* by the engine; of one that is locked */
extern void schedule_put_off(int64 id, TimestampTz until); /* what is due stays so, but is looked at again then */
extern void schedule_delete(int64 id);

/* ---- groups ---- */

#define DEFAULT_GROUP "default"

typedef struct ScheduleGroupRow
{
	int64 id; /* 0: the default one */
	char *name;
	Oid owner; /* InvalidOid: of the default one */
	TimestampTz creation_date;
} ScheduleGroupRow;

typedef enum GroupLock
{
	GROUP_READ,
	GROUP_SHARE, /* against a change of owner and deletion */
	GROUP_DELETE
} GroupLock;

extern ScheduleGroupRow *schedule_group_by_name(const char *name, GroupLock lock);          /* NULL: there is none */
extern int64 schedule_group_insert(const char *name, Oid owner, TimestampTz creation_date); /* 0: the name is taken */
extern int schedule_groups_page(const NamePage *page, ScheduleGroupRow **groups);
extern void schedule_group_delete(const ScheduleGroupRow *group); /* with its schedules */

/* ---- what is due ---- */

/* Those of the role (InvalidOid: of all) that are due, locked, that nobody else has in hand, the longest due first. */
extern int schedules_due(TimestampTz now, int limit, Oid role, ScheduleRow **schedules);
extern TimestampTz schedules_next_due(void); /* 0: nothing is ever due */

/* Every change invalidates it, for who sleeps until something is due, and has to look again then. */
extern Oid schedule_table(void);
extern void schedules_changed(void);

#endif /* SFN_STORE_SCHEDULES_H */
