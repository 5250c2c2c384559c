/*
 * test_budget.c
 *	  The budget of a transition: what is too much fails the state, what is to be done
 *	  elsewhere is taken back without a trace.
 *
 * Memory is what the sanitizer says is allocated; the clock is one that each look
 * moves on.
 */
#include "unit/engine_driver.h"

#include "asl/jsonata_field.h"

/* Of the sanitizer under which all unit tests run; not every compiler brings its header. */
extern size_t __sanitizer_get_current_allocated_bytes(void);

#define MEGABYTE ((Size) 1024 * 1024)

/* Who answers the looks of a budget. */
typedef struct Owner
{
	int64 now;
	int64 look_takes; /* microseconds */
	int looks;
	int stops_at; /* this look, once; 0: none */
	int asks;
	int heavy_at; /* this question, once; 0: none */
	char *noted;  /* state and time, of the last transition that was noted */
	Size peak;
} Owner;

static Owner owner;

static Size
memory_used(const Budget *budget)
{
	Size used = __sanitizer_get_current_allocated_bytes();

	(void) budget;
	owner.peak = Max(owner.peak, used);
	return used;
}

static int64
clock_of_looks(const Budget *budget)
{
	(void) budget;
	return owner.now += owner.look_takes;
}

static bool
is_stopped(const Budget *budget)
{
	(void) budget;
	return ++owner.looks == owner.stops_at;
}

static bool
is_heavy(EngineEnv *env, const Execution *execution, const AslState *state, bool is_entered)
{
	(void) env;
	(void) execution;
	(void) state;
	(void) is_entered;
	return ++owner.asks == owner.heavy_at;
}

static void
note_time(EngineEnv *env, const Execution *execution, const AslState *state, bool is_entered, int64 microseconds)
{
	(void) env;
	(void) execution;
	owner.noted =
		psprintf("%s %s " INT64_FORMAT " ms", state->name, is_entered ? "entered" : "resumed", microseconds / 1000);
}

static char *
with_double_quotes(const char *text)
{
	char *result = pstrdup(text);

	for (char *c = result; *c != '\0'; c++)
	{
		if (*c == '\'')
			*c = '"';
	}
	return result;
}

/* All tasks answer at once; the text "fail" in their parameters makes them fail. */
static double
answer_task(Driver *driver, const Effect *effect, Event *answer)
{
	(void) driver;
	answer->kind = EVENT_TASK_SUCCEEDED;
	answer->value = effect->parameters;
	if (strstr(jv_to_text(effect->parameters), "fail") != NULL)
	{
		answer->kind = EVENT_TASK_FAILED;
		answer->error = "Mine";
		answer->cause = "as told";
	}
	return 0;
}

static void
begin(Driver *driver, const char *definition, const char *input)
{
	memset(&owner, 0, sizeof(owner));
	driver_begin(driver, driver_compile(definition), with_double_quotes(input));
	driver->task = answer_task;
	driver->env.budget = (Budget){.memory_used = memory_used, .clock = clock_of_looks};
}

/* ---- what is too much ---- */

static void
check_failure(Driver *driver, const char *what, const char *cause)
{
	driver_run(driver);
	unit_text(driver->x.error, ERROR_RUNTIME, "%s: error", what);
	unit_check(driver->x.cause != NULL && strstr(driver->x.cause, cause) != NULL, "%s: %s", what,
			   driver->x.cause != NULL ? driver->x.cause : "no cause");
	unit_check(owner.peak < 100 * MEGABYTE, "%s: %zu bytes at most", what, owner.peak);
}

/* An object of many fields, each the same. */
static char *
many_fields(int count, const char *name_end, const char *value)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < count; i++)
		appendStringInfo(&text, "%s\"f%d%s\":\"%s\"", i > 0 ? "," : "", i, name_end, value);
	return text.data;
}

static char *
large_input(void)
{
	StringInfoData text;

	initStringInfo(&text);
	appendStringInfoString(&text, "{'text':'");
	for (int i = 0; i < 50000; i++)
		appendStringInfoChar(&text, 'a' + i % 26);
	appendStringInfoString(&text, "','numbers':[");
	for (int i = 0; i < 3000; i++)
		appendStringInfo(&text, "%s%d", i > 0 ? "," : "", i);
	appendStringInfoString(&text, "],'object':{");
	for (int i = 0; i < 500; i++)
		appendStringInfo(&text, "%s'k%d':%d", i > 0 ? "," : "", i, i);
	appendStringInfoString(&text, "}}");
	return text.data;
}

