/*
 * test_execution_event.c
 *	  The event that tells how an execution stands: its shape, its id, what is left out.
 */
#include "unit/unit.h"

#include "base/timestamps.h"
#include "events/execution_event.h"

static TimestampTz
moment_of(const char *text)
{
	TimestampTz moment;

	if (!timestamp_parse(text, (int) strlen(text), &moment))
		abort();
	return moment;
}

static ExecutionEventFacts
some_facts(void)
{
	return (ExecutionEventFacts){.region = "us-east-1",
								 .account = "000000000000",
								 .execution_arn = "arn:aws:states:us-east-1:000000000000:execution:m:e",
								 .machine_arn = "arn:aws:states:us-east-1:000000000000:stateMachine:m",
								 .name = "e",
								 .status = "SUCCEEDED",
								 .execution_id = 7,
								 .start_date = moment_of("2026-11-28T06:16:01.25Z"),
								 .stop_date = moment_of("2026-11-28T06:16:02.999Z"),
								 .input = "{\"a\": \"x\"}",
								 .output = "1",
								 .shows_data = true};
}

static void
check_shape(void)
{
	ExecutionEventFacts facts = some_facts();

	unit_text(
		jv_to_text(execution_event(&facts)),
		"{\"version\":\"0\",\"id\":\"fdffdafc-61de-5175-a184-c2050ba3f7e9\",\"detail-type\":\"Step Functions Execution Status Change\","
		"\"source\":\"aws.states\",\"account\":\"000000000000\",\"time\":\"2026-11-28T06:16:02Z\",\"region\":\"us-east-1\","
		"\"resources\":[\"arn:aws:states:us-east-1:000000000000:execution:m:e\"],\"detail\":{\"executionArn\":"
		"\"arn:aws:states:us-east-1:000000000000:execution:m:e\",\"stateMachineArn\":"
		"\"arn:aws:states:us-east-1:000000000000:stateMachine:m\",\"name\":\"e\",\"status\":\"SUCCEEDED\","
		"\"startDate\":1795846561250,\"stopDate\":1795846562999,\"input\":\"{\\\"a\\\": \\\"x\\\"}\",\"output\":\"1\","
		"\"stateMachineVersionArn\":null,\"stateMachineAliasArn\":null,\"redriveCount\":0,\"redriveDate\":null,"
		"\"redriveStatus\":null,\"redriveStatusReason\":null,\"inputDetails\":{\"included\":true},\"outputDetails\":"
		"{\"included\":true},\"error\":null,\"cause\":null}}",
		"an execution that succeeded");
}

/* The same change has the same id, another has another. */
static void
check_id(void)
{
	ExecutionEventFacts facts = some_facts();
	const char *id = jv_get_string(execution_event(&facts), "id");

	facts.error = "another";
	unit_text(jv_get_string(execution_event(&facts), "id"), id, "the same change");
	facts.redrive_count++;
	OK(strcmp(jv_get_string(execution_event(&facts), "id"), id) != 0);
	facts = some_facts();
	facts.execution_id++;
	OK(strcmp(jv_get_string(execution_event(&facts), "id"), id) != 0);
	for (int i = 0; i < 200; i++)
	{
		facts.execution_id = i;
		id = jv_get_string(execution_event(&facts), "id");
		if (strlen(id) != 36 || id[14] != '5' || strchr("89ab", id[19]) == NULL)
			unit_check(false, "%s is a UUID of version 5", id);
	}
}

static char *
text_of(int length)
{
	char *text = palloc(length + 1);

	memset(text, 'x', length);
	text[0] = text[length - 1] = '"';
	text[length] = '\0';
	return text;
}

/* Lengths count as escaped: both quotation marks of the text twice, and those around it. */
static void
check_data(int input, int output, bool has_input, bool has_output)
{
	ExecutionEventFacts facts = some_facts();
	const JsonVal *detail;

	facts.input = text_of(input);
	facts.output = output > 0 ? text_of(output) : NULL;
	detail = jv_get(execution_event(&facts), "detail");
	unit_check((jv_get_string(detail, "input") != NULL) == has_input &&
				   jv_get(jv_get(detail, "inputDetails"), "included")->boolean == has_input,
			   "an input of %d with an output of %d: %d", input, output, has_input);
	unit_check((jv_get_string(detail, "output") != NULL) == has_output, "an output of %d: %d", output, has_output);
	unit_check(output > 0 || jv_get(detail, "outputDetails")->type == JV_NULL, "no output, no details");
}

static void
check_more(void)
{
	ExecutionEventFacts facts = some_facts();
	const JsonVal *event;

	check_data(EXECUTION_EVENT_MAX_DATA - 4, 0, true, false);
	check_data(EXECUTION_EVENT_MAX_DATA - 3, 0, false, false);
	check_data(100, EXECUTION_EVENT_MAX_DATA - 4, false, true);
	check_data(100, EXECUTION_EVENT_MAX_DATA - 3, false, false);
	check_data(EXECUTION_EVENT_MAX_DATA / 2, EXECUTION_EVENT_MAX_DATA / 2, false, true);

	/* a running one, redriven; nothing of its data is for everybody */
	facts.status = "RUNNING";
	facts.stop_date = 0;
	facts.output = NULL;
	facts.redrive_date = moment_of("2026-11-29T00:00:00Z");
	facts.redrive_count = 1;
	facts.shows_data = false;
	event = execution_event(&facts);
	unit_text(jv_get_string(event, "time"), "2026-11-29T00:00:00Z", "its time");
	OK(jv_get(jv_get(event, "detail"), "input")->type == JV_NULL);
	OK(!jv_get(jv_get(jv_get(event, "detail"), "inputDetails"), "included")->boolean);
	OK(jv_get(jv_get(event, "detail"), "outputDetails")->type == JV_NULL);
	facts = some_facts();
	facts.stop_date = moment_of("1999-12-31T23:59:59.5Z");
	unit_text(jv_get_string(execution_event(&facts), "time"), "1999-12-31T23:59:59Z", "before 2000");
}

int
main(void)
{
	check_shape();
	check_id();
	check_more();
	return unit_done();
}
