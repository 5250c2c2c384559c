/*
 * test_map_run.c
 *	  Distributed Map in the engine: the plan, the history, a redrive, and what items become.
 */
#include "unit/engine_driver.h"

#include "engine/map_inputs.h"
#include "engine/map_run.h"

/* Inputs of children as "input (items)" joined by blanks; or the error. */
typedef struct Inputs
{
	StringInfoData text;
	int count;
} Inputs;

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

static AslMachine *
map_machine(const char *map)
{
	return driver_compile(with_double_quotes(
		psprintf("{'StartAt':'Each one','States':{'Each one':{'Type':'Map',%s'ItemProcessor':{'ProcessorConfig':"
				 "{'Mode':'DISTRIBUTED','ExecutionType':'EXPRESS'},'StartAt':'I','States':{'I':{'Type':'Pass',"
				 "'End':true}}},'End':true}}}",
				 map)));
}

static bool
take_input(void *arg, const char *input, int length, int32 items, SfnError *error)
{
	Inputs *inputs = arg;

	(void) error;
	appendStringInfo(&inputs->text, "%s%.*s (%d)", inputs->count++ > 0 ? " " : "", length, input, (int) items);
	return true;
}

/* All inputs of the plan's items. */
static bool
make_inputs(Driver *driver, const Effect *effect, Inputs *made, SfnError *error)
{
	const JsonVal *items = jv_get(effect->parameters, "items");
	MapInputs *inputs;

	memset(made, 0, sizeof(*made));
	initStringInfo(&made->text);
	inputs = map_inputs_begin(&driver->x, effect->branch, &driver->env, effect->parameters, take_input, made, error);
	for (int i = 0; inputs != NULL && items != NULL && i < items->count; i++)
	{
		if (!map_inputs_item(inputs, items->u.items[i], NULL, "STATE_DATA", error))
			return false;
	}
	return inputs != NULL && map_inputs_end(inputs, error);
}

/* The run's result is the text of the inputs; the member "answer" of the input says otherwise. */
static double
answer_map(Driver *driver, const Effect *effect, Event *answer)
{
	const char *how = jv_get_string(driver->x.input, "answer");
	SfnError error = {0};
	Inputs made;

	if (how != NULL && strcmp(how, "fail") == 0)
	{
		answer->kind = EVENT_TASK_FAILED;
		answer->error = ERROR_EXCEED_TOLERATED_FAILURE_THRESHOLD;
		answer->cause = "too many";
		return 1;
	}
	if (how != NULL && strcmp(how, "large") == 0)
		return 1;
	if (effect->parameters == NULL)
		answer->value = jv_string("redriven");
	else if (make_inputs(driver, effect, &made, &error))
		answer->value = jv_string(made.text.data);
	else
	{
		answer->kind = EVENT_TASK_FAILED;
		answer->error = error.name;
		answer->cause = error.cause;
	}
	return 1;
}

static void
begin(Driver *driver, AslMachine *machine, const char *input)
{
	driver_begin(driver, machine, with_double_quotes(input));
	driver->map = answer_map;
}

static char *
outcome(const Driver *driver)
{
	if (driver->x.status == EXECUTION_SUCCEEDED)
		return jv_to_text(driver->x.output);
	return psprintf("%s: %s", driver->x.error != NULL ? driver->x.error : "-",
					driver->x.cause != NULL ? driver->x.cause : "-");
}

/* In memory, restored after each event, and moved. */
static void
check(const char *map, const char *input, const char *expected, const char *events)
{
	AslMachine *machine = map_machine(map);

	for (int way = 0; way < 3 && machine != NULL; way++)
	{
		Driver driver;

		begin(&driver, machine, input);
		driver.restores = way == 1;
		driver.moves = way == 2;
		driver_run(&driver);
		unit_text(outcome(&driver), expected, "outcome of %s, way %d", map, way);
		if (events != NULL)
			unit_text(driver_event_types(&driver, true), events, "events of %s, way %d", map, way);
	}
}

#define SUCCEEDED \
	"ExecutionStarted:0 MapStateEntered:0 MapStateStarted:2 MapRunStarted:3 MapRunSucceeded:4 MapStateSucceeded:5 " \
	"MapStateExited:5 ExecutionSucceeded:7"

