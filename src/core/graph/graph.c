/*
 * graph.c
 *	  Walking a machine for its drawing: edges, scopes, short descriptions.
 */
#include "base/port.h"

#include "base/utf8.h"

#include "asl/choice_rule.h"
#include "graph/graph_private.h"

#define MAX_LABEL_BYTES 60

static bool
is_type(const AslState *state, const char *name)
{
	return strcmp(state->type->name, name) == 0;
}

GraphMarks *
graph_marks_make(const AslMachine *machine)
{
	GraphMarks *marks = palloc(sizeof(GraphMarks));

	marks->by_number = palloc0(Max(machine->state_count, 1) * sizeof(GraphMark));
	marks->counts = palloc0(Max(machine->state_count, 1) * sizeof(StateCounts));
	return marks;
}

static bool (*const drawers[])(Drawing *) = {
	[GRAPH_MERMAID] = mermaid_draw,
	[GRAPH_DOT] = dot_draw,
	[GRAPH_JSON] = graph_json_write,
	[GRAPH_SVG] = svg_draw,
};

char *
graph_render(const AslMachine *machine, GraphFormat format, const GraphMarks *marks)
{
	Drawing drawing = {.machine = machine, .marks = marks};

	initStringInfo(&drawing.out);
	return drawers[format](&drawing) ? drawing.out.data : NULL;
}

GraphMark
graph_mark(const Drawing *drawing, const AslState *state)
{
	return drawing->marks == NULL ? GRAPH_UNMARKED : drawing->marks->by_number[state->number];
}

const char *
graph_mark_name(GraphMark mark)
{
	static const char *const names[] = {
		[GRAPH_UNMARKED] = NULL,   [GRAPH_SUCCEEDED] = "succeeded", [GRAPH_CAUGHT] = "caught",
		[GRAPH_FAILED] = "failed", [GRAPH_ABORTED] = "aborted",     [GRAPH_CURRENT] = "current",
	};

	return names[mark];
}

void
graph_indent(Drawing *drawing, int depth)
{
	appendStringInfoSpaces(&drawing->out, depth * 2);
}

/* The text, cut between characters when it is long. */
static const char *
shorten(const char *text)
{
	int length = strlen(text);
	int kept = 0;

	if (length <= MAX_LABEL_BYTES)
		return text;
	while (kept < MAX_LABEL_BYTES - 3)
		kept += utf8_char_length(text + kept, length - kept);
	return psprintf("%s...", pnstrdup(text, kept));
}

static const char *
error_names(const ErrorList *errors)
{
	StringInfoData out;

	initStringInfo(&out);
	for (int i = 0; i < errors->count; i++)
		appendStringInfo(&out, "%s%s", i > 0 ? ", " : "", errors->names[i]);
	return shorten(out.data);
}

static void
visit_edge(Drawing *drawing, const AslState *from, const AslState *to, GraphEdgeKind kind, const char *label,
		   void (*draw)(Drawing *, const GraphEdge *))
{
	GraphEdge edge = {kind, from, to, label};

	if (to != NULL)
		draw(drawing, &edge);
}

void
graph_each_edge(Drawing *drawing, const AslState *state, void (*draw)(Drawing *, const GraphEdge *))
{
	SFN_CHECK_INTERRUPTS();
	visit_edge(drawing, state, state->next, EDGE_NEXT, NULL, draw);
	if (is_type(state, "Choice"))
	{
		const ChoiceState *choice = (const ChoiceState *) state;

		for (int i = 0; i < choice->branch_count; i++)
		{
			const ChoiceBranch *branch = &choice->branches[i];
			const char *label = branch->rule != NULL   ? choice_rule_summary(branch->rule)
				: branch->condition.expression != NULL ? branch->condition.expression->source
													   : NULL;

			visit_edge(drawing, state, branch->next, EDGE_CHOICE, label == NULL ? NULL : shorten(label), draw);
		}
		visit_edge(drawing, state, choice->default_next, EDGE_DEFAULT, "default", draw);
	}
	for (int i = 0; i < state->catcher_count; i++)
		visit_edge(drawing, state, state->catchers[i].next, EDGE_CATCH, error_names(&state->catchers[i].errors), draw);
}

AslScope *const *
graph_scopes(const AslState *state, int *count)
{
	*count = 0;
	if (is_type(state, "Parallel"))
	{
		const ParallelState *parallel = (const ParallelState *) state;

		*count = parallel->branch_count;
		return parallel->branches;
	}
	if (is_type(state, "Map"))
	{
		const MapState *map = (const MapState *) state;

		*count = map->processor != NULL;
		return &map->processor;
	}
	return NULL;
}

/* A plain value or the path to it. */
static const char *
value_text(const ValueField *value)
{
	if (value->literal != NULL)
		return value->literal->type == JV_STRING ? value->literal->u.text : jv_to_text(value->literal);
	return value->expression != NULL ? value->expression->source : NULL;
}

static const char *
task_detail(const TaskState *task)
{
	const AslResource *resource = &task->resource;

	if (resource->kind == RESOURCE_SERVICE || resource->kind == RESOURCE_AWS_SDK)
		return psprintf("%s:%s", resource->service, resource->action);
	if (resource->name != NULL)
		return psprintf("%s:%s", resource->service, resource->name);
	return resource->text;
}

const char *
graph_detail(const AslState *state)
{
	const char *text = NULL;

	if (is_type(state, "Task"))
		text = task_detail((const TaskState *) state);
	else if (is_type(state, "Wait"))
	{
		const WaitState *wait = (const WaitState *) state;

		text = value_text(wait->seconds.name != NULL ? &wait->seconds : &wait->timestamp);
		if (wait->seconds.literal != NULL)
			text = psprintf("%s s", text);
	}
	else if (is_type(state, "Fail"))
		text = value_text(&((const FailState *) state)->error);
	return text == NULL ? NULL : shorten(text);
}

/* States that end their scope by themselves: "End": true, Succeed, Fail. */
bool
graph_is_end(const AslState *state)
{
	return state->next == NULL && !is_type(state, "Choice");
}
