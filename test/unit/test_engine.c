/*
 * test_engine.c
 *	  The engine: what AWS's history says of each thing that can happen, and that
 *	  nothing depends on whether an execution stays in memory between events.
 */
#include "unit/engine_driver.h"

#define FUNCTION(name) "'Type':'Task','Resource':'arn:aws:lambda:us-east-1:000000000000:function:" name "'"

/* A definition with single quotes, compiled. */
static AslMachine *
machine_of(const char *definition)
{
	char *text = pstrdup(definition);

	for (char *c = text; *c != '\0'; c++)
	{
		if (*c == '\'')
			*c = '"';
	}
	return driver_compile(text);
}

/* A definition of one state named S that ends. */
static AslMachine *
machine_of_state(const char *state)
{
	return machine_of(psprintf("{'StartAt':'S','States':{'S':{%s,'End':true}}}", state));
}

/* Functions: "fail" raises Oops, "slow" takes 100 s, "never" does not answer, "nameless" fails without error and cause,
 * "later" takes 5 s; all others give back their input. */
static double
run_function(Driver *driver, const Effect *effect, Event *answer)
{
	const char *name = strrchr(effect->task->resource.text, ':') + 1;

	(void) driver;
	answer->value = effect->parameters;
	if (strcmp(name, "fail") == 0 || strcmp(name, "nameless") == 0)
	{
		answer->kind = EVENT_TASK_FAILED;
		answer->error = name[0] == 'f' ? "Oops" : NULL;
		answer->cause = name[0] == 'f' ? "it broke" : NULL;
	}
	if (strcmp(name, "slow") == 0)
		return 100;
	if (strcmp(name, "later") == 0)
		return 5;
	if (strcmp(name, "never") == 0)
		return -1;
	return 0;
}

static void
begin(Driver *driver, AslMachine *machine, const char *input)
{
	char *text = pstrdup(input);

	for (char *c = text; *c != '\0'; c++)
	{
		if (*c == '\'')
			*c = '"';
	}
	driver_begin(driver, machine, text);
	driver->task = run_function;
}

/* "SUCCEEDED {...}", "FAILED error: cause". */
static char *
outcome(const Driver *driver)
{
	if (driver->x.status == EXECUTION_SUCCEEDED)
		return psprintf("SUCCEEDED %s", jv_to_text(driver->x.output));
	if (driver->x.error == NULL && driver->x.cause == NULL)
		return pstrdup(driver_status(driver));
	return psprintf("%s %s: %s", driver_status(driver), driver->x.error != NULL ? driver->x.error : "-",
					driver->x.cause != NULL ? driver->x.cause : "-");
}

/* Runs once in memory, then in all other ways; each must come to the same end. */
static void
check_run(Driver *driver, AslMachine *machine, const char *input, const char *expected, const char *events)
{
	char *history;

	if (machine == NULL)
		return;
	begin(driver, machine, input);
	driver_run(driver);
	unit_text(outcome(driver), expected, "outcome");
	if (events != NULL)
		unit_text(driver_event_types(driver, true), events, "events");
	history = pstrdup(driver->history.data);

	for (int way = 0; way < 6; way++)
	{
		Driver other;

		begin(&other, machine, input);
		other.restores = (way == 0 || way == 3);
		other.keeps_void = (way == 1);
		other.takes_last = (way == 2);
		other.moves = (way >= 4);
		other.yield_every = (way == 3 || way == 5) ? 1 : 0;
		driver_run(&other);
		unit_text(outcome(&other), expected, "outcome, way %d", way);
		if (way < 2 || way == 4)
			unit_text(other.history.data, history, "history, way %d", way);
	}
}

static void
test_pass(void)
{
	Driver driver;

	check_run(&driver,
			  machine_of(
				  "{'StartAt':'A','States':{'A':{'Type':'Pass','Result':{'a.$':1},'ResultPath':'$.r','Next':'B'},"
				  "'B':{'Type':'Pass','InputPath':'$.r','End':true}}}"),
			  "{'x':'\\u00e9'}", "SUCCEEDED {\"a.$\":1}",
			  "ExecutionStarted:0 PassStateEntered:0 PassStateExited:2 PassStateEntered:3 PassStateExited:4 "
			  "ExecutionSucceeded:5");
	begin(&driver, machine_of_state("'Type':'Pass'"), "{'a':'b'}");
	driver_run(&driver);
	unit_text(
		driver.history.data,
		"{\"id\":1,\"previousEventId\":0,\"timestamp\":1704067200.000,\"type\":\"ExecutionStarted\","
		"\"executionStartedEventDetails\":{\"input\":\"{\\\"a\\\":\\\"b\\\"}\",\"inputDetails\":{\"truncated\":false},"
		"\"roleArn\":\"arn:aws:iam::000000000000:role/sfn_role\"}},"
		"{\"id\":2,\"previousEventId\":0,\"timestamp\":1704067200.000,\"type\":\"PassStateEntered\","
		"\"stateEnteredEventDetails\":{\"name\":\"S\",\"input\":\"{\\\"a\\\":\\\"b\\\"}\","
		"\"inputDetails\":{\"truncated\":false}}},"
		"{\"id\":3,\"previousEventId\":2,\"timestamp\":1704067200.000,\"type\":\"PassStateExited\","
		"\"stateExitedEventDetails\":{\"name\":\"S\",\"output\":\"{\\\"a\\\":\\\"b\\\"}\","
		"\"outputDetails\":{\"truncated\":false}}},"
		"{\"id\":4,\"previousEventId\":3,\"timestamp\":1704067200.000,\"type\":\"ExecutionSucceeded\","
		"\"executionSucceededEventDetails\":{\"output\":\"{\\\"a\\\":\\\"b\\\"}\","
		"\"outputDetails\":{\"truncated\":false}}}",
		"the text of events");

	begin(&driver, machine_of_state("'Type':'Pass'"), "{'a':'b'}");
	driver.x.includes_data = false;
	driver_run(&driver);
	OK(strstr(driver.history.data, "input") == NULL && strstr(driver.history.data, "output") == NULL);

	begin(&driver, machine_of_state("'Type':'Pass'"), "{'a':'b'}");
	driver.x.keeps_history = false;
	driver_run(&driver);
	OK(driver.history.len == 0 && driver.x.last_event_id == 4);

	begin(&driver, machine_of_state("'Type':'Pass'"), "{'a':'b'}");
	driver.env.max_chunk_bytes = 10;
	driver_run(&driver);
	OK(driver_events(&driver)->count == 4 && driver.longest_chunk < 300);
}

