/*
 * test_graph.c
 *	  Drawings of machines: nodes, edges, marks, and names that try to break out.
 */
#include "base/port.h"

#include <math.h>

#include "asl/compile.h"
#include "engine/engine.h"
#include "graph/graph.h"
#include "graph/layout.h"
#include "graph/visits.h"
#include "unit/unit.h"

static const char order[] =
	"{\"StartAt\":\"Check\",\"States\":{"
	"\"Check\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$.total\",\"NumericGreaterThan\":5,\"Next\":\"Both\"}],"
	"\"Default\":\"No\"},"
	"\"Both\":{\"Type\":\"Parallel\",\"Branches\":["
	"{\"StartAt\":\"Charge\",\"States\":{\"Charge\":{\"Type\":\"Task\",\"Resource\":\"sql:shop.charge\",\"End\":true}}},"
	"{\"StartAt\":\"Rest\",\"States\":{\"Rest\":{\"Type\":\"Wait\",\"Seconds\":1,\"End\":true}}}],"
	"\"Catch\":[{\"ErrorEquals\":[\"States.ALL\"],\"Next\":\"No\"}],\"Next\":\"Each\"},"
	"\"Each\":{\"Type\":\"Map\",\"ItemProcessor\":{\"StartAt\":\"One\",\"States\":{\"One\":{\"Type\":\"Pass\",\"End\":true}}},"
	"\"End\":true},"
	"\"No\":{\"Type\":\"Fail\",\"Error\":\"Refused\"}}}";

static AslMachine *
compile(const char *text)
{
	DiagnosticList list;

	return asl_compile(text, strlen(text), false, state_types, state_type_count, &list);
}

static void
has(const char *drawing, const char *part)
{
	if (!unit_check(strstr(drawing, part) != NULL, "drawing has %s", part))
		printf("# %s\n", drawing);
}

static void
test_mermaid(void)
{
	AslMachine *machine = compile(order);
	char *drawing = graph_render(machine, GRAPH_MERMAID, NULL);

	has(drawing, "flowchart TD");
	has(drawing, "start --> s0");
	has(drawing, "s0{\"Check\"}");
	has(drawing, "s0 -->|\"$.total #62; 5\"| s1");
	has(drawing, "s0 -->|\"default\"| s6");
	has(drawing, "subgraph s1[\"Parallel: Both\"]");
	has(drawing, "s2[\"Charge<br/><small>sql:shop.charge</small>\"]");
	has(drawing, "s3[/\"Rest<br/><small>1 s</small>\"/]");
	has(drawing, "s1 -.->|\"States.ALL\"| s6");
	has(drawing, "s1 --> s4");
	has(drawing, "s4 --> finish");
	has(drawing, "s6([\"No<br/><small>Refused</small>\"])");
	OK(strstr(drawing, "classDef") == NULL);
	unit_reset_memory();
}

static void
test_marks(void)
{
	AslMachine *machine = compile(order);
	GraphMarks *marks = graph_marks_make(machine);
	char *drawing;

	marks->by_number[0] = GRAPH_SUCCEEDED;
	marks->by_number[1] = GRAPH_CURRENT;
	marks->by_number[2] = GRAPH_FAILED;
	marks->by_number[3] = GRAPH_CAUGHT;
	drawing = graph_render(machine, GRAPH_MERMAID, marks);
	has(drawing, "class s0 succeeded");
	has(drawing, "class s1 current");
	has(drawing, "class s2 failed");
	has(drawing, "class s3 caught");
	OK(strstr(drawing, "class s4 ") == NULL);
	has(graph_render(machine, GRAPH_DOT, marks), "penwidth=3");
	unit_reset_memory();
}

