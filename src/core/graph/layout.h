/*
 * layout.h
 *	  Where the states and transitions of a machine go on paper: ranks from top to bottom, one level at a time.
 *
 * No box overlaps another, and no line crosses a box that it does not end at: lines run between ranks, and through a
 * rank only where a place of their own was left for them.  Labels have such a place, too.
 */
#ifndef SFN_GRAPH_LAYOUT_H
#define SFN_GRAPH_LAYOUT_H

#include "graph/graph_private.h"

typedef struct Level Level;

/* A state, the start, the end, or a place that a line passes through. */
typedef struct LayoutNode
{
	const AslState *state; /* NULL: none */
	bool is_start;
	bool is_end;
	const char *label; /* of the line that passes through */
	double width;
	double height;
	double x; /* the centre's, within the level */
	double y; /* the top's */
	int rank;
	int level_count; /* of a Parallel or Map: what is in it, side by side */
	Level **levels;
} LayoutNode;

typedef struct LayoutEdge
{
	GraphEdgeKind kind;
	const char *label;
	bool is_reversed; /* the way leads from the target up to the source */
	int way_count;
	int *way; /* nodes, from the upper end to the lower */
} LayoutEdge;

struct Level
{
	double width;
	double height;
	int rank_count;
	double *rank_top; /* boxes of a rank are between its top and its bottom, lines run freely between the ranks */
	double *rank_bottom;
	int node_count;
	LayoutNode *nodes;
	int edge_count;
	LayoutEdge *edges;
};

/* NULL: too large to be drawn. */
extern Level *layout_machine(Drawing *drawing);

/* How many places a text takes: a character is one, a wide one two. */
extern int layout_text_length(const char *text);

#define LAYOUT_HEADER 26  /* of a Parallel or Map, above what is in it */
#define LAYOUT_PADDING 14 /* around that */
#define LAYOUT_LETTER 7.0 /* width of a letter of a name */
#define LAYOUT_SMALL 5.6  /* of a label or detail */
#define LAYOUT_LONGEST 34 /* letters of a name that are shown */

#endif /* SFN_GRAPH_LAYOUT_H */
