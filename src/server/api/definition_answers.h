/*
 * definition_answers.h
 *	  Who answers each task of a definition: this database, AWS, or somebody else.
 */
#ifndef SFN_API_DEFINITION_ANSWERS_H
#define SFN_API_DEFINITION_ANSWERS_H

#include "postgres.h"

typedef struct TaskAnswerer
{
	const char *location;
	const char *resource;
	const char *by;     /* NULL: it depends on what the state computes */
	const char *detail; /* or NULL */
} TaskAnswerer;

/* For each task, as machines of the role would find things now.  False: the definition is not valid. */
extern bool definition_answers(const char *definition, Oid role, TaskAnswerer **tasks, int *count);

#endif /* SFN_API_DEFINITION_ANSWERS_H */