static void
test_dot(void)
{
	char *drawing = graph_render(compile(order), GRAPH_DOT, NULL);

	has(drawing, "digraph machine {");
	has(drawing, "s0 [label=\"Check\", shape=diamond];");
	has(drawing, "s0 -> s1 [label=\"$.total > 5\"];");
	has(drawing, "subgraph cluster_s1 {");
	has(drawing, "s1 -> s2 [style=dotted];");
	has(drawing, "s1 -> s6 [label=\"States.ALL\", style=dashed");
	has(drawing, "s6 -> finish;");
	unit_reset_memory();
}

/* A name is always inside its quotes. */
static void
test_escaping(void)
{
	AslMachine *machine = compile("{\"StartAt\":\"a\\\"]\\n;`#<b>\\\\&\",\"States\":{\"a\\\"]\\n;`#<b>\\\\&\":"
								  "{\"Type\":\"Succeed\"}}}");

	has(graph_render(machine, GRAPH_MERMAID, NULL), "s0([\"a#34;#93; #59;#96;#35;#60;b#62;#92;#38;\"])");
	has(graph_render(machine, GRAPH_DOT, NULL), "s0 [label=\"a\\\"] ;`#<b>\\\\&\",");
	unit_reset_memory();
}

/* Long texts are cut between characters. */
static void
test_shortening(void)
{
	StringInfoData text;
	char *drawing;

	initStringInfo(&text);
	appendStringInfoString(&text, "{\"StartAt\":\"F\",\"States\":{\"F\":{\"Type\":\"Fail\",\"Error\":\"");
	for (int i = 0; i < 100; i++)
		appendStringInfoString(&text, "\xe2\x82\xac");
	appendStringInfoString(&text, "\"}}}");
	drawing = graph_render(compile(text.data), GRAPH_MERMAID, NULL);
	has(drawing, "\xe2\x82\xac...</small>");
	unit_reset_memory();
}

/* ---- the graph as data ---- */

static void
test_json(void)
{
	AslMachine *machine = compile(order);
	GraphMarks *marks = graph_marks_make(machine);
	char *drawing = graph_render(machine, GRAPH_JSON, NULL);
	JvParseError problem;

	OK(jv_parse(drawing, (int) strlen(drawing), &problem) != NULL);
	has(drawing,
		"{\"id\":\"s0\",\"name\":\"Check\",\"path\":\"/States/Check\",\"type\":\"Choice\",\"detail\":null,\"scope\":\"\","
		"\"end\":false}");
	has(drawing, "{\"from\":\"s0\",\"to\":\"s1\",\"kind\":\"choice\",\"label\":\"$.total > 5\"}");
	has(drawing, "{\"from\":\"s1\",\"to\":\"s6\",\"kind\":\"catch\",\"label\":\"States.ALL\"}");
	has(drawing, "{\"id\":\"s1.1\",\"of\":\"s1\",\"start\":\"s3\"}");
	has(drawing, "\"start\":\"s0\"}");
	marks->by_number[0] = GRAPH_CAUGHT;
	marks->counts[0] = (StateCounts){3, 2, 1};
	has(graph_render(machine, GRAPH_JSON, marks), "\"mark\":\"caught\",\"visits\":3,\"retries\":2,\"errors\":1}");
	unit_reset_memory();
}

/* ---- the picture ---- */

static void
test_svg(void)
{
	AslMachine *machine = compile(order);
	GraphMarks *marks = graph_marks_make(machine);
	char *drawing = graph_render(machine, GRAPH_SVG, NULL);

	has(drawing, "<svg xmlns=");
	has(drawing, "<title>Check (Choice)</title>");
	has(drawing, ">$.total &#62; 5</text>");
	has(drawing, ">sql:shop.charge</text>");
	has(drawing, "stroke-dasharray=\"4 3\"");
	OK(strstr(drawing, "#d8f1de") == NULL);
	marks->by_number[0] = GRAPH_SUCCEEDED;
	marks->counts[0].visits = 7;
	drawing = graph_render(machine, GRAPH_SVG, marks);
	has(drawing, "fill=\"#d8f1de\"");
	has(drawing,
		">\xc3\x97"
		"7</text>");
	drawing = graph_render(
		compile("{\"StartAt\":\"<img src=x>\\u0001&'\",\"States\":{\"<img src=x>\\u0001&'\":{\"Type\":\"Succeed\"}}}"),
		GRAPH_SVG, NULL);
	has(drawing, "<title>&#60;img src=x&#62; &#38;&#39; (Succeed)</title>");
	unit_reset_memory();
}