static void
test_choice_and_fail(void)
{
	static const char *const choice =
		"{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':[{'Variable':'$.n','NumericGreaterThan':1,'Next':'Yes',"
		"'Assign':{'v':1}}],'Assign':{'v':2}%s},'Yes':{'Type':'Succeed'},'No':{'Type':'Fail','ErrorPath':'$.e','Cause':'c'}}}";
	Driver driver;

	check_run(&driver, machine_of(psprintf(choice, ",'Default':'No'")), "{'n':2}", "SUCCEEDED {\"n\":2}",
			  "ExecutionStarted:0 ChoiceStateEntered:0 ChoiceStateExited:2 SucceedStateEntered:3 SucceedStateExited:4 "
			  "ExecutionSucceeded:5");
	OK(strstr(driver.history.data, "\"assignedVariables\":{\"v\":\"1\"},\"assignedVariablesDetails\"") != NULL);
	check_run(&driver, machine_of(psprintf(choice, ",'Default':'No'")), "{'n':1,'e':'E'}", "FAILED E: c",
			  "ExecutionStarted:0 ChoiceStateEntered:0 ChoiceStateExited:2 FailStateEntered:3 ExecutionFailed:4");
	check_run(&driver, machine_of(psprintf(choice, ",'Default':'No'")), "{'n':1}",
			  "FAILED States.Runtime: An error occurred while executing the state 'No' (entered at the event id #4). "
			  "The JSONPath '$.e' specified for the field 'ErrorPath' could not be found in the input '{\"n\":1}'",
			  NULL);
	check_run(&driver,
			  machine_of("{'StartAt':'C','States':{'C':{'Type':'Choice','Choices':[{'Variable':'$.n','IsNull':true,"
						 "'Next':'Y'}]},'Y':{'Type':'Succeed'}}}"),
			  "{'n':1}",
			  "FAILED States.Runtime: An error occurred while executing the state 'C' (entered at the event id #2). "
			  "Failed to transition out of the state. The state does not point to a next state.",
			  "ExecutionStarted:0 ChoiceStateEntered:0 ExecutionFailed:2");
	check_run(&driver, machine_of("{'StartAt':'F','States':{'F':{'Type':'Fail'}}}"), "{}", "FAILED", NULL);
	OK(strstr(driver.history.data, "\"executionFailedEventDetails\":{}") != NULL);
}

static void
test_wait(void)
{
	Driver driver;

	check_run(&driver, machine_of_state("'Type':'Wait','Seconds':90"), "{'a':1}", "SUCCEEDED {\"a\":1}",
			  "ExecutionStarted:0 WaitStateEntered:0 WaitStateExited:2 ExecutionSucceeded:3");
	OK(driver.now == DRIVER_START_TIME + 90 * USECS_PER_SEC);
	check_run(&driver, machine_of_state("'Type':'Wait','TimestampPath':'$.t'"), "{'t':'2024-01-01T01:00:00+00:30'}",
			  "SUCCEEDED {\"t\":\"2024-01-01T01:00:00+00:30\"}", NULL);
	OK(driver.now == DRIVER_START_TIME + 1800 * USECS_PER_SEC);
	check_run(&driver, machine_of_state("'Type':'Wait','TimestampPath':'$.t'"), "{'t':'2092-01-19T03:14:07Z'}",
			  "SUCCEEDED {\"t\":\"2092-01-19T03:14:07Z\"}", NULL);
	check_run(&driver, machine_of_state("'Type':'Wait','TimestampPath':'$.t'"), "{'t':'2092-01-19T03:14:08Z'}",
			  "FAILED States.Runtime: An error occurred while executing the state 'S' (entered at the event id #2). "
			  "Wait state delay is too long.",
			  NULL);
	check_run(&driver, machine_of_state("'Type':'Wait','SecondsPath':'$.s'"), "{'s':-1}",
			  "FAILED States.Runtime: An error occurred while executing the state 'S' (entered at the event id #2). "
			  "The SecondsPath parameter references a negative value: $.s == -1",
			  NULL);
	check_run(&driver, machine_of_state("'Type':'Wait','SecondsPath':'$.s'"), "{'s':100000000}",
			  "FAILED States.Runtime: An error occurred while executing the state 'S' (entered at the event id #2). "
			  "Wait state delay is too long.",
			  NULL);
	check_run(&driver, machine_of_state("'Type':'Wait','SecondsPath':'$.s'"), "{'s':9e99}",
			  "FAILED States.Runtime: An error occurred while executing the state 'S' (entered at the event id #2). "
			  "The SecondsPath parameter cannot be parsed as a long value: $.s == 9e99",
			  NULL);
}