static char *
nested_input(int depth)
{
	StringInfoData text;

	initStringInfo(&text);
	for (int i = 0; i < depth; i++)
		appendStringInfoString(&text, "[{'a':");
	appendStringInfoChar(&text, '1');
	for (int i = 0; i < depth; i++)
		appendStringInfoString(&text, "}]");
	return text.data;
}

/* One state with this field of many members, JSONPath. */
static char *
pass_with(const char *field, const char *members)
{
	return psprintf("{\"StartAt\":\"S\",\"States\":{\"S\":{\"Type\":\"Pass\",\"%s\":{%s},\"End\":true}}}", field,
					members);
}

static char *
jsonata_with(const char *members)
{
	return psprintf("{\"QueryLanguage\":\"JSONata\",\"StartAt\":\"S\",\"States\":{\"S\":{\"Type\":\"Pass\","
					"\"Output\":{%s},\"End\":true}}}",
					members);
}

static void
test_memory(void)
{
	static const char *const expressions[] = {
		"States.Format('{}{}{}{}{}{}{}{}', $, $, $, $, $, $, $, $)",
		"States.JsonToString(States.Array($, $, $, $, $, $, $, $))",
		"States.StringSplit($.text, 'aeiou')",
		"States.ArrayPartition($.numbers, 1)",
		"States.ArrayRange(1, 1000, 1)",
		"States.JsonMerge($.object, $.object, false)",
		"States.Base64Encode(States.JsonToString(States.ArrayRange(1, 1000, 1)))",
		"States.ArrayUnique($.numbers)",
		"States.StringToJson(States.JsonToString($.numbers))",
		"$..*",
	};
	char *input = large_input();

	for (int i = 0; i < (int) lengthof(expressions); i++)
	{
		Driver driver;

		begin(&driver, pass_with("Parameters", many_fields(2000, ".$", expressions[i])), input);
		driver.env.budget.max_memory = 8 * MEGABYTE;
		check_failure(&driver, expressions[i], "The transition needs more than 8 MB of memory.");
		unit_reset_memory();
		input = large_input();
	}
}

static void
test_memory_of_jsonata(void)
{
	static const char *const expressions[] = {
		"{% $pad('x', 1000000) %}",
		"{% $join([1..40000].$string()) %}",
		"{% [1..100000] %}",
		"{% $replace($substring($states.input.text, 0, 20000), /[a-z]/, 'twelve bytes') %}",
		"{% $base64encode($states.input.text & $states.input.text) %}",
		"{% $merge([1..4000].{$string($): $}) %}",
		"{% $split($states.input.text, '') %}",
		"{% $string([1..60000]) %}",
	};
	char *input = large_input();

	for (int i = 0; i < (int) lengthof(expressions); i++)
	{
		Driver driver;

		begin(&driver, jsonata_with(many_fields(500, "", expressions[i])), input);
		driver.env.budget.max_memory = 16 * MEGABYTE;
		check_failure(&driver, expressions[i], "The transition needs more than 16 MB of memory.");
		unit_reset_memory();
		input = large_input();
	}
}

