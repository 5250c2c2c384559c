/*
 * lineage.h
 *	  How many rules lead to what is going on: rules that start each other for ever are found by it.
 *
 * An execution that a rule has started, or one of such an execution's tasks, says so in its
 * trace header, as AWS's services do: "Lineage=sfn:3".
 */
#ifndef SFN_ACTIONS_LINEAGE_H
#define SFN_ACTIONS_LINEAGE_H

#include "postgres.h"

/* More rules in a row are a loop. */
#define LINEAGE_MAX 8

extern int lineage_of(const char *trace_header); /* 0: no rule's, or there is no header */
extern char *lineage_make(int depth);            /* NULL for 0 */

/* The execution in hand, whose tasks run from now on; NULL: none. */
extern void lineage_enter(const char *trace_header);
extern void lineage_forget(void); /* the transaction has ended (sfn.c) */
extern int lineage_now(void);
extern char *lineage_header(void); /* for what it starts; or NULL */

#endif /* SFN_ACTIONS_LINEAGE_H */
