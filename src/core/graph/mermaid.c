/*
 * mermaid.c
 *	  The drawing as a Mermaid flowchart.
 *
 * A Parallel or Map is a subgraph, so transitions lead to and from the frame.
 * Nodes are named by the states' numbers; the states' own names stand only in
 * quoted labels, where every character that Mermaid could read is an entity.
 */
#include "base/port.h"

#include "graph/graph_private.h"

typedef struct MermaidShape
{
	const char *type;
	const char *open;
	const char *close;
} MermaidShape;

static const MermaidShape shapes[] = {
	{"Choice", "{", "}"},    {"Fail", "([", "])"}, {"Pass", "(", ")"},
	{"Succeed", "([", "])"}, {"Task", "[", "]"},   {"Wait", "[/", "/]"},
};

static const char *const arrows[] = {
	[EDGE_NEXT] = "-->",
	[EDGE_CHOICE] = "-->",
	[EDGE_DEFAULT] = "-->",
	[EDGE_CATCH] = "-.->",
};

static void draw_scope(Drawing *drawing, const AslScope *scope, int depth);

/* A text in quotes; letters, digits, blanks and harmless signs as they are. */
static void
append_quoted(StringInfo out, const char *text)
{
	for (const unsigned char *c = (const unsigned char *) text; *c != '\0'; c++)
	{
		if (*c < ' ' || *c == 0x7f)
			appendStringInfoChar(out, ' ');
		else if (*c >= 0x80 || *c == ' ' || strchr("$.,:/_-+=()?!", *c) != NULL || (*c >= '0' && *c <= '9') ||
				 (*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z'))
			appendStringInfoChar(out, *c);
		else
			appendStringInfo(out, "#%d;", *c);
	}
}

static void
append_label(Drawing *drawing, const AslState *state)
{
	const char *detail = graph_detail(state);

	appendStringInfoChar(&drawing->out, '"');
	append_quoted(&drawing->out, state->name);
	if (detail != NULL)
	{
		appendStringInfoString(&drawing->out, "<br/><small>");
		append_quoted(&drawing->out, detail);
		appendStringInfoString(&drawing->out, "</small>");
	}
	appendStringInfoChar(&drawing->out, '"');
}

static const MermaidShape *
shape_of(const AslState *state)
{
	for (int i = 0; i < (int) lengthof(shapes); i++)
	{
		if (strcmp(shapes[i].type, state->type->name) == 0)
			return &shapes[i];
	}
	return &shapes[0];
}

static void
draw_node(Drawing *drawing, const AslState *state, int depth)
{
	const MermaidShape *shape = shape_of(state);

	graph_indent(drawing, depth);
	appendStringInfo(&drawing->out, "s%d%s", state->number, shape->open);
	append_label(drawing, state);
	appendStringInfo(&drawing->out, "%s\n", shape->close);
}

/* A Parallel's branches or a Map's processor in a frame. */
static void
draw_frame(Drawing *drawing, const AslState *state, AslScope *const *scopes, int count, int depth)
{
	graph_indent(drawing, depth);
	appendStringInfo(&drawing->out, "subgraph s%d[\"%s: ", state->number, state->type->name);
	append_quoted(&drawing->out, state->name);
	appendStringInfoString(&drawing->out, "\"]\n");
	for (int i = 0; i < count; i++)
	{
		if (count > 1)
		{
			graph_indent(drawing, depth + 1);
			appendStringInfo(&drawing->out, "subgraph s%db%d[\" \"]\n", state->number, i);
		}
		draw_scope(drawing, scopes[i], depth + 1 + (count > 1));
		if (count > 1)
		{
			graph_indent(drawing, depth + 1);
			appendStringInfoString(&drawing->out, "end\n");
		}
	}
	graph_indent(drawing, depth);
	appendStringInfoString(&drawing->out, "end\n");
}

static void
draw_edge(Drawing *drawing, const GraphEdge *edge)
{
	appendStringInfo(&drawing->out, "  s%d %s", edge->from->number, arrows[edge->kind]);
	if (edge->label != NULL)
	{
		appendStringInfoString(&drawing->out, "|\"");
		append_quoted(&drawing->out, edge->label);
		appendStringInfoString(&drawing->out, "\"|");
	}
	appendStringInfo(&drawing->out, " s%d\n", edge->to->number);
}

/* The states of a scope, the first one first, so that the layout begins with it. */
static void
draw_scope(Drawing *drawing, const AslScope *scope, int depth)
{
	for (int pass = 0; pass < 2; pass++)
	{
		for (int i = 0; i < scope->state_count; i++)
		{
			const AslState *state = scope->states[i];
			AslScope *const *scopes;
			int count;

			if ((state == scope->start) != (pass == 0))
				continue;
			scopes = graph_scopes(state, &count);
			if (scopes != NULL)
				draw_frame(drawing, state, scopes, count, depth);
			else
				draw_node(drawing, state, depth);
		}
	}
}

static void
draw_marks(Drawing *drawing)
{
	if (drawing->marks == NULL)
		return;
	appendStringInfoString(&drawing->out,
						   "  classDef succeeded fill:#d8f1de,stroke:#1d8102\n"
						   "  classDef caught fill:#fff1db,stroke:#e07700\n"
						   "  classDef failed fill:#fbe0e0,stroke:#d13212\n"
						   "  classDef aborted fill:#e9ebed,stroke:#5f6b7a\n"
						   "  classDef current fill:#d3e7f9,stroke:#0972d3,stroke-width:3px\n");
	for (int i = 0; i < drawing->machine->state_count; i++)
	{
		const char *name = graph_mark_name(graph_mark(drawing, drawing->machine->states[i]));

		if (name != NULL)
			appendStringInfo(&drawing->out, "  class s%d %s\n", i, name);
	}
}

bool
mermaid_draw(Drawing *drawing)
{
	const AslMachine *machine = drawing->machine;

	appendStringInfoString(&drawing->out, "flowchart TD\n  start((\" \"))\n");
	draw_scope(drawing, &machine->top, 1);
	appendStringInfo(&drawing->out, "  finish(((\" \")))\n  start --> s%d\n", machine->top.start->number);
	for (int i = 0; i < machine->state_count; i++)
	{
		const AslState *state = machine->states[i];

		graph_each_edge(drawing, state, draw_edge);
		if (state->scope->owner == NULL && graph_is_end(state))
			appendStringInfo(&drawing->out, "  s%d --> finish\n", state->number);
	}
	draw_marks(drawing);
	return true;
}