/* In a state of its own, in Choice rules, in the selector of each item, when an error is caught. */
static void
test_time(void)
{
	static const struct
	{
		const char *state;
		bool is_jsonata;
	} states[] = {
		{"'Type':'Pass','Parameters':{'x.$':'$..*..*..*'},'Next':'T'"},
		{"'Type':'Pass','Parameters':{'x.$':'$..*..*..[?(@.a =~ /.*b.*/)]'},'Next':'T'"},
		{"'Type':'Pass','Parameters':{'x.$':'$..[0,0,0,0]..[0,0,0]..*'},'Next':'T'"},
		{"'Type':'Map','ItemsPath':'$','ItemSelector':{'x.$':'$..*..*..*'},'ItemProcessor':{'StartAt':'I','States':"
		 "{'I':{'Type':'Succeed'}}},'Next':'T'"},
		{"'Type':'Task','Resource':'arn:aws:lambda:us-east-1:0:function:f','ResultSelector':{'x.$':'$..*..*..*'},"
		 "'Next':'T'"},
		{"'Type':'Pass','Output':'{% $sum([1..100000].($*$)) %}','Next':'T'", true},
		{"'Type':'Pass','Assign':{'x':'{% $sum([1..100000].($*$)) %}'},'Next':'T'", true},
		{"'Type':'Choice','Choices':[{'Condition':'{% $sum([1..100000].($*$)) < 0 %}','Next':'T'}],'Default':'T'",
		 true},
		{"'Type':'Wait','Seconds':'{% $sum([1..100000].($*$)) %}','Next':'T'", true},
		{"'Type':'Task','Resource':'arn:aws:lambda:us-east-1:0:function:f','Arguments':'fail','Catch':[{'ErrorEquals':"
		 "['States.ALL'],'Output':'{% $sum([1..100000].($*$)) %}','Next':'T'}],'Next':'T'",
		 true},
	};

	for (int i = 0; i < (int) lengthof(states); i++)
	{
		Driver driver;

		begin(&driver,
			  with_double_quotes(psprintf("{'QueryLanguage':'%s','StartAt':'S','States':{'S':{%s},'T':{'Type':"
										  "'Succeed'}}}",
										  states[i].is_jsonata ? "JSONata" : "JSONPath", states[i].state)),
			  nested_input(60));
		driver.env.budget.max_time = 50000;
		owner.look_takes = 1000;
		check_failure(&driver, states[i].state, "The transition takes more than 0.05 s.");
		unit_check(owner.now < 80000, "%s: ended in time", states[i].state);
		unit_reset_memory();
	}
}

/* Rules within rules: of many that are to hold together the last does not, and so for each of many alternatives. */
static void
test_time_of_rules(void)
{
	StringInfoData rules;
	Driver driver;

	initStringInfo(&rules);
	for (int i = 0; i < 100; i++)
	{
		appendStringInfo(&rules, "%s{'And':[", i > 0 ? "," : "");
		for (int j = 0; j < 40; j++)
			appendStringInfoString(&rules, "{'Not':{'Variable':'$[0].a','IsNull':true}},");
		appendStringInfoString(&rules, "{'Variable':'$[0].a','IsNull':true}]}");
	}
	begin(&driver,
		  with_double_quotes(
			  psprintf("{'StartAt':'S','States':{'S':{'Type':'Choice','Choices':[{'Or':[%s],'Next':'T'}],"
					   "'Default':'T'},'T':{'Type':'Succeed'}}}",
					   rules.data)),
		  nested_input(60));
	driver.env.budget.max_time = 50000;
	owner.look_takes = 1000;
	check_failure(&driver, "rules", "The transition takes more than 0.05 s.");
}

/* Each transition has a budget of its own. */
static void
test_many_transitions(void)
{
	StringInfoData states;
	Driver driver;

	initStringInfo(&states);
	for (int i = 0; i < 100; i++)
		appendStringInfo(&states, "'S%d':{'Type':'Pass','Output':{'x':'{%% $sum([1..2000]) %%}'},'Next':'S%d'},", i,
						 i + 1);
	begin(&driver,
		  with_double_quotes(
			  psprintf("{'QueryLanguage':'JSONata','StartAt':'S0','States':{%s'S100':{'Type':'Succeed'}}}",
					   states.data)),
		  "{}");
	driver.env.budget.max_time = 60000;
	owner.look_takes = 1000;
	driver_run(&driver);
	unit_text(driver_status(&driver), "SUCCEEDED", "a hundred transitions");
	unit_check(owner.now > 100000, "which took longer together than one may");
}

/* ---- what is taken back ---- */

/* Work of some looks in the middle of a definition. */
#define WORK "{% $sum([1..600].($*2)) + $count($states.input) %}"

