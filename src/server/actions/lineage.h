/*
 * lineage.h
 *	  How many rules lead to what is going on: rules that start each other for ever are found by it.
 *
 * An execution that a rule has started, or one of such an execution's tasks, says so in its
 * trace header, as AWS's services do: "Lineage=sfn:3:16384".
 */
#ifndef SFN_ACTIONS_LINEAGE_H
#define SFN_ACTIONS_LINEAGE_H

#include "postgres.h"

/* More rules in a row are a loop. */
#define LINEAGE_MAX 8

typedef struct Lineage
{
	int depth; /* how many rules; 0: none */
	Oid owner; /* of all of them; InvalidOid: they are of several */
} Lineage;

extern Lineage lineage_of(const char *trace_header); /* without rules, if there is no header */
extern Lineage lineage_with(Lineage before, Oid rule_owner);
extern char *lineage_make(Lineage lineage); /* NULL without rules */

/* The execution in hand, whose tasks run from now on; NULL: none. */
extern void lineage_enter(const char *trace_header);
extern void lineage_forget(void); /* the transaction has ended (sfn.c) */
extern Lineage lineage_now(void);

/* For what it starts, whose caller may give a header, too; NULL: no header.  What a caller says of rules counts for nothing. */
extern char *lineage_header(const char *given);

#endif /* SFN_ACTIONS_LINEAGE_H */