static bool
overlap(double a, double a_width, double b, double b_width)
{
	return fabs(a - b) < (a_width + b_width) / 2 - 0.01;
}

/* Boxes, and the places that lines pass, are beside each other in a rank; ranks and what is inside of a box fit. */
static int
count_collisions(const Level *level)
{
	int collisions = 0;

	for (int i = 0; i < level->node_count; i++)
	{
		const LayoutNode *node = &level->nodes[i];
		double inner = 0;

		for (int j = 0; j < i; j++)
			collisions += level->nodes[j].rank == node->rank &&
				overlap(level->nodes[j].x, level->nodes[j].width, node->x, node->width);
		collisions += node->y < level->rank_top[node->rank] - 0.01 ||
			node->y + node->height > level->rank_bottom[node->rank] + 0.01;
		collisions += node->rank > 0 && level->rank_top[node->rank] <= level->rank_bottom[node->rank - 1];
		collisions += node->x - node->width / 2 < -0.01 || node->x + node->width / 2 > level->width + 0.01;
		for (int l = 0; l < node->level_count; l++)
		{
			inner += node->levels[l]->width;
			collisions += node->levels[l]->height > node->height;
			collisions += count_collisions(node->levels[l]);
		}
		collisions += inner > node->width;
	}
	for (int e = 0; e < level->edge_count; e++)
		for (int i = 0; i + 1 < level->edges[e].way_count; i++)
			collisions +=
				level->nodes[level->edges[e].way[i]].rank + 1 != level->nodes[level->edges[e].way[i + 1]].rank &&
				level->edges[e].way[0] != level->edges[e].way[1];
	return collisions;
}

/* States with transitions to anywhere, back and to themselves too, and some Parallels in each other. */
static void
append_random_scope(StringInfo out, unsigned int *seed, int states, int depth)
{
	static int names = 0;
	int first = names;

	names += states;
	appendStringInfo(out, "{\"StartAt\":\"s%d\",\"States\":{", first);
	for (int i = 0; i < states; i++)
	{
		int target = first + (int) (rand_r(seed) % (unsigned) states);
		int kind = (int) (rand_r(seed) % 6);

		appendStringInfo(out, "%s\"s%d\":{", i > 0 ? "," : "", first + i);
		if (i == states - 1)
			appendStringInfoString(out, "\"Type\":\"Succeed\"}");
		else if (kind == 0 && depth > 0)
		{
			appendStringInfoString(out, "\"Type\":\"Parallel\",\"Branches\":[");
			append_random_scope(out, seed, 3, depth - 1);
			appendStringInfoChar(out, ',');
			append_random_scope(out, seed, 4, depth - 1);
			appendStringInfo(out, "],\"Catch\":[{\"ErrorEquals\":[\"States.ALL\"],\"Next\":\"s%d\"}],\"Next\":\"s%d\"}",
							 target, first + i + 1);
		}
		else if (kind <= 2)
			appendStringInfo(
				out,
				"\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$.a\",\"IsPresent\":true,\"Next\":\"s%d\"},"
				"{\"Variable\":\"$.b\",\"IsNull\":true,\"Next\":\"s%d\"}],\"Default\":\"s%d\"}",
				target, first + i, first + i + 1);
		else
			appendStringInfo(out, "\"Type\":\"Pass\",\"Next\":\"s%d\"}", first + i + 1);
	}
	appendStringInfoString(out, "}}");
}