static void
test_task(void)
{
	Driver driver;

	check_run(&driver,
			  machine_of_state(FUNCTION("id") ",'TimeoutSeconds':5,'ResultSelector':{'r.$':'$.a'},'ResultPath':'$.x'"),
			  "{'a':1}", "SUCCEEDED {\"a\":1,\"x\":{\"r\":1}}",
			  "ExecutionStarted:0 TaskStateEntered:0 LambdaFunctionScheduled:2 LambdaFunctionStarted:3 "
			  "LambdaFunctionSucceeded:4 TaskStateExited:5 ExecutionSucceeded:6");
	OK(strstr(driver.history.data, "\"timeoutInSeconds\":5") != NULL);

	check_run(&driver, machine_of_state(FUNCTION("slow") ",'TimeoutSeconds':7"), "{}", "FAILED States.Timeout: -",
			  "ExecutionStarted:0 TaskStateEntered:0 LambdaFunctionScheduled:2 LambdaFunctionStarted:3 "
			  "LambdaFunctionTimedOut:4 ExecutionFailed:5");
	OK(driver.now == DRIVER_START_TIME + 7 * USECS_PER_SEC);

	check_run(&driver, machine_of_state(FUNCTION("fail")), "{}", "FAILED Oops: it broke", NULL);
	check_run(&driver, machine_of_state("'Type':'Task','Resource':'sql:shop.charge','Parameters':{'b.$':'$.a'}"),
			  "{'a':7}", "SUCCEEDED {\"b\":7}", NULL);
	OK(strstr(driver.history.data,
			  "\"taskScheduledEventDetails\":{\"resourceType\":\"sql\",\"resource\":\"shop.charge\","
			  "\"region\":\"us-east-1\",\"parameters\":\"{\\\"b\\\":7}\"}") != NULL);
	check_run(&driver, machine_of_state(FUNCTION("id") ",'TimeoutSecondsPath':'$.t'"), "{'t':0}",
			  "FAILED States.Runtime: An error occurred while executing the state 'S' (entered at the event id #2). "
			  "TimeoutSeconds must be between 1 and 99999999.",
			  NULL);
}

static void
test_retry(void)
{
	Driver driver;

	check_run(&driver,
			  machine_of_state(
				  FUNCTION("fail") ",'Retry':[{'ErrorEquals':['Other']},{'ErrorEquals':['Oops'],"
								   "'IntervalSeconds':2,'MaxAttempts':3,'BackoffRate':3,'MaxDelaySeconds':10}]"),
			  "{}", "FAILED Oops: it broke",
			  "ExecutionStarted:0 TaskStateEntered:0 LambdaFunctionScheduled:2 LambdaFunctionStarted:3 "
			  "LambdaFunctionFailed:4 LambdaFunctionScheduled:5 LambdaFunctionStarted:6 LambdaFunctionFailed:7 "
			  "LambdaFunctionScheduled:8 LambdaFunctionStarted:9 LambdaFunctionFailed:10 LambdaFunctionScheduled:11 "
			  "LambdaFunctionStarted:12 LambdaFunctionFailed:13 ExecutionFailed:14");
	OK(driver.now == DRIVER_START_TIME + (2 + 6 + 10) * USECS_PER_SEC);

	check_run(&driver,
			  machine_of_state(FUNCTION("slow") ",'TimeoutSeconds':3,'Retry':[{'ErrorEquals':['States.TaskFailed']},"
												"{'ErrorEquals':['States.Timeout'],'MaxAttempts':1}]"),
			  "{}", "FAILED States.Timeout: -", NULL);
	OK(driver.now == DRIVER_START_TIME + (3 + 1 + 3) * USECS_PER_SEC);

	begin(&driver,
		  machine_of_state(FUNCTION("fail") ",'Retry':[{'ErrorEquals':['States.ALL'],'IntervalSeconds':10,"
											"'MaxAttempts':1,'JitterStrategy':'FULL'}]"),
		  "{}");
	driver.random_value = 0.25;
	driver_run(&driver);
	OK(driver.now == DRIVER_START_TIME + 2500000);
}

static void
test_catch(void)
{
	static const char *const caught =
		"{'StartAt':'T','States':{'T':{%s,'ResultPath':null,'OutputPath':'$.none','Catch':[%s],'Next':'N'},"
		"'N':{'Type':'Pass','End':true},'C':{'Type':'Pass','End':true}}}";
	static const char *const all = "{'ErrorEquals':['States.ALL'],'ResultPath':'$.e','Next':'C'}";
	Driver driver;

	check_run(&driver, machine_of(psprintf(caught, FUNCTION("fail"), all)), "{'a':1}",
			  "SUCCEEDED {\"a\":1,\"e\":{\"Error\":\"Oops\",\"Cause\":\"it broke\"}}",
			  "ExecutionStarted:0 TaskStateEntered:0 LambdaFunctionScheduled:2 LambdaFunctionStarted:3 "
			  "LambdaFunctionFailed:4 TaskStateExited:5 PassStateEntered:6 PassStateExited:7 ExecutionSucceeded:8");
	check_run(&driver, machine_of(psprintf(caught, FUNCTION("nameless"), all)), "{}",
			  "SUCCEEDED {\"e\":{\"Error\":null,\"Cause\":null}}", NULL);
	check_run(&driver, machine_of(psprintf(caught, FUNCTION("slow") ",'TimeoutSeconds':1", all)), "{}",
			  "SUCCEEDED {\"e\":{\"Error\":\"States.Timeout\",\"Cause\":\"\"}}", NULL);
	check_run(&driver,
			  machine_of(psprintf(caught, FUNCTION("never") ",'TimeoutSeconds':9,'HeartbeatSeconds':2",
								  "{'ErrorEquals':['States.HeartbeatTimeout'],'Next':'C'}")),
			  "{}", "SUCCEEDED {\"Error\":\"States.Timeout\",\"Cause\":\"\"}", NULL);
	check_run(&driver,
			  machine_of(psprintf(caught, FUNCTION("never") ",'TimeoutSeconds':9",
								  "{'ErrorEquals':['States.HeartbeatTimeout'],'Next':'C'}")),
			  "{}", "FAILED States.Timeout: -", NULL);
	check_run(&driver, machine_of(psprintf(caught, FUNCTION("id") ",'Parameters':{'x.$':'$.no'}", all)), "{}",
			  "FAILED States.Runtime: An error occurred while executing the state 'T' (entered at the event id #2). "
			  "The JSONPath '$.no' specified for the field 'x.$' could not be found in the input '{}'",
			  NULL);
	check_run(&driver,
			  machine_of(psprintf(caught, FUNCTION("fail"),
								  "{'ErrorEquals':['States.TaskFailed'],'Assign':{'v.$':'$.Cause'},"
								  "'ResultPath':null,'Next':'C'}")),
			  "{'k':0}", "SUCCEEDED {\"k\":0}", NULL);
	OK(strstr(driver.history.data, "\"assignedVariables\":{\"v\":\"\\\"it broke\\\"\"}") != NULL);
}

