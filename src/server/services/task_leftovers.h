/*
 * task_leftovers.h
 *	  What a task would leave to the session that it ran in.
 */
#ifndef SFN_SERVICES_TASK_LEFTOVERS_H
#define SFN_SERVICES_TASK_LEFTOVERS_H

#include "postgres.h"

/* Closes the cursors that the current subtransaction has opened; those of others stay. */
extern void task_close_cursors(void);

/* How many objects the session's temporary schema has. */
extern int64 task_count_temporary_objects(void);

/* Drops what PREPARE has prepared; statements that came by the protocol stay. */
extern void task_drop_prepared_by_sql(void);

/* Closes what dblink has connected to: its connections have names for the session, not for a role. */
extern void task_close_dblink(void);

/* What random() gives next is not what the task chose by setseed(). */
extern void task_forget_seed(void);

#endif /* SFN_SERVICES_TASK_LEFTOVERS_H */
