/*
 * machine_names.h
 *	  Which revision a state machine runs now, by name, without a query.
 */
#ifndef SFN_ACTIONS_MACHINE_NAMES_H
#define SFN_ACTIONS_MACHINE_NAMES_H

#include "postgres.h"

typedef struct NamedMachine
{
	int64 id;
	int64 revision_id; /* the current one */
	Oid role;
	bool is_express;
} NamedMachine;

/* The ACTIVE machine that callers call so, a name or an ARN; NULL: not known here, ask the tables. */
extern const NamedMachine *machine_names_find(const char *text);

/* Before the tables are asked: what machine_names_keep() is given then. */
extern uint64 machine_names_moment(void);

/* Keeps what the tables said for the next time; of no effect when they may have changed since that moment. */
extern void machine_names_keep(const char *text, const NamedMachine *machine, uint64 moment);

/* Called when the extension is found to have been made anew: its ids begin anew. */
extern void machine_names_when_renewed(void (*callback)(void));

#endif /* SFN_ACTIONS_MACHINE_NAMES_H */
