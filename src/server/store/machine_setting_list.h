/*
 * machine_setting_list.h
 *	  What may be set for a state machine beside its definition and role, one row each.
 *
 * ROW(id, column, type of the column (jsonb, int4 or text), AWS's member, who may give it, the privilege it takes to change it).  The
 * column is one of sfn.state_machine_revision.
 * In actions/machine_settings.c stand <column>_check(), which turns what is given into the text that is stored (NULL: the
 * default), and <column>_default(), which is shown where nothing is stored.  Those that SQL may give are arguments of
 * create_state_machine() and update_state_machine() behind the others, in this order, and columns of the view
 * sfn.state_machines; describe_state_machine() has a column for each.  The children of a Distributed Map have what their machine has.
 *
 * A list of its own kind: its rows become parts of SQL texts, where nothing can be included.
 */
#ifndef SFN_STORE_MACHINE_SETTING_LIST_H
#define SFN_STORE_MACHINE_SETTING_LIST_H

/* clang-format off */
#define MACHINE_SETTING_ROWS(ROW) \
	ROW(LOGGING, logging, jsonb, "loggingConfiguration", BY_SQL_AND_AWS, UPDATE) \
	ROW(TRACING, tracing, jsonb, "tracingConfiguration", BY_AWS, UPDATE) \
	ROW(PRIORITY, priority, int4, "priority", BY_SQL, UPDATE) \
	ROW(RETENTION, retention, text, "retention", BY_SQL, MANAGE) \
	ROW(FAILURES_FOR, failures_for, text, "failuresFor", BY_SQL, MANAGE) \
	ROW(CHILDREN_FOR, children_for, text, "childrenFor", BY_SQL, MANAGE)
/* clang-format on */

/* Machines of one role share its time in proportion to their priority. */
#define DEFAULT_PRIORITY 100
#define MAX_PRIORITY 1000

/* In a list of columns, for a table called p, and from an object of texts in the parameter $7. */
#define SETTING_COLUMN(id, column, type, member, by, privilege) ", " #column
#define SETTING_COLUMN_OF_P(id, column, type, member, by, privilege) ", p." #column
#define SETTING_AS_TEXT(id, column, type, member, by, privilege) ", r." #column "::text"
#define SETTING_IS_THAT_OF_P(id, column, type, member, by, privilege) \
	" AND r." #column " IS NOT DISTINCT FROM p." #column
#define SETTING_FROM_OBJECT(id, column, type, member, by, privilege) \
	", ($7::pg_catalog.json->>'" #column "')::pg_catalog." #type

#endif /* SFN_STORE_MACHINE_SETTING_LIST_H */
