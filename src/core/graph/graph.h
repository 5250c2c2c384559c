/*
 * graph.h
 *	  A machine drawn: its states as nodes, its transitions as edges.
 */
#ifndef SFN_GRAPH_GRAPH_H
#define SFN_GRAPH_GRAPH_H

#include "asl/machine.h"

typedef enum GraphFormat
{
	GRAPH_MERMAID,
	GRAPH_DOT,
	GRAPH_JSON,
	GRAPH_SVG
} GraphFormat;

/* How far an execution came, by state. */
typedef enum GraphMark
{
	GRAPH_UNMARKED,
	GRAPH_SUCCEEDED,
	GRAPH_CAUGHT, /* left by a Catch */
	GRAPH_FAILED,
	GRAPH_ABORTED,
	GRAPH_CURRENT
} GraphMark;

typedef struct StateCounts
{
	int visits;
	int retries;
	int errors;
} StateCounts;

typedef struct GraphMarks
{
	GraphMark *by_number; /* machine->state_count marks */
	StateCounts *counts;  /* of as many states */
} GraphMarks;

/* Marks for a machine, all GRAPH_UNMARKED. */
extern GraphMarks *graph_marks_make(const AslMachine *machine);

/* The drawing as text, palloc'd; marks may be NULL.  NULL: the machine is too large for a picture. */
extern char *graph_render(const AslMachine *machine, GraphFormat format, const GraphMarks *marks);

#endif /* SFN_GRAPH_GRAPH_H */
