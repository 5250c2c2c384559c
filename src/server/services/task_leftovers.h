/*
 * task_leftovers.h
 *	  What a task would leave to the session that it ran in, or find there.
 */
#ifndef SFN_SERVICES_TASK_LEFTOVERS_H
#define SFN_SERVICES_TASK_LEFTOVERS_H

#include "postgres.h"

#include "nodes/pg_list.h"

/* Closes the cursors that the current subtransaction has opened; those of others stay. */
extern void task_close_cursors(void);

/* Nobody reads, moves, closes or lists the cursors that are open until task_show_cursors(). */
extern void task_hide_cursors(List **hidden);
extern void task_show_cursors(List *hidden);

/* How many objects the session's temporary schema has. */
extern int64 task_count_temporary_objects(void);

/* Drops what PREPARE has prepared; statements that came by the protocol stay. */
extern void task_drop_prepared_by_sql(void);

/* Closes what dblink has connected to: its connections have names for the session, not for a role. */
extern void task_close_dblink(void);

/* What random() gives next is not what the task chose by setseed(). */
extern void task_forget_seed(void);

#endif /* SFN_SERVICES_TASK_LEFTOVERS_H */