static void
test_parallel(void)
{
	Driver driver;

	check_run(
		&driver,
		machine_of("{'StartAt':'P','States':{'P':{'Type':'Parallel','Branches':["
				   "{'StartAt':'A','States':{'A':{'Type':'Wait','Seconds':3,'End':true}}},"
				   "{'StartAt':'B','States':{'B':{'Type':'Pass','Result':2,'End':true}}}],'End':true}}}"),
		"1", "SUCCEEDED [1,2]",
		"ExecutionStarted:0 ParallelStateEntered:0 ParallelStateStarted:2 WaitStateEntered:3 PassStateEntered:3 "
		"PassStateExited:5 WaitStateExited:4 ParallelStateSucceeded:7 ParallelStateExited:7 ExecutionSucceeded:9");

	check_run(
		&driver,
		machine_of(
			"{'StartAt':'P','States':{'P':{'Type':'Parallel','Branches':["
			"{'StartAt':'A','States':{'A':{" FUNCTION("later") ",'Next':'F'},'F':{" FUNCTION(
				"fail") ",'End':true}}},"
						"{'StartAt':'B','States':{'B':{" FUNCTION(
							"never") ",'TimeoutSeconds':99,'End':true}}},"
									 "{'StartAt':'W','States':{'W':{'Type':'Wait','Seconds':50,'End':true}}}],"
									 "'Catch':[{'ErrorEquals':['Oops'],'Next':'C'}],'End':true},'C':{'Type':'Pass','End':true}}}"),
		"{}", "SUCCEEDED {\"Error\":\"Oops\",\"Cause\":\"it broke\"}",
		"ExecutionStarted:0 ParallelStateEntered:0 ParallelStateStarted:2 TaskStateEntered:3 "
		"LambdaFunctionScheduled:4 LambdaFunctionStarted:5 TaskStateEntered:3 LambdaFunctionScheduled:7 "
		"LambdaFunctionStarted:8 WaitStateEntered:3 LambdaFunctionSucceeded:6 TaskStateExited:11 TaskStateEntered:12 "
		"LambdaFunctionScheduled:13 LambdaFunctionStarted:14 LambdaFunctionFailed:15 TaskStateAborted:16 "
		"TaskStateAborted:16 WaitStateAborted:16 ParallelStateFailed:16 ParallelStateExited:20 PassStateEntered:21 "
		"PassStateExited:22 ExecutionSucceeded:23");
	OK(driver.pending == NULL || driver.keeps_void);

	check_run(&driver,
			  machine_of("{'StartAt':'P','States':{'P':{'Type':'Parallel','Branches':[{'StartAt':'A','States':"
						 "{'A':{" FUNCTION("fail") ",'End':true}}}],'Retry':[{'ErrorEquals':['Oops'],'MaxAttempts':1}],"
												   "'End':true}}}"),
			  "{}", "FAILED Oops: it broke",
			  "ExecutionStarted:0 ParallelStateEntered:0 ParallelStateStarted:2 TaskStateEntered:3 "
			  "LambdaFunctionScheduled:4 LambdaFunctionStarted:5 LambdaFunctionFailed:6 TaskStateAborted:7 "
			  "ParallelStateStarted:7 TaskStateEntered:9 LambdaFunctionScheduled:10 LambdaFunctionStarted:11 "
			  "LambdaFunctionFailed:12 TaskStateAborted:13 ParallelStateFailed:13 ExecutionFailed:15");
}

