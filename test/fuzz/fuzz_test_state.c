/*
 * fuzz_test_state.c
 *	  A definition, an input and mocks of any shape, run as TestState and as a whole
 *	  machine: every state type, both query languages, mocks and contexts.
 *
 * Three texts, separated by form feeds.
 */
#include "base/port.h"

#include "asl/compile.h"
#include "asl/jsonata_field.h"
#include "engine/engine.h"
#include "fuzz/fuzz.h"
#include "testing/test_state.h"

#define MAX_EVENTS 200

static double
half(EngineEnv *env)
{
	(void) env;
	return 0.5;
}

/* The text up to the separator; *rest is what follows. */
static char *
take_text(const char **rest, const char *end)
{
	const char *begin = *rest;
	const char *stop = begin;

	while (stop < end && *stop != '\f')
		stop++;
	*rest = stop < end ? stop + 1 : end;
	return pnstrdup(begin, stop - begin);
}

static const TestSetting setting = {.region = "us-east-1",
									.account = "000000000000",
									.execution_name = "x",
									.max_payload_bytes = 10000,
									.random = half};

static void
test_machine(const char *definition, const JsonVal *input, const JsonVal *mocks)
{
	DiagnosticList list;
	TestMachineRequest request = {
		.machine = asl_compile(definition, strlen(definition), false, state_types, state_type_count, &list),
		.input = input,
		.mocks = mocks,
		.setting = setting,
		.max_history_events = MAX_EVENTS,
	};
	const JsonVal *outcome;
	char *problem;
	char *stray;

	if (request.machine == NULL)
		return;
	outcome = test_machine_run(&request, &problem, &stray);
	FUZZ_ASSERT((outcome == NULL) == (problem != NULL));
	FUZZ_ASSERT(outcome == NULL || jv_is(jv_get(outcome, "history"), JV_ARRAY));
}

static void
test_state(const char *definition, const JsonVal *input, const JsonVal *mocks, const char *mock_text)
{
	TestStateRequest request = {
		.definition = definition,
		.state_name = jv_get_string(mocks, "stateName"),
		.input = input,
		.variables = jv_is(jv_get(mocks, "variables"), JV_OBJECT) ? jv_get(mocks, "variables") : NULL,
		.context = jv_get(mocks, "context"),
		.has_mock = mocks != NULL,
		.mock_result = jv_get(mocks, "error") == NULL ? mock_text : NULL,
		.has_mock_error = jv_get(mocks, "error") != NULL,
		.mock_error = "E",
		.inspects = true,
		.has_failure_count = true,
		.map_iteration_failure_count = 1,
		.setting = setting,
	};
	TestStateAnswer answer;
	TestStateRefusal refusal;

	if (test_state_run(&request, &answer, &refusal))
		FUZZ_ASSERT(answer.status != NULL && answer.inspection != NULL);
	else
		FUZZ_ASSERT(refusal.code != NULL && (refusal.message != NULL || refusal.diagnostics.error_count > 0));
}

int
LLVMFuzzerTestOneInput(const uint8 *data, size_t size)
{
	const char *rest = (const char *) data;
	const char *end = rest + size;
	char *definition = take_text(&rest, end);
	char *input_text = take_text(&rest, end);
	char *mock_text = take_text(&rest, end);
	JvParseError error;
	const JsonVal *input = jv_parse(input_text, strlen(input_text), &error);
	const JsonVal *mocks = jv_parse(mock_text, strlen(mock_text), &error);

	jsonata_field_limits.timeout_ms = 200;
	jsonata_field_limits.max_memory = 64 * 1024 * 1024;
	if (input == NULL)
		input = jv_empty_object();
	test_machine(definition, input, mocks);
	test_state(definition, input, mocks, mock_text);
	unit_reset_memory();
	return 0;
}