static void
test_inputs(void)
{
	check("'ItemsPath':'$.a',", "{'a':[1,'x',{}]}", "\"1 (1) \\\"x\\\" (1) {} (1)\"", SUCCEEDED);
	check("'ItemsPath':'$.a',", "{'a':[]}", "\"\"", SUCCEEDED);
	check("'ItemsPath':'$.a','ItemSelector':{'i.$':'$$.Map.Item.Index','v.$':'$$.Map.Item.Value','s.$':"
		  "'$$.Map.Item.Source','k.$':'$.k'},",
		  "{'a':[5,6],'k':7}",
		  "\"{\\\"i\\\":0,\\\"v\\\":5,\\\"s\\\":\\\"STATE_DATA\\\",\\\"k\\\":7} (1) "
		  "{\\\"i\\\":1,\\\"v\\\":6,\\\"s\\\":\\\"STATE_DATA\\\",\\\"k\\\":7} (1)\"",
		  NULL);
	check("'ItemsPath':'$.a','ItemBatcher':{'MaxItemsPerBatch':2},", "{'a':[1,2,3,4,5]}",
		  "\"{\\\"Items\\\":[1,2]} (2) {\\\"Items\\\":[3,4]} (2) {\\\"Items\\\":[5]} (1)\"", NULL);
	check(
		"'ItemsPath':'$.a','ItemBatcher':{'MaxItemsPerBatch':9,'MaxInputBytesPerBatch':35,'BatchInput':{'k.$':'$.k'}},",
		"{'a':[1,2,3,44,5],'k':7}",
		"\"{\\\"BatchInput\\\":{\\\"k\\\":7},\\\"Items\\\":[1]} (1) {\\\"BatchInput\\\":{\\\"k\\\":7},\\\"Items\\\":[2]} (1) "
		"{\\\"BatchInput\\\":{\\\"k\\\":7},\\\"Items\\\":[3]} (1) {\\\"BatchInput\\\":{\\\"k\\\":7},\\\"Items\\\":[44]} (1) "
		"{\\\"BatchInput\\\":{\\\"k\\\":7},\\\"Items\\\":[5]} (1)\"",
		NULL);
	check("'ItemsPath':'$.a','ItemBatcher':{'MaxInputBytesPerBatchPath':'$.n'},", "{'a':[1,2,3,4,5,6,7],'n':17}",
		  "\"{\\\"Items\\\":[1,2,3]} (3) {\\\"Items\\\":[4,5,6]} (3) {\\\"Items\\\":[7]} (1)\"", NULL);
}

static void
test_failures(void)
{
	check("'ItemsPath':'$.no',", "{}",
		  "States.Runtime: An error occurred while executing the state 'Each one' (entered at the event id #2). "
		  "Invalid path '$.no' : No results for path: $['no']",
		  "ExecutionStarted:0 MapStateEntered:0 ExecutionFailed:2");
	check("'ItemsPath':'$.a','ToleratedFailureCountPath':'$.t',", "{'a':[1],'t':-1}",
		  "States.Runtime: An error occurred while executing the state 'Each one' (entered at the event id #2). "
		  "ToleratedFailureCount cannot be negative.",
		  "ExecutionStarted:0 MapStateEntered:0 MapStateStarted:2 ExecutionFailed:3");
	check("'ItemReader':{'Resource':'arn:aws:states:::s3:getObject','Parameters':{'Bucket':'b','Key':'k'},"
		  "'ReaderConfig':{'InputType':'JSON','MaxItemsPath':'$.m'}},",
		  "{'m':-1}", "States.ItemReaderFailed: field MaxItems must be positive",
		  "ExecutionStarted:0 MapStateEntered:0 MapStateStarted:2 MapRunStarted:3 MapRunFailed:4 MapStateFailed:5 "
		  "ExecutionFailed:6");
	check("'ItemsPath':'$.a',", "{'a':[1],'answer':'fail'}", "States.ExceedToleratedFailureThreshold: too many",
		  "ExecutionStarted:0 MapStateEntered:0 MapStateStarted:2 MapRunStarted:3 MapRunFailed:4 MapStateFailed:5 "
		  "ExecutionFailed:6");
	check("'ItemsPath':'$.a',", "{'a':[1],'answer':'large'}",
		  "States.DataLimitExceeded: The state/task 'Each one' returned a result with a size exceeding the maximum "
		  "number of bytes service limit.",
		  "ExecutionStarted:0 MapStateEntered:0 MapStateStarted:2 MapRunStarted:3 MapRunSucceeded:4 MapStateFailed:5 "
		  "ExecutionFailed:6");
	check("'ItemsPath':'$.a','Retry':[{'ErrorEquals':['States.ALL'],'MaxAttempts':1}],", "{'a':[1],'answer':'fail'}",
		  "States.ExceedToleratedFailureThreshold: too many",
		  "ExecutionStarted:0 MapStateEntered:0 MapStateStarted:2 MapRunStarted:3 MapRunFailed:4 MapStateStarted:5 "
		  "MapRunStarted:6 MapRunFailed:7 MapStateFailed:8 ExecutionFailed:9");
}

/* The plan says everything that the run needs. */
static double
show_plan(Driver *driver, const Effect *effect, Event *answer)
{
	(void) driver;
	answer->value = effect->parameters;
	return 0;
}