static void
test_map(void)
{
	static const char *const map =
		"{'StartAt':'M','States':{'M':{'Type':'Map','ItemsPath':'$.items','MaxConcurrency':%d,%s'ItemProcessor':{'StartAt':'I',"
		"'States':{'I':{%s,'End':true}}},'End':true}}}";
	Driver driver;

	check_run(&driver, machine_of(psprintf(map, 1, "", "'Type':'Pass'")), "{'items':[]}", "SUCCEEDED []",
			  "ExecutionStarted:0 MapStateEntered:0 MapStateStarted:2 MapStateSucceeded:3 MapStateExited:3 "
			  "ExecutionSucceeded:5");
	check_run(&driver, machine_of(psprintf(map, 1, "", FUNCTION("id"))), "{'items':[1,2]}", "SUCCEEDED [1,2]", NULL);
	check_run(&driver, machine_of(psprintf(map, 2, "", "'Type':'Pass'")), "{'items':[1,2,3]}", "SUCCEEDED [1,2,3]",
			  "ExecutionStarted:0 MapStateEntered:0 MapStateStarted:2 MapIterationStarted:3 MapIterationStarted:3 "
			  "PassStateEntered:4 PassStateExited:6 MapIterationSucceeded:7 MapIterationStarted:7 PassStateEntered:5 "
			  "PassStateExited:10 MapIterationSucceeded:11 PassStateEntered:9 PassStateExited:13 "
			  "MapIterationSucceeded:14 MapStateSucceeded:15 MapStateExited:15 ExecutionSucceeded:17");
	check_run(
		&driver,
		machine_of(psprintf(map, 2, "'ItemSelector':{'i.$':'$$.Map.Item.Index','v.$':'$$.Map.Item.Value','k.$':'$.k'},",
							FUNCTION("later") ",'Parameters':{'again.$':'$$.Map.Item.Value','all.$':'$'}")),
		"{'items':['a','b','c'],'k':0}",
		"SUCCEEDED [{\"again\":\"a\",\"all\":{\"i\":0,\"v\":\"a\",\"k\":0}},{\"again\":\"b\",\"all\":{\"i\":1,\"v\":\"b\",\"k\":0}},"
		"{\"again\":\"c\",\"all\":{\"i\":2,\"v\":\"c\",\"k\":0}}]",
		NULL);
	check_run(&driver, machine_of(psprintf(map, 3, "", FUNCTION("fail"))), "{'items':[1,2]}", "FAILED Oops: it broke",
			  "ExecutionStarted:0 MapStateEntered:0 MapStateStarted:2 MapIterationStarted:3 MapIterationStarted:3 "
			  "TaskStateEntered:4 LambdaFunctionScheduled:6 LambdaFunctionStarted:7 TaskStateEntered:5 "
			  "LambdaFunctionScheduled:9 LambdaFunctionStarted:10 LambdaFunctionFailed:8 MapIterationFailed:12 "
			  "MapIterationAborted:12 TaskStateAborted:12 TaskStateAborted:12 MapStateFailed:12 ExecutionFailed:17");
	check_run(&driver, machine_of(psprintf(map, 1, "", "'Type':'Pass'")), "{'items':5}",
			  "FAILED States.Runtime: An error occurred while executing the state 'M' (entered at the event id #2). "
			  "Reference path \"$.items\" must point to array.",
			  "ExecutionStarted:0 MapStateEntered:0 ExecutionFailed:2");
	check_run(&driver, machine_of(psprintf(map, 1, "'ItemSelector':{'x.$':'$$.Map.Item.Value.x'},", "'Type':'Pass'")),
			  "{'items':[{'x':1},{'x':2}]}", "SUCCEEDED [{\"x\":1},{\"x\":2}]", NULL);
	check_run(
		&driver, machine_of(psprintf(map, 1, "'ItemSelector':{'x.$':'$.no[0].x'},", "'Type':'Pass'")), "{'items':[1]}",
		"FAILED States.Runtime: An error occurred while executing the state 'M' (entered at the event id #2). "
		"The JSONPath '$.no[0].x' specified for the field 'x.$' could not be found in the input '{\"items\":[1]}'",
		"ExecutionStarted:0 MapStateEntered:0 MapStateStarted:2 ExecutionFailed:3");
}

/* A Map in a Parallel in a Map: everything rises and falls through the levels. */
static void
test_nesting(void)
{
	static const char *const nested =
		"{'StartAt':'M','States':{'M':{'Type':'Map','MaxConcurrency':2,'ItemProcessor':{'StartAt':'P','States':{"
		"'P':{'Type':'Parallel','Branches':[{'StartAt':'N','States':{'N':{'Type':'Map','ItemsPath':'$.in',"
		"'ItemProcessor':{'StartAt':'T','States':{'T':{%s,'End':true}}},'End':true}}},"
		"{'StartAt':'W','States':{'W':{'Type':'Wait','Seconds':2,'End':true}}}],'ResultSelector':{'r.$':'$[0]'},'End':true}}},"
		"'End':true}}}";
	Driver driver;

	check_run(&driver, machine_of(psprintf(nested, FUNCTION("later"))), "[{'in':[1,2]},{'in':[]},{'in':[3]}]",
			  "SUCCEEDED [{\"r\":[1,2]},{\"r\":[]},{\"r\":[3]}]", NULL);
	check_run(&driver, machine_of(psprintf(nested, FUNCTION("fail"))), "[{'in':[1,2]}]", "FAILED Oops: it broke",
			  "ExecutionStarted:0 MapStateEntered:0 MapStateStarted:2 MapIterationStarted:3 ParallelStateEntered:4 "
			  "ParallelStateStarted:5 MapStateEntered:6 MapStateStarted:7 MapIterationStarted:8 MapIterationStarted:8 "
			  "WaitStateEntered:6 TaskStateEntered:9 LambdaFunctionScheduled:12 LambdaFunctionStarted:13 "
			  "TaskStateEntered:10 LambdaFunctionScheduled:15 LambdaFunctionStarted:16 LambdaFunctionFailed:14 "
			  "MapIterationFailed:18 MapIterationAborted:18 TaskStateAborted:18 TaskStateAborted:18 MapStateFailed:18 "
			  "MapStateAborted:23 WaitStateAborted:23 ParallelStateFailed:23 MapIterationFailed:26 "
			  "ParallelStateAborted:26 MapStateFailed:26 ExecutionFailed:29");
}

static void
test_variables(void)
{
	Driver driver;

	check_run(&driver,
			  machine_of(
				  "{'StartAt':'A','States':{'A':{'Type':'Pass','Assign':{'x':1,'y.$':'$.in'},'Next':'B'},"
				  "'B':{'Type':'Pass','Assign':{'x.$':'$y','y.$':'$x'},'Next':'M'},"
				  "'M':{'Type':'Map','ItemsPath':'$.items','ItemProcessor':{'StartAt':'I','States':{"
				  "'I':{'Type':'Pass','Assign':{'own.$':'$'},'Next':'J'},"
				  "'J':{" FUNCTION(
					  "later") ",'Parameters':{'x.$':'$x','own.$':'$own'},'End':true}}},"
							   "'Assign':{'m.$':'$[1].own'},'Next':'E'},"
							   "'E':{'Type':'Pass','Parameters':{'all.$':'$','m.$':'$m','y.$':'$y'},'End':true}}}"),
			  "{'in':'I','items':[10,20]}",
			  "SUCCEEDED {\"all\":[{\"x\":\"I\",\"own\":10},{\"x\":\"I\",\"own\":20}],\"m\":20,\"y\":1}", NULL);
}