static void
test_layout(void)
{
	unsigned int seed = 1;

	for (int round = 0; round < 60; round++)
	{
		StringInfoData text;
		Drawing drawing = {0};
		Level *level;

		initStringInfo(&text);
		append_random_scope(&text, &seed, 2 + round, 2);
		drawing.machine = compile(text.data);
		level = layout_machine(&drawing);
		unit_check(level != NULL && count_collisions(level) == 0, "layout of machine %d has no collisions", round);
		unit_reset_memory();
	}
}

/* A thousand states that may all jump to the last: lines need more places than a picture has. */
static void
test_too_large(void)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, "{\"StartAt\":\"s0\",\"States\":{");
	for (int i = 0; i < 1000; i++)
		appendStringInfo(
			&text,
			"\"s%d\":{\"Type\":\"Choice\",\"Choices\":[{\"Variable\":\"$.a\",\"IsPresent\":true,\"Next\":\"end\"}],"
			"\"Default\":\"s%d\"},",
			i, i + 1);
	appendStringInfoString(&text, "\"s1000\":{\"Type\":\"Pass\",\"Next\":\"end\"},\"end\":{\"Type\":\"Succeed\"}}}");
	OK(graph_render(compile(text.data), GRAPH_SVG, NULL) == NULL);
	unit_reset_memory();
}

/* ---- visits ---- */

static Visits *
visits_of(const AslMachine *machine, const char *events)
{
	Visits *visits = visits_begin(machine, true);
	JvParseError problem;
	const JsonVal *list = jv_parse(events, (int) strlen(events), &problem);

	OK(list != NULL);
	for (int i = 0; list != NULL && i < list->count; i++)
		visits_add(visits, list->u.items[i]);
	return visits;
}

#define EVENT(id, previous, type) \
	"{\"id\":" #id ",\"previousEventId\":" #previous ",\"timestamp\":" #id ",\"type\":\"" type "\"}"
#define EVENT_OF(id, previous, type, member, details) \
	"{\"id\":" #id ",\"previousEventId\":" #previous ",\"timestamp\":" #id ",\"type\":\"" type "\",\"" member \
	"EventDetails\":{" details "}}"
#define ENTERED(id, previous, type, name) \
	EVENT_OF(id, previous, type "StateEntered", "stateEntered", "\"name\":\"" name "\"")
#define EXITED(id, previous, type, name) \
	EVENT_OF(id, previous, type "StateExited", "stateExited", "\"name\":\"" name "\"")

