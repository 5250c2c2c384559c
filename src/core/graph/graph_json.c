/*
 * graph_json.c
 *	  The graph as data, for whoever draws it himself: nodes, edges, and the scopes that stand in each other.
 */
#include "base/port.h"

#include "graph/graph_private.h"

typedef struct JsonDrawing
{
	Drawing drawing; /* first: edges are told to it */
	JvArrayBuilder edges;
} JsonDrawing;

static const char *const edge_kinds[] = {
	[EDGE_NEXT] = "next",
	[EDGE_CHOICE] = "choice",
	[EDGE_DEFAULT] = "default",
	[EDGE_CATCH] = "catch",
};

static const JsonVal *
node_id(const AslState *state)
{
	return jv_string(psprintf("s%d", state->number));
}

/* The top is "", the branches of a Parallel and a Map's processor are "s3.0", "s3.1". */
static const JsonVal *
scope_id(const AslScope *scope)
{
	return jv_string(scope->owner == NULL ? "" : psprintf("s%d.%d", scope->owner->number, scope->index));
}

static void
add_counts(JvObjectBuilder *node, const StateCounts *counts)
{
	jv_object_add(node, "visits", jv_int(counts->visits));
	jv_object_add(node, "retries", jv_int(counts->retries));
	jv_object_add(node, "errors", jv_int(counts->errors));
}

static const JsonVal *
node_value(const Drawing *drawing, const AslState *state)
{
	JvObjectBuilder node;
	const char *detail = graph_detail(state);

	jv_object_begin(&node);
	jv_object_add(&node, "id", node_id(state));
	jv_object_add(&node, "name", jv_string(state->name));
	jv_object_add(&node, "path", jv_string(state->pointer));
	jv_object_add(&node, "type", jv_string(state->type->name));
	jv_object_add(&node, "detail", detail != NULL ? jv_string(detail) : jv_null());
	jv_object_add(&node, "scope", scope_id(state->scope));
	jv_object_add(&node, "end", jv_bool(graph_is_end(state)));
	if (drawing->marks != NULL)
	{
		const char *mark = graph_mark_name(graph_mark(drawing, state));

		jv_object_add(&node, "mark", mark != NULL ? jv_string(mark) : jv_null());
		add_counts(&node, &drawing->marks->counts[state->number]);
	}
	return jv_object_end(&node);
}

static void
add_edge(Drawing *drawing, const GraphEdge *edge)
{
	JvObjectBuilder value;

	jv_object_begin(&value);
	jv_object_add(&value, "from", node_id(edge->from));
	jv_object_add(&value, "to", node_id(edge->to));
	jv_object_add(&value, "kind", jv_string(edge_kinds[edge->kind]));
	jv_object_add(&value, "label", edge->label != NULL ? jv_string(edge->label) : jv_null());
	jv_array_add(&((JsonDrawing *) drawing)->edges, jv_object_end(&value));
}

static void
add_scope(JvArrayBuilder *scopes, const AslScope *scope)
{
	JvObjectBuilder value;

	jv_object_begin(&value);
	jv_object_add(&value, "id", scope_id(scope));
	jv_object_add(&value, "of", scope->owner != NULL ? node_id(scope->owner) : jv_null());
	jv_object_add(&value, "start", node_id(scope->start));
	jv_array_add(scopes, jv_object_end(&value));
}

bool
graph_json_write(Drawing *drawing)
{
	const AslMachine *machine = drawing->machine;
	JsonDrawing json = {.drawing = *drawing};
	JvArrayBuilder nodes;
	JvArrayBuilder scopes;
	JvObjectBuilder graph;

	jv_array_begin(&nodes);
	jv_array_begin(&json.edges);
	jv_array_begin(&scopes);
	add_scope(&scopes, &machine->top);
	for (int i = 0; i < machine->state_count; i++)
	{
		const AslState *state = machine->states[i];
		int count;
		AslScope *const *inner = graph_scopes(state, &count);

		jv_array_add(&nodes, node_value(drawing, state));
		graph_each_edge(&json.drawing, state, add_edge);
		for (int s = 0; s < count; s++)
			add_scope(&scopes, inner[s]);
	}
	jv_object_begin(&graph);
	jv_object_add(&graph, "nodes", jv_array_end(&nodes));
	jv_object_add(&graph, "edges", jv_array_end(&json.edges));
	jv_object_add(&graph, "scopes", jv_array_end(&scopes));
	jv_object_add(&graph, "start", node_id(machine->top.start));
	jv_print(&drawing->out, jv_object_end(&graph));
	return true;
}