static void
test_context(void)
{
	Driver driver;

	check_run(&driver,
			  machine_of_state(
				  FUNCTION("fail") ",'Retry':[{'ErrorEquals':['Oops'],'MaxAttempts':1}],"
								   "'Parameters':{'n.$':'$$.State.RetryCount','t.$':'$$.State.EnteredTime'}"),
			  "{}", "FAILED Oops: it broke", NULL);
	OK(strstr(driver.history.data, "{\\\"n\\\":0,\\\"t\\\":\\\"2024-01-01T00:00:00Z\\\"}") != NULL);
	OK(strstr(driver.history.data, "{\\\"n\\\":1,\\\"t\\\":\\\"2024-01-01T00:00:00Z\\\"}") != NULL);
}

/* ---- activities and tokens ---- */

static Event
task_event(EventKind kind)
{
	Event event = {.kind = kind, .branch = 0, .visit = 1};

	return event;
}

/* Until the first task waits for somebody outside; between events the execution is only what is stored of it. */
static void
begin_outside(Driver *driver, AslMachine *machine)
{
	Event start = {.kind = EVENT_START};

	begin(driver, machine, "{}");
	driver->task = NULL;
	driver->restores = true;
	driver_deliver(driver, &start);
}

static void
test_activity(void)
{
	AslMachine *machine =
		machine_of_state("'Type':'Task','Resource':'arn:aws:states:us-east-1:000000000000:activity:a',"
						 "'TimeoutSeconds':60,'HeartbeatSeconds':10");
	Event started = task_event(EVENT_TASK_STARTED);
	Event heartbeat = task_event(EVENT_TASK_HEARTBEAT);
	Driver driver;

	begin_outside(&driver, machine);
	OK(driver.pending == NULL && engine_awaits(&driver.x, 0, 1, 0));
	OK(!driver_deliver(&driver, &(Event){.kind = EVENT_TASK_SUBMITTED, .visit = 1}));

	started.text = "worker";
	OK(driver_deliver(&driver, &started));
	OK(!driver_deliver(&driver, &started));
	driver.now += 9 * USECS_PER_SEC;
	OK(driver_deliver(&driver, &heartbeat));
	while (driver.x.status == EXECUTION_RUNNING && driver_step(&driver))
		;
	unit_text(outcome(&driver), "FAILED States.Timeout: -", "a heartbeat was missed");
	OK(driver.now == DRIVER_START_TIME + 19 * USECS_PER_SEC);
	unit_text(driver_event_types(&driver, true),
			  "ExecutionStarted:0 TaskStateEntered:0 ActivityScheduled:2 ActivityStarted:3 ActivityTimedOut:4 "
			  "ExecutionFailed:5",
			  "events of an activity");
	OK(strstr(driver.history.data, "\"timeoutInSeconds\":60,\"heartbeatInSeconds\":10") != NULL);
	OK(strstr(driver.history.data, "{\"workerName\":\"worker\"}") != NULL);
	OK(!engine_awaits(&driver.x, 0, 1, 0));
}

static void
test_callback(void)
{
	AslMachine *machine =
		machine_of_state("'Type':'Task','Resource':'arn:aws:states:::sqs:sendMessage.waitForTaskToken',"
						 "'Parameters':{'QueueUrl':'q','MessageBody':{'t.$':'$$.Task.Token'}}");
	Event submitted = task_event(EVENT_TASK_SUBMITTED);
	Event done = task_event(EVENT_TASK_SUCCEEDED);
	Driver driver;

	begin_outside(&driver, machine);
	OK(strstr(driver.history.data, "{\\\"t\\\":\\\"token-0-1-0\\\"}") != NULL);
	unit_text(driver.x.main->task_token, "token-0-1-0", "the token is kept");
	submitted.value = unit_json("{'MessageId':'m'}");
	OK(driver_deliver(&driver, &submitted));
	done.value = unit_json("[7]");
	done.attempt = 1;
	OK(!driver_deliver(&driver, &done));
	done.attempt = 0;
	OK(driver_deliver(&driver, &done));
	unit_text(outcome(&driver), "SUCCEEDED [7]", "a callback");
	unit_text(driver_event_types(&driver, true),
			  "ExecutionStarted:0 TaskStateEntered:0 TaskScheduled:2 TaskStarted:3 TaskSubmitted:4 TaskSucceeded:5 "
			  "TaskStateExited:6 ExecutionSucceeded:7",
			  "events of a callback");
}

static bool
refuse_task(EngineEnv *env, Execution *execution, const TaskState *task, SfnError *error)
{
	(void) env;
	(void) execution;
	return sfn_error(error, ERROR_RUNTIME, "The activity %s does not exist.", task->resource.name);
}

static void
test_unknown_activity(void)
{
	Driver driver;

	begin(&driver, machine_of_state("'Type':'Task','Resource':'arn:aws:states:us-east-1:000000000000:activity:a'"),
		  "{}");
	driver.env.can_schedule = refuse_task;
	driver_run(&driver);
	unit_text(driver_event_types(&driver, true), "ExecutionStarted:0 TaskStateEntered:0 ExecutionFailed:2",
			  "events of an unknown activity");
}

/* ---- ends from outside ---- */

