/*
 * graph_private.h
 *	  What the drawing of a machine has in common, whatever the format.
 */
#ifndef SFN_GRAPH_GRAPH_PRIVATE_H
#define SFN_GRAPH_GRAPH_PRIVATE_H

#include "asl/state_type.h"
#include "graph/graph.h"

typedef enum GraphEdgeKind
{
	EDGE_NEXT,
	EDGE_CHOICE, /* a rule of a Choice; label is its summary */
	EDGE_DEFAULT,
	EDGE_CATCH /* label is the error names */
} GraphEdgeKind;

typedef struct GraphEdge
{
	GraphEdgeKind kind;
	const AslState *from;
	const AslState *to;
	const char *label; /* or NULL */
} GraphEdge;

typedef struct Drawing
{
	StringInfoData out;
	const AslMachine *machine;
	const GraphMarks *marks;
} Drawing;

/* Calls back for every transition that leaves the state. */
extern void graph_each_edge(Drawing *drawing, const AslState *state, void (*draw)(Drawing *, const GraphEdge *));
/* The lines of states inside a Parallel or Map; NULL and 0 for other types. */
extern AslScope *const *graph_scopes(const AslState *state, int *count);
/* A few words about what the state does ("sql:shop.reserve"), or NULL. */
extern const char *graph_detail(const AslState *state);
extern bool graph_is_end(const AslState *state);
extern GraphMark graph_mark(const Drawing *drawing, const AslState *state);
extern const char *graph_mark_name(GraphMark mark); /* NULL: unmarked */
extern void graph_indent(Drawing *drawing, int depth);

/* The formats; false: too large to be drawn. */
extern bool mermaid_draw(Drawing *drawing);
extern bool dot_draw(Drawing *drawing);
extern bool graph_json_write(Drawing *drawing);
extern bool svg_draw(Drawing *drawing);

#endif /* SFN_GRAPH_GRAPH_PRIVATE_H */