/* One branch fails while the other waits: the one failed, the other was aborted, and the Parallel's error is caught. */
static void
test_visits(void)
{
	AslMachine *machine = compile(order);
	Visits *visits =
		visits_of(machine,
				  "[" EVENT(1, 0, "ExecutionStarted") "," ENTERED(2, 1, "Choice", "Check") "," EXITED(
					  3, 2, "Choice", "Check") "," ENTERED(4, 3, "Parallel",
														   "Both") "," EVENT(5, 4, "ParallelStateStarted") "," ENTERED(6, 5, "Task", "Charge") "," EVENT(7, 6, "TaskScheduled") "," ENTERED(8, 5, "Wait", "Rest") "," EVENT_OF(9, 7, "TaskFailed", "taskFailed", "\"error\":\"E\",\"cause\":\"c\"") "," EVENT(10, 9, "TaskScheduled") "," EVENT_OF(11,
																																																																																				   10,
																																																																																				   "TaskFailed", "taskFailed", "\"error\":\"F\"") "," EVENT(12,
																																																																																																			11, "ParallelStateFailed") "," EXITED(13, 12, "Parallel", "Both") "," ENTERED(14,
																																																																																																																						  13, "Fail", "No") "," EVENT_OF(15,
																																																																																																																														 14,
																																																																																																																														 "ExecutionFailed", "executionFailed",
																																																																																																																														 "\"error\":\"Refused\"") "]");
	GraphMarks *marks = visits_marks(visits);

	OK(visits_count(visits) == 5);
	(void) unit_text(visit_path(visits, 2), "Both[0]/Charge", "%s:%d", __FILE__, __LINE__);
	(void) unit_text(visit_path(visits, 3), "Both[1]/Rest", "%s:%d", __FILE__, __LINE__);
	OK(visits_get(visits, 0)->status == VISIT_SUCCEEDED);
	OK(visits_get(visits, 1)->status == VISIT_CAUGHT);
	OK(visits_get(visits, 2)->status == VISIT_FAILED && visits_get(visits, 2)->attempts == 2);
	(void) unit_text(visits_get(visits, 2)->error, "F", "%s:%d", __FILE__, __LINE__);
	(void) unit_text(visits_get(visits, 2)->tries[0].error, "E", "%s:%d", __FILE__, __LINE__);
	OK(visits_get(visits, 2)->tries[0].began == 7 && visits_get(visits, 2)->tries[0].ended == 9);
	OK(visits_get(visits, 2)->tries[1].began == 10 && visits_get(visits, 2)->tries[1].ended == 11);
	OK(visits_get(visits, 3)->status == VISIT_ABORTED && visits_get(visits, 3)->left == 12);
	OK(visits_get(visits, 4)->status == VISIT_FAILED);
	(void) unit_text(visits_get(visits, 4)->error, "Refused", "%s:%d", __FILE__, __LINE__);
	OK(marks->by_number[1] == GRAPH_CAUGHT && marks->by_number[2] == GRAPH_FAILED && marks->counts[2].retries == 1);
	unit_reset_memory();
}

/* Iterations under way at once, told apart by what came before. */
static void
test_iterations(void)
{
	AslMachine *machine = compile(order);
	Visits *visits = visits_of(
		machine,
		"[" EVENT(1, 0, "ExecutionStarted") "," ENTERED(2, 1, "Map", "Each") "," EVENT(3, 2, "MapStateStarted") "," EVENT_OF(4, 3, "MapIterationStarted", "mapIterationStarted", "\"name\":\"Each\",\"index\":0") "," EVENT_OF(
			5, 3, "MapIterationStarted", "mapIterationStarted",
			"\"name\":\"Each\",\"index\":1") "," ENTERED(6, 5, "Pass",
														 "One") "," ENTERED(7, 4, "Pass",
																			"One") "," EXITED(8, 6, "Pass",
																							  "One") "," EVENT_OF(9, 8,
																												  "MapIterationSucceeded",
																												  "mapIterationSucceeded",
																												  "\"name\":\"Each\",\"index\":1") "]");

	OK(visits_count(visits) == 3);
	(void) unit_text(visit_path(visits, 1), "Each[1]/One", "%s:%d", __FILE__, __LINE__);
	(void) unit_text(visit_path(visits, 2), "Each[0]/One", "%s:%d", __FILE__, __LINE__);
	OK(visits_get(visits, 1)->status == VISIT_SUCCEEDED && visits_get(visits, 2)->status == VISIT_RUNNING);
	OK(visits_marks(visits)->by_number[5] == GRAPH_CURRENT);
	unit_reset_memory();
}

/* Whatever stands there, nothing is read beyond what there is. */
static void
test_strange_events(void)
{
	Visits *visits =
		visits_of(compile(order),
				  "[{}, {\"id\":7}, " EVENT(9, 400, "TaskFailed") "," EVENT(1000000000, 1, "TaskFailed") "," ENTERED(
					  10, 9, "Task", "nowhere") "," EVENT(-4, -9, "MapStateExited") "]");

	OK(visits_count(visits) == 0);
	unit_reset_memory();
}

int
main(void)
{
	test_mermaid();
	test_marks();
	test_dot();
	test_escaping();
	test_shortening();
	test_json();
	test_svg();
	test_layout();
	test_too_large();
	test_visits();
	test_iterations();
	test_strange_events();
	return unit_done();
}