static void
test_ends(void)
{
	AslMachine *machine =
		machine_of("{'StartAt':'P','TimeoutSeconds':5,'States':{'P':{'Type':'Parallel','Branches':[{'StartAt':'W',"
				   "'States':{'W':{'Type':'Wait','Seconds':60,'Next':'X'},'X':{'Type':'Pass','End':true}}}],"
				   "'End':true}}}");
	Event start = {.kind = EVENT_START};
	Event stop = {.kind = EVENT_STOP, .error = "E", .cause = "why"};
	Event deleted = {.kind = EVENT_MACHINE_DELETED};
	Driver driver;

	begin(&driver, machine, "{}");
	driver_run(&driver);
	unit_text(outcome(&driver), "TIMED_OUT", "the machine's timeout");
	OK(strstr(driver.history.data, "\"executionTimedOutEventDetails\":{\"error\":\"States.Timeout\"}") != NULL);
	OK(driver.now == DRIVER_START_TIME + 5 * USECS_PER_SEC && driver.x.main->status == BRANCH_GONE);

	begin(&driver, machine, "{}");
	driver.restores = true;
	driver_deliver(&driver, &start);
	OK(!driver_deliver(&driver, &start));
	OK(driver_deliver(&driver, &stop));
	unit_text(outcome(&driver), "ABORTED E: why", "stopped");
	unit_text(driver_event_types(&driver, true),
			  "ExecutionStarted:0 ParallelStateEntered:0 ParallelStateStarted:2 WaitStateEntered:3 ExecutionAborted:0",
			  "events of a stop");
	OK(!driver_deliver(&driver, &stop));

	begin(&driver, machine, "{}");
	OK(driver_deliver(&driver, &stop));
	OK(!driver_deliver(&driver, &start));
	unit_text(driver_event_types(&driver, true), "ExecutionStarted:0 ExecutionAborted:0", "stopped before it began");

	begin(&driver,
		  machine_of(
			  "{'StartAt':'W','States':{'W':{'Type':'Wait','Seconds':60,'Next':'X'},'X':{'Type':'Pass','End':true}}}"),
		  "{}");
	driver.restores = true;
	driver_deliver(&driver, &start);
	OK(driver_deliver(&driver, &deleted));
	OK(!driver_deliver(&driver, &deleted));
	driver_step(&driver);
	unit_text(outcome(&driver), "FAILED States.Runtime: State machine machine has been deleted", "deleted");
	unit_text(driver_event_types(&driver, true),
			  "ExecutionStarted:0 WaitStateEntered:0 WaitStateExited:2 ExecutionFailed:3", "events of a deletion");

	begin(&driver, machine, "{}");
	driver_deliver(&driver, &start);
	engine_fail(&driver.x, "States.Runtime", "three times over", &driver.env);
	driver_take_history(&driver);
	unit_text(outcome(&driver), "FAILED States.Runtime: three times over", "failed by the runtime");
	OK(driver_events(&driver)->count == 5);
}

static void
test_history_limit(void)
{
	AslMachine *loop =
		machine_of("{'StartAt':'A','States':{'A':{'Type':'Pass','Next':'B'},'B':{'Type':'Choice',"
				   "'Choices':[{'Variable':'$','IsPresent':true,'Next':'A'}],'Default':'E'},'E':{'Type':'Succeed'}}}");
	AslMachine *chain =
		machine_of("{'StartAt':'A','States':{'A':{'Type':'Pass','Next':'B'},'B':{'Type':'Pass','End':true}}}");
	Driver driver;

	for (int limit = 20; limit < 24; limit++)
	{
		begin(&driver, loop, "{}");
		driver.env.max_history_events = limit;
		driver_run(&driver);
		unit_text(outcome(&driver),
				  psprintf("FAILED States.Runtime: The execution reached the maximum number of history "
						   "events (%d).",
						   limit),
				  "history limit");
		OK(driver_events(&driver)->count == limit && driver.x.last_event_id == limit);
	}
	begin(&driver, chain, "{}");
	driver.env.max_history_events = 6;
	driver_run(&driver);
	unit_text(outcome(&driver), "SUCCEEDED {}", "the last event fits");
	begin(&driver, chain, "{}");
	driver.env.max_history_events = 5;
	driver_run(&driver);
	unit_text(driver_event_types(&driver, false),
			  "ExecutionStarted PassStateEntered PassStateExited PassStateEntered ExecutionFailed", "one too few");
}

static void
test_data_limit(void)
{
	Driver driver;
	char *large = palloc(300000);
	const char *cause =
		"The state/task '%s' returned a result with a size exceeding the maximum number of bytes service limit.";

	memset(large, 'x', 200000);
	large[0] = large[199999] = '"';
	large[200000] = '\0';
	check_run(&driver, machine_of_state("'Type':'Pass','Parameters':{'a.$':'$','b.$':'$'}"), large,
			  psprintf("FAILED States.DataLimitExceeded: %s", psprintf(cause, "S")),
			  "ExecutionStarted:0 PassStateEntered:0 ExecutionFailed:2");
	check_run(&driver,
			  machine_of(
				  "{'StartAt':'M','States':{'M':{'Type':'Map','ItemSelector':{'v.$':'$'},'ItemProcessor':"
				  "{'StartAt':'I','States':{'I':{'Type':'Pass','End':true}}},'Catch':[{'ErrorEquals':['States.ALL'],"
				  "'Next':'C'}],'End':true},'C':{'Type':'Pass','End':true}}}"),
			  psprintf("[%s,1]", large), psprintf("FAILED States.DataLimitExceeded: %s", psprintf(cause, "M")), NULL);
	/* 2^40 shared parts are not walked one by one. */
	check_run(&driver,
			  machine_of("{'StartAt':'A','States':{'A':{'Type':'Pass','Parameters':{'a.$':'$','b.$':'$','c.$':'$',"
						 "'d.$':'$'},'Next':'A2'},'A2':{'Type':'Choice','Choices':[{'Variable':'$','IsPresent':true,"
						 "'Next':'A'}],'Default':'E'},'E':{'Type':'Succeed'}}}"),
			  "1", psprintf("FAILED States.DataLimitExceeded: %s", psprintf(cause, "A")), NULL);
	check_run(&driver,
			  machine_of(
				  "{'StartAt':'A','States':{'A':{'Type':'Pass','Parameters':{'a.$':'$'},'Next':'A2'},"
				  "'A2':{'Type':'Choice','Choices':[{'Variable':'$','IsPresent':true,'Next':'A'}],'Default':'E'},"
				  "'E':{'Type':'Succeed'}}}"),
			  "1",
			  "FAILED States.Runtime: An error occurred while executing the state 'A' (entered at the event id #4002). "
			  "The output is nested more than 1000 levels deep.",
			  NULL);
}

