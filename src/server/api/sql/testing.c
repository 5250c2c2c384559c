/*
 * testing.c
 *	  The SQL functions for tests: test_state(), test_state_machine().
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"

#include "actions/checks.h"
#include "actions/state_machines.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "api/testing.h"
#include "settings/arns.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"
#include "store/sql_version.h"

static void
require_definition(ActionCall *call, const char *definition)
{
	static const char message[] = "definition must not be null";

	if (definition == NULL)
		api_error(call, API_VALIDATION, message, message);
}

/* ---- test_state(definition, input, state_name, mock, variables, context, state_configuration, inspection_level) ---- */

/* As the action's answer, but values are values and not texts of them. */
static Datum
test_state(FunctionCallInfo fcinfo, const char *definition, const char *input)
{
	ActionCall call = {.style = ACTION_SQL, .action = "TestState"};
	TestArguments arguments = {
		.definition = definition,
		.input = input,
		.state_name = text_argument(fcinfo, 2),
		.mock = json_value_argument(fcinfo, 3),
		.variables = text_argument(fcinfo, 4),
		.context = text_argument(fcinfo, 5),
		.configuration = json_value_argument(fcinfo, 6),
		.inspection_level = text_argument(fcinfo, 7),
	};
	TestStateAnswer answer;
	JvObjectBuilder shown;

	require_definition(&call, definition);
	api_check(&call, test_run(&call, &arguments, &answer));
	jv_object_begin(&shown);
	answer_text(&shown, "status", answer.status);
	if (answer.output != NULL)
		jv_object_add(&shown, "output", answer.output);
	answer_text(&shown, "error", answer.error);
	answer_text(&shown, "cause", answer.cause);
	answer_text(&shown, "nextState", answer.next_state);
	if (answer.inspection != NULL)
		jv_object_add(&shown, "inspectionData", answer.inspection);
	return json_datum(jv_object_end(&shown));
}

SFN_FUNCTION(sfn_test_state)
{
	return test_state(fcinfo, text_argument(fcinfo, 0), text_argument(fcinfo, 1));
}

SFN_FUNCTION(sfn_test_state_jsonb)
{
	return test_state(fcinfo, jsonb_argument(fcinfo, 0), jsonb_argument(fcinfo, 1));
}

/* ---- test_state_machine(definition, input, mocks) ---- */

static Datum
test_state_machine(FunctionCallInfo fcinfo, const char *definition, const char *input)
{
	ActionCall call = {.style = ACTION_SQL, .action = "TestState"};
	TestMachineRequest request = {.max_map_concurrency = sfn_max_map_concurrency};
	DiagnosticList problems;
	const JsonVal *outcome;
	char *problem;
	char *stray;

	require_definition(&call, definition);
	diagnostics_begin(&problems);
	request.machine = definition_compile(definition, false, &problems);
	api_check(&call, request.machine != NULL || definition_refuse(&call, "test", &problems));
	if (input == NULL)
		input = "{}";
	request.input = check_input(&call, input, (int) strlen(input));
	api_check(&call, request.input != NULL);
	request.mocks = jsonb_value_argument(fcinfo, 2);
	request.setting = test_setting(role_arn("test"));
	outcome = test_machine_run(&request, &problem, &stray);
	if (outcome == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s", problem),
				 stray != NULL ? errdetail("%s", stray) : 0,
				 errhint("Mocks look like this: {\"State\": {\"result\": {}}} or {\"State\": [{\"error\": \"Name\", "
						 "\"cause\": \"text\"}, {\"result\": {}}]}.")));
	if (stray != NULL)
		ereport(WARNING, (errmsg("one of the mocks is for nothing in this definition"), errdetail("%s", stray)));
	return json_datum(outcome);
}

SFN_FUNCTION(sfn_test_state_machine)
{
	return test_state_machine(fcinfo, text_argument(fcinfo, 0), text_argument(fcinfo, 1));
}

SFN_FUNCTION(sfn_test_state_machine_jsonb)
{
	return test_state_machine(fcinfo, jsonb_argument(fcinfo, 0), jsonb_argument(fcinfo, 1));
}
