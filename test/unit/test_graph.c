/*
 * test_graph.c
 *	  Drawings of machines: nodes, edges, marks, and names that try to break out.
 */
#include "base/port.h"

#include "asl/compile.h"
#include "engine/engine.h"
#include "graph/graph.h"
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
	marks->by_number[3] = GRAPH_ENTERED;
	drawing = graph_render(machine, GRAPH_MERMAID, marks);
	has(drawing, "class s0 succeeded");
	has(drawing, "class s1 current");
	has(drawing, "class s2 failed");
	has(drawing, "class s3 entered");
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

int
main(void)
{
	test_mermaid();
	test_marks();
	test_dot();
	test_escaping();
	test_shortening();
	return unit_done();
}