/* ---- size ---- */

static void
test_many_items(void)
{
	static const char *const map =
		"{'StartAt':'M','States':{'M':{'Type':'Map','ItemSelector':{'v.$':'$$.Map.Item.Value'},'MaxConcurrency':%d,"
		"'ItemProcessor':{'StartAt':'I','States':{'I':{%s,'End':true}}},'End':true}}}";
	StringInfoData input;
	Driver driver;

	initStringInfo(&input);
	for (int i = 0; i < 10000; i++)
		appendStringInfo(&input, i == 0 ? "[%d" : ",%d", i);
	appendStringInfoChar(&input, ']');
	for (int way = 0; way < 3; way++)
	{
		begin(&driver, machine_of(psprintf(map, way == 2 ? 1000 : 0, way == 0 ? "'Type':'Pass'" : FUNCTION("id"))),
			  input.data);
		driver.env.max_history_events = 1000000;
		driver.env.max_map_concurrency = way == 2 ? 1000 : 40;
		driver_run(&driver);
		unit_text(driver_status(&driver), "SUCCEEDED", "10,000 items, way %d", way);
		OK(driver.x.output != NULL && driver.x.output->count == 10000);
		OK(driver.x.output != NULL && strcmp(jv_to_text(driver.x.output->u.items[9999]), "{\"v\":9999}") == 0);
		unit_reset_memory();
		initStringInfo(&input);
		for (int i = 0; i < 10000; i++)
			appendStringInfo(&input, i == 0 ? "[%d" : ",%d", i);
		appendStringInfoChar(&input, ']');
	}
}

/* ---- images ---- */

static void
test_images(void)
{
	static const char *const bad[] = {
		"",
		"{}",
		"[]",
		"1",
		"{'status':'WAITING'}",
		"{'status':'GONE','state':'S'}",
		"{'status':'READY','state':'X'}",
		"{'status':'READY','state':'I'}",
		"{'status':'READY','state':'S','visit':-1}",
		"{'status':'READY','state':'S','visit':99999999999}",
		"{'status':'READY','state':'S','visit':'1'}",
		"{'status':'READY','state':'S','retries':[1,2]}",
		"{'status':'READY','state':'S','retries':[-1]}",
		"{'status':'WAITING','state':'S','total':2,'begun':3}",
		"{'status':'WAITING','state':'S','total':1,'begun':1,'ended':2}",
		"{'status':'WAITING','state':'T','total':1}",
		"{'status':'WAITING','state':'S','timers':1}",
		"{'status':'WAITING','state':'S','token':1}",
		"{'status':'WAITING','state':'S','time':9e99}",
		"{'status':'WAITING','state':'S','last':1.5}",
	};
	AslMachine *machine =
		machine_of("{'StartAt':'S','States':{'S':{'Type':'Map','ItemProcessor':{'StartAt':'I','States':{"
				   "'I':{'Type':'Pass','End':true}}},'Retry':[{'ErrorEquals':['x']}],'Next':'T'},"
				   "'T':{'Type':'Pass','End':true}}}");
	const char *full =
		"{\"status\":\"DELAYED\",\"state\":\"S\",\"visit\":3,\"attempt\":2,\"entered\":7,\"after\":6,\"last\":9,"
		"\"time\":-5,\"retries\":[2],\"started\":true,\"token\":\"t\\\"\",\"heartbeat\":77,\"total\":5,\"begun\":4,\"ended\":3,"
		"\"lastChild\":8,\"timers\":true}";
	SfnError error = {0};
	Driver driver;
	Branch *branch;
	StringInfoData image;

	for (int i = 0; i < (int) lengthof(bad); i++)
	{
		const char *text = bad[i][0] == '\0' ? "" : jv_to_text(unit_json(bad[i]));

		begin(&driver, machine, "{}");
		branch = branch_attach(&driver.x, NULL, 0, 0);
		unit_check(!branch_image_restore(&driver.x, branch, text, strlen(text), &error), "refused: %s", bad[i]);
		OK(!engine_deliver(&driver.x, &(Event){.kind = EVENT_CONTINUE}, &driver.env));
	}

	begin(&driver, machine, "{}");
	branch = branch_attach(&driver.x, NULL, 0, 0);
	OK(branch_image_restore(&driver.x, branch, full, strlen(full), &error));
	initStringInfo(&image);
	branch_image_print(&image, branch);
	unit_text(image.data, full, "an image is printed as it was read");
}

/* ---- statuses ---- */

/* Rows of sfn.execution hold these numbers. */
static void
test_statuses(void)
{
	static const char *const names[] = {"RUNNING", "SUCCEEDED", "FAILED", "TIMED_OUT", "ABORTED", "PENDING_REDRIVE"};

	for (int i = 0; i < (int) lengthof(names); i++)
	{
		unit_text(execution_status_name(i + 1), names[i], "status %d", i + 1);
		OK(execution_status_of_name(names[i]) == i + 1);
	}
	OK(execution_status_of_name("running") == 0 && execution_status_of_name("") == 0);
}

int
main(void)
{
	static void (*const tests[])(void) = {
		test_pass,       test_choice_and_fail,
		test_wait,       test_task,
		test_retry,      test_catch,
		test_parallel,   test_map,
		test_nesting,    test_variables,
		test_context,    test_activity,
		test_callback,   test_unknown_activity,
		test_ends,       test_history_limit,
		test_data_limit, test_many_items,
		test_images,     test_statuses,
	};

	for (int i = 0; i < (int) lengthof(tests); i++)
	{
		tests[i]();
		unit_reset_memory();
	}
	return unit_done();
}