static void
test_plan(void)
{
	Driver driver;

	begin(
		&driver,
		map_machine(
			"'MaxConcurrencyPath':'$.c','ToleratedFailurePercentage':2.5,'ToleratedFailureCount':3,"
			"'ItemReader':{'Resource':'arn:aws:states:::s3:getObject','Parameters':{'Bucket.$':'$.b','Key':'k'},"
			"'ReaderConfig':{'InputType':'JSON','MaxItems':0}},'ItemBatcher':{'MaxItemsPerBatch':4},"
			"'ResultWriter':{'Resource':'arn:aws:states:::s3:putObject','Parameters':{'Bucket':'r','Prefix.$':'$.b'}},"),
		"{'c':5,'b':'bucket'}");
	driver.map = show_plan;
	driver_run(&driver);
	unit_text(
		outcome(&driver),
		"{\"maxConcurrency\":5,\"toleratedFailureCount\":3,\"toleratedFailurePercentage\":2.5,"
		"\"reader\":{\"resource\":\"arn:aws:states:::s3:getObject\",\"parameters\":{\"Bucket\":\"bucket\",\"Key\":\"k\"},"
		"\"config\":{\"InputType\":\"JSON\",\"MaxItems\":0},\"maxItems\":0},"
		"\"batcher\":{\"maxItems\":4,\"maxBytes\":262144},"
		"\"writer\":{\"resource\":\"arn:aws:states:::s3:putObject\",\"parameters\":{\"Bucket\":\"r\",\"Prefix\":\"bucket\"}},"
		"\"name\":\"00000000-0000-4000-8000-000000000000\",\"label\":\"Each-one-3ad09fec\"}",
		"plan");
}

/* A run that failed is redriven, not begun anew; each redrive is counted. */
static void
test_redrive(void)
{
	for (int way = 0; way < 2; way++)
	{
		Driver driver;

		begin(&driver, map_machine("'ItemsPath':'$.a',"), "{'a':[1],'answer':'fail'}");
		driver_run(&driver);
		for (int i = 0; i < 2; i++)
		{
			Event redrive = {.kind = EVENT_REDRIVE};

			driver.x.main = driver.x.kept; /* as the store brings it back */
			driver.x.branches = driver.x.last_branch = NULL;
			driver.x.branch_table = NULL;
			driver.x.branch_table_size = driver.x.branch_table_used = 0;
			{
				StringInfoData image;
				SfnError error = {0};
				Branch *kept = driver.x.kept;

				initStringInfo(&image);
				branch_image_print(&image, kept);
				driver.x.main = branch_attach(&driver.x, NULL, 0, 0);
				OK(branch_image_restore(&driver.x, driver.x.main, image.data, image.len, &error));
				driver.x.main->input = kept->input;
			}
			if (i == 1)
				driver.x.input = driver_value("{\"a\":[1]}");
			OK(driver_deliver(&driver, &redrive));
			while (driver_step(&driver))
				;
		}
		unit_text(outcome(&driver), "\"redriven\"", "redriven");
		unit_text(
			driver_event_types(&driver, true),
			"ExecutionStarted:0 MapStateEntered:0 MapStateStarted:2 MapRunStarted:3 MapRunFailed:4 MapStateFailed:5 "
			"ExecutionFailed:6 ExecutionRedriven:7 MapRunRedriven:8 MapRunFailed:9 MapStateFailed:10 "
			"ExecutionFailed:11 ExecutionRedriven:12 MapRunRedriven:13 MapRunSucceeded:14 MapStateSucceeded:15 "
			"MapStateExited:15 ExecutionSucceeded:17",
			"its history");
		unit_text(jv_to_text(jv_get(driver_events(&driver)->u.items[13 - 1 + 1], "mapRunRedrivenEventDetails")),
				  "{\"mapRunArn\":\"arn:aws:states:us-east-1:000000000000:mapRun:machine/Each-one-3ad09fec:"
				  "00000000-0000-4000-8000-000000000000\",\"redriveCount\":2}",
				  "and what it says");
	}
}

static void
test_names(void)
{
	unit_text(map_run_arn("arn:aws:states:r:1:stateMachine:M", "L", "u"), "arn:aws:states:r:1:mapRun:M/L:u", "an ARN");
	unit_text(map_run_arn("arn:aws:states:r:1:stateMachine:M/Outer", "L", "u"), "arn:aws:states:r:1:mapRun:M/L:u",
			  "of a Map in the child of a Map");
	unit_text(map_run_arn("arn:aws:states:r:1:stateMachine:M:3", "L", "u"), "arn:aws:states:r:1:mapRun:M/L:u",
			  "of a version");
}

int
main(void)
{
	test_inputs();
	test_failures();
	test_plan();
	test_redrive();
	test_names();
	return unit_done();
}