static const char *const taken_back[] = {
	/* entering and leaving, variables */
	"{'StartAt':'A','States':{'A':{'Type':'Pass','Assign':{'v':'" WORK "'},'Output':{'x':'" WORK "'},'Next':'B'},"
	"'B':{'Type':'Choice','Choices':[{'Condition':'{% $v > "
	"100000000"
	" and $sum([1..900]) > 0 %}','Next':'C'}],"
	"'Default':'C','Output':'" WORK "'},'C':{'Type':'Succeed','Output':'{% $v + $sum([1..900]) %}'}}}",
	/* a task: arguments, result, retry */
	"{'StartAt':'A','States':{'A':{'Type':'Task','Resource':'arn:aws:lambda:us-east-1:0:function:f','TimeoutSeconds':"
	"'{% 5 + 0 * $sum([1..900]) %}','Arguments':{'x':'" WORK "'},'Assign':{'r':'{% $sum([1..900]) %}'},'Output':"
	"{'y':'{% [$states.result.x, $sum([1..900])] %}'},'End':true}}}",
	"{'StartAt':'A','States':{'A':{'Type':'Task','Resource':'arn:aws:lambda:us-east-1:0:function:f','Arguments':"
	"{'x':'fail','y':'" WORK "'},'Retry':[{'ErrorEquals':['Mine'],'MaxAttempts':2}],'Catch':[{'ErrorEquals':['Mine'],"
	"'Assign':{'e':'{% $sum([1..900]) %}'},'Output':'{% $states.errorOutput.Error & $sum([1..900]) %}','Next':'B'}],"
	"'End':true},'B':{'Type':'Pass','Output':'{% [$e, $states.input] %}','End':true}}}",
	/* branches: started, joined, failed and caught */
	"{'StartAt':'P','States':{'P':{'Type':'Parallel','Branches':[{'StartAt':'X','States':{'X':{'Type':'Pass','Output':'" WORK
	"','End':true}}},{'StartAt':'Y','States':{'Y':{'Type':'Pass','Next':'Z'},'Z':{'Type':'Pass','Output':'" WORK
	"','End':true}}}],'Assign':{'s':'{% $sum([1..900]) %}'},'Output':'{% [$states.result, $sum([1..900])] %}',"
	"'Next':'E'},'E':{'Type':'Pass','Output':'{% [$s, $states.input] %}','End':true}}}",
	"{'StartAt':'P','States':{'P':{'Type':'Parallel','Branches':[{'StartAt':'X','States':{'X':{'Type':'Wait','Seconds':"
	"'{% 3 + 0 * $sum([1..900]) %}','Next':'F'},'F':{'Type':'Fail','Error':'{% \\\"E\\\" & $sum([1..900]) %}','Cause':'c'}}},"
	"{'StartAt':'Y','States':{'Y':{'Type':'Wait','Seconds':9,'End':true}}}],'Catch':[{'ErrorEquals':['States.ALL'],"
	"'Output':'{% $states.errorOutput.Error & $sum([1..900]) %}','Next':'E'}],'End':true},"
	"'E':{'Type':'Pass','End':true}}}",
	/* iterations */
	"{'StartAt':'M','States':{'M':{'Type':'Map','Items':'{% [1..7] %}','MaxConcurrency':3,'ItemSelector':{'i':"
	"'{% $states.context.Map.Item.Value + $sum([1..900]) %}'},'ItemProcessor':{'StartAt':'I','States':{'I':{'Type':"
	"'Pass','Output':'{% $states.input.i + $sum([1..900]) %}','End':true}}},'Output':"
	"'{% [$states.result, $sum([1..900])] %}','End':true}}}",
	"{'StartAt':'M','States':{'M':{'Type':'Map','Items':'{% [1..4] %}','ItemSelector':{'i':"
	"'{% $states.context.Map.Item.Value = 3 ? $error(\\\"no\\\" & $sum([1..900])) : $sum([1..900]) %}'},'ItemProcessor':"
	"{'StartAt':'I','States':{'I':{'Type':'Pass','End':true}}},'Catch':[{'ErrorEquals':['States.ALL'],'Output':"
	"'{% $states.errorOutput.Error & $sum([1..900]) %}','Next':'E'}],'End':true},'E':{'Type':'Pass','End':true}}}",
};

static char *
jsonata_machine(const char *definition)
{
	return with_double_quotes(psprintf("{'QueryLanguage':'JSONata',%s", definition + 1));
}

/* What came of it, and all that is told about it. */
static char *
outcome(Driver *driver)
{
	return psprintf("%s %s %s %s states " INT64_FORMAT " retries " INT64_FORMAT " caught " INT64_FORMAT
					" tasks " INT64_FORMAT "/" INT64_FORMAT "\n%s",
					driver_status(driver), driver->x.output != NULL ? jv_to_text(driver->x.output) : "",
					driver->x.error != NULL ? driver->x.error : "", driver->x.cause != NULL ? driver->x.cause : "",
					driver->x.counts.states_entered, driver->x.counts.retries, driver->x.counts.errors_caught,
					driver->x.counts.tasks_scheduled, driver->x.counts.tasks_failed, driver->history.data);
}

