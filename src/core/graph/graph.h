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
	GRAPH_DOT
} GraphFormat;

/* How far an execution came, by state; later ones paint over earlier ones when marked more than once. */
typedef enum GraphMark
{
	GRAPH_UNMARKED,
	GRAPH_ENTERED,
	GRAPH_SUCCEEDED,
	GRAPH_FAILED,
	GRAPH_CURRENT
} GraphMark;

typedef struct GraphMarks
{
	GraphMark *by_number; /* machine->state_count marks */
} GraphMarks;

/* Marks for a machine, all GRAPH_UNMARKED. */
extern GraphMarks *graph_marks_make(const AslMachine *machine);

/* The drawing as text, palloc'd; marks may be NULL. */
extern char *graph_render(const AslMachine *machine, GraphFormat format, const GraphMarks *marks);

#endif /* SFN_GRAPH_GRAPH_H */
