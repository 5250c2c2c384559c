/*
 * dot.c
 *	  The drawing for Graphviz.
 *
 * Graphviz has no edges to clusters, so a Parallel or Map is a node inside its
 * own cluster, and dotted edges lead from it to the first state of each line.
 */
#include "base/port.h"

#include "graph/graph_private.h"

typedef struct DotShape
{
	const char *type;
	const char *attributes;
} DotShape;

static const DotShape shapes[] = {
	{"Choice", "shape=diamond"},
	{"Fail", "shape=box, style=\"rounded,filled\", fillcolor=\"#fbe5e5\""},
	{"Map", "shape=box3d"},
	{"Parallel", "shape=box, peripheries=2"},
	{"Pass", "shape=box, style=rounded"},
	{"Succeed", "shape=box, style=\"rounded,filled\", fillcolor=\"#e3f4e5\""},
	{"Task", "shape=box"},
	{"Wait", "shape=parallelogram"},
};

static const char *const edge_styles[] = {
	[EDGE_NEXT] = "",
	[EDGE_CHOICE] = "",
	[EDGE_DEFAULT] = "",
	[EDGE_CATCH] = ", style=dashed, color=\"#b23b3b\"",
};

static const char *const mark_styles[] = {
	[GRAPH_UNMARKED] = "",
	[GRAPH_SUCCEEDED] = ", style=filled, fillcolor=\"#d8f1de\", color=\"#1d8102\"",
	[GRAPH_CAUGHT] = ", style=filled, fillcolor=\"#fff1db\", color=\"#e07700\"",
	[GRAPH_FAILED] = ", style=filled, fillcolor=\"#fbe0e0\", color=\"#d13212\"",
	[GRAPH_ABORTED] = ", style=filled, fillcolor=\"#e9ebed\", color=\"#5f6b7a\"",
	[GRAPH_CURRENT] = ", style=filled, fillcolor=\"#d3e7f9\", color=\"#0972d3\", penwidth=3",
};

/* A text inside of double quotes. */
static void
append_quoted(StringInfo out, const char *text)
{
	for (const unsigned char *c = (const unsigned char *) text; *c != '\0'; c++)
	{
		if (*c < ' ' || *c == 0x7f)
			appendStringInfoChar(out, ' ');
		else if (*c == '"' || *c == '\\')
			appendStringInfo(out, "\\%c", *c);
		else
			appendStringInfoChar(out, *c);
	}
}

static void
draw_node(Drawing *drawing, const AslState *state, int depth)
{
	const char *detail = graph_detail(state);
	const char *attributes = "shape=box";

	for (int i = 0; i < (int) lengthof(shapes); i++)
	{
		if (strcmp(shapes[i].type, state->type->name) == 0)
			attributes = shapes[i].attributes;
	}
	graph_indent(drawing, depth);
	appendStringInfo(&drawing->out, "s%d [label=\"", state->number);
	append_quoted(&drawing->out, state->name);
	if (detail != NULL)
	{
		appendStringInfoString(&drawing->out, "\\n");
		append_quoted(&drawing->out, detail);
	}
	appendStringInfo(&drawing->out, "\", %s%s];\n", attributes, mark_styles[graph_mark(drawing, state)]);
}

static void
draw_scope(Drawing *drawing, const AslScope *scope, int depth)
{
	for (int i = 0; i < scope->state_count; i++)
	{
		const AslState *state = scope->states[i];
		AslScope *const *scopes;
		int count;

		scopes = graph_scopes(state, &count);
		if (scopes == NULL)
		{
			draw_node(drawing, state, depth);
			continue;
		}
		graph_indent(drawing, depth);
		appendStringInfo(&drawing->out, "subgraph cluster_s%d {\n", state->number);
		graph_indent(drawing, depth + 1);
		appendStringInfoString(&drawing->out, "style=rounded; color=\"#999999\";\n");
		draw_node(drawing, state, depth + 1);
		for (int branch = 0; branch < count; branch++)
		{
			draw_scope(drawing, scopes[branch], depth + 1);
			graph_indent(drawing, depth + 1);
			appendStringInfo(&drawing->out, "s%d -> s%d [style=dotted];\n", state->number,
							 scopes[branch]->start->number);
		}
		graph_indent(drawing, depth);
		appendStringInfoString(&drawing->out, "}\n");
	}
}

static void
draw_edge(Drawing *drawing, const GraphEdge *edge)
{
	appendStringInfo(&drawing->out, "  s%d -> s%d", edge->from->number, edge->to->number);
	if (edge->label != NULL)
	{
		appendStringInfoString(&drawing->out, " [label=\"");
		append_quoted(&drawing->out, edge->label);
		appendStringInfo(&drawing->out, "\"%s]", edge_styles[edge->kind]);
	}
	appendStringInfoString(&drawing->out, ";\n");
}

bool
dot_draw(Drawing *drawing)
{
	const AslMachine *machine = drawing->machine;

	appendStringInfoString(&drawing->out,
						   "digraph machine {\n"
						   "  node [fontname=\"Helvetica\"];\n"
						   "  edge [fontname=\"Helvetica\", fontsize=10];\n"
						   "  start [label=\"\", shape=circle, style=filled, fillcolor=black, width=0.2];\n"
						   "  finish [label=\"\", shape=doublecircle, style=filled, fillcolor=black, width=0.15];\n");
	draw_scope(drawing, &machine->top, 1);
	appendStringInfo(&drawing->out, "  start -> s%d;\n", machine->top.start->number);
	for (int i = 0; i < machine->state_count; i++)
	{
		const AslState *state = machine->states[i];

		graph_each_edge(drawing, state, draw_edge);
		if (state->scope->owner == NULL && graph_is_end(state))
			appendStringInfo(&drawing->out, "  s%d -> finish;\n", state->number);
	}
	appendStringInfoString(&drawing->out, "}\n");
	return true;
}