/* Whichever look wants the transition back, the execution goes as if there had been none. */
static void
test_taking_back(const char *definition, bool moves)
{
	char *machine = jsonata_machine(definition);
	Driver undisturbed;
	char *expected;
	int looks;

	begin(&undisturbed, machine, "{'a':1}");
	undisturbed.moves = moves;
	undisturbed.env.budget.is_stopped = is_stopped;
	driver_run(&undisturbed);
	expected = outcome(&undisturbed);
	looks = owner.looks;
	unit_check(looks > 3, "%d looks: %.60s", looks, definition);
	for (int i = 1; i <= looks; i++)
	{
		Driver driver;
		char *actual;

		begin(&driver, machine, "{'a':1}");
		driver.moves = moves;
		driver.env.budget.is_stopped = is_stopped;
		owner.stops_at = i;
		driver_run(&driver);
		actual = outcome(&driver);
		unit_check(owner.looks > looks, "look %d took something back", i);
		unit_text(actual, expected, "taken back at look %d of %.60s", i, definition);
	}
}

/* Whatever is found heavy is not begun, and goes elsewhere as if it had never been here. */
static void
test_heavy(const char *definition)
{
	char *machine = jsonata_machine(definition);
	Driver unasked;
	char *expected;
	int asks;

	begin(&unasked, machine, "{'a':1}");
	unasked.env.budget.share = PG_INT64_MAX;
	unasked.env.is_heavy = is_heavy;
	driver_run(&unasked);
	expected = outcome(&unasked);
	asks = owner.asks;
	unit_check(asks > 1, "%d questions: %.60s", asks, definition);
	for (int i = 1; i <= asks; i++)
	{
		Driver driver;

		begin(&driver, machine, "{'a':1}");
		driver.env.budget.share = PG_INT64_MAX;
		driver.env.is_heavy = is_heavy;
		owner.heavy_at = i;
		driver_run(&driver);
		unit_check(owner.asks > asks, "question %d took one back", i);
		unit_text(outcome(&driver), expected, "heavy at question %d of %.60s", i, definition);
	}
}

/* How long it took is noted where it was too long, and where there is no share. */
static void
test_noted_times(void)
{
	Driver driver;

	begin(&driver, jsonata_machine(taken_back[0]), "{}");
	driver.env.budget.share = 1500;
	driver.env.note_time = note_time;
	driver.env.budget.is_stopped = is_stopped;
	owner.look_takes = 1000;
	driver_deliver(&driver, &(Event){.kind = EVENT_START});
	OK(driver.again != NULL && owner.noted != NULL && strncmp(owner.noted, "A entered", 9) == 0);
	owner.noted = NULL;
	driver.env.budget.share = PG_INT64_MAX;
	driver_deliver(&driver, &driver.again->event);
	OK(owner.noted == NULL);
	begin(&driver, "{\"StartAt\":\"W\",\"States\":{\"W\":{\"Type\":\"Wait\",\"Seconds\":1,\"End\":true}}}", "{}");
	driver.env.note_time = note_time;
	driver.env.budget.is_stopped = is_stopped;
	driver_run(&driver);
	unit_text(owner.noted, "W resumed 0 ms", "a short one, too");
}

/* One that takes longer than its share is taken back only where there is one. */
static void
test_share(void)
{
	Driver driver;

	begin(&driver, jsonata_machine(taken_back[0]), "{}");
	driver.env.budget.share = 1500;
	owner.look_takes = 1000;
	driver_deliver(&driver, &(Event){.kind = EVENT_START});
	OK(driver.again != NULL && driver.again->event.kind == EVENT_CONTINUE);
	OK(driver.x.main->status == BRANCH_READY && driver.x.last_event_id == 1);
	driver.env.budget.share = 0;
	while (driver.x.status == EXECUTION_RUNNING && driver_step(&driver))
		;
	unit_text(driver_status(&driver), "SUCCEEDED", "done elsewhere");
}

int
main(void)
{
	jsonata_field_limits.timeout_ms = 0; /* the budget's clock is another */
	test_memory();
	test_memory_of_jsonata();
	test_time();
	test_time_of_rules();
	test_many_transitions();
	for (int i = 0; i < (int) lengthof(taken_back); i++)
	{
		test_taking_back(taken_back[i], i % 2 == 1);
		test_heavy(taken_back[i]);
		unit_reset_memory();
	}
	test_share();
	test_noted_times();
	return unit_done();
}
