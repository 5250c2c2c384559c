/*
 * testing.c
 *	  sfn.test_state() and the action TestState, sfn.test_state_machine().
 *
 * Both run in memory (engine/test_state.c, engine/test_machine.c): no table is read
 * or written, nothing is called, no clock is waited for.
 */
#include "postgres.h"

#include "common/pg_prng.h"
#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"
#include "utils/uuid.h"

#include "api/arguments.h"
#include "api/aws_api.h"
#include "api/state_machines.h"
#include "api/testing.h"
#include "asl/compile.h"
#include "engine/engine.h"
#include "runtime/transition_budget.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "store/random_uuid.h"
#include "testing/test_state.h"

/* A request for one state as its callers give it; NULL: not given. */
typedef struct TestArguments
{
	const char *definition;
	const char *input;
	const char *state_name;
	const char *role_arn;
	const char *inspection_level;
	const char *variables;
	const char *context;
	const JsonVal *mock;
	const JsonVal *configuration;
	bool reveals_secrets;
} TestArguments;

static double
random_fraction(EngineEnv *env)
{
	(void) env;
	return pg_prng_double(&pg_global_prng_state);
}

static char *
default_role_arn(void)
{
	return psprintf("arn:aws:iam::%s:role/test", sfn_account_id);
}

static void
pg_attribute_noreturn() refuse_value(const ApiCall *call, const char *message)
{
	api_error(call, API_VALIDATION, message, message, NULL);
}

/* ---- reading a request ---- */

static void
check_member_value(const ApiCall *call, const char *value, const char *member, const char *const *values, int count,
				   const char *list)
{
	for (int i = 0; i < count; i++)
	{
		if (strcmp(value, values[i]) == 0)
			return;
	}
	api_error(call, API_CONSTRAINT, psprintf("'%s'", value), member,
			  psprintf("Member must satisfy enum value set: [%s]", list),
			  psprintf("unknown %s \"%s\": one of %s", member, value, list), NULL);
}

/* variables, context: JSON texts of objects. */
static const JsonVal *
json_text_argument(const ApiCall *call, const char *text, const char *what)
{
	JvParseError error;
	const JsonVal *value;

	if (text == NULL)
		return NULL;
	value = jv_parse(text, (int) strlen(text), &error);
	if (value == NULL)
		refuse_value(call, psprintf("Invalid %s provided: not valid JSON", what));
	return value;
}

static void
read_mock(const ApiCall *call, const JsonVal *mock, TestStateRequest *request)
{
	static const char *const modes[] = {"STRICT", "PRESENT", "NONE"};
	const JsonVal *result = mock != NULL ? request_value(mock, "result") : NULL;
	const JsonVal *error = mock != NULL ? request_value(mock, "errorOutput") : NULL;

	if (mock == NULL || mock->type != JV_OBJECT)
		return;
	request->has_mock = true;
	/* AWS has the result as JSON text, SQL callers give the value itself */
	if (result != NULL)
		request->mock_result =
			call->style == API_AWS && result->type == JV_STRING ? result->u.text : jv_to_text(result);
	if (error != NULL)
	{
		request->has_mock_error = true;
		request->mock_error = jv_get_string(error, "error");
		request->mock_cause = jv_get_string(error, "cause");
	}
	if (request_string(mock, "fieldValidationMode") != NULL)
		check_member_value(call, request_string(mock, "fieldValidationMode"), "mock.fieldValidationMode", modes,
						   lengthof(modes), "STRICT, PRESENT, NONE");
}

static int64
count_member(const ApiCall *call, const JsonVal *object, const char *member)
{
	const JsonVal *value = request_value(object, member);
	int64 count;

	if (value == NULL)
		return 0;
	if (value->type != JV_NUMBER || !jv_to_int64(value, &count) || count < 0 || count > PG_INT32_MAX - 1)
		api_error(call, API_CONSTRAINT, jv_to_text(value), psprintf("stateConfiguration.%s", member),
				  "Member must have value greater than or equal to 0", psprintf("%s must be a count", member), NULL);
	return count;
}

static void
read_configuration(const ApiCall *call, const JsonVal *configuration, TestStateRequest *request)
{
	const JsonVal *data;

	if (configuration == NULL || configuration->type != JV_OBJECT)
		return;
	request->retrier_retry_count = count_member(call, configuration, "retrierRetryCount");
	request->has_failure_count = request_value(configuration, "mapIterationFailureCount") != NULL;
	request->map_iteration_failure_count = count_member(call, configuration, "mapIterationFailureCount");
	data = request_value(configuration, "mapItemReaderData");
	if (jv_is(data, JV_STRING))
		data = json_text_argument(call, data->u.text, "mapItemReaderData");
	request->item_reader_data = data;
	if (request->has_failure_count && !request->has_mock)
		refuse_value(call, "mapIterationFailureCount requires a mock.");
}

static void
read_arguments(const ApiCall *call, const TestArguments *arguments, TestStateRequest *request)
{
	static const char *const levels[] = {"INFO", "DEBUG", "TRACE"};
	const char *level = arguments->inspection_level != NULL ? arguments->inspection_level : "INFO";
	const char *input = arguments->input != NULL ? arguments->input : "{}";

	memset(request, 0, sizeof(*request));
	check_member_value(call, level, "inspectionLevel", levels, lengthof(levels), "INFO, DEBUG, TRACE");
	request->definition = arguments->definition;
	request->state_name = arguments->state_name;
	request->input = check_input(call, input, (int) strlen(input));
	request->variables = json_text_argument(call, arguments->variables, "variables");
	if (request->variables != NULL && request->variables->type != JV_OBJECT)
		refuse_value(call, "Invalid variables provided: not a JSON object");
	request->context = json_text_argument(call, arguments->context, "Context object");
	read_mock(call, arguments->mock, request);
	read_configuration(call, arguments->configuration, request);
	request->reveals_secrets = arguments->reveals_secrets;
	request->inspects = strcmp(level, "INFO") != 0;
	request->region = sfn_region;
	request->account = sfn_account_id;
	request->execution_name = random_uuid();
	request->role_arn = arguments->role_arn != NULL ? arguments->role_arn : default_role_arn();
	request->now = sfn_now();
	request->max_payload_bytes = sfn_max_payload_size;
	request->random = random_fraction;
	request->budget = transition_budget_of_session();
}

static void
run_test(const ApiCall *call, const TestArguments *arguments, TestStateAnswer *answer)
{
	TestStateRequest request;
	TestStateRefusal refusal;

	read_arguments(call, arguments, &request);
	if (test_state_run(&request, answer, &refusal))
		return;
	if (strcmp(refusal.code, "InvalidDefinition") != 0)
		refuse_value(call, refusal.message);
	if (refusal.message != NULL)
		api_error(call, API_STATE_NOT_TESTABLE, refusal.message, NULL);
	definition_refuse(call, arguments->state_name != NULL ? arguments->state_name : "test", &refusal.diagnostics);
}

/* ---- the action ---- */

static void
add_text(JvObjectBuilder *object, const char *name, const char *text)
{
	if (text != NULL)
		jv_object_add(object, name, jv_string(text));
}

const JsonVal *
aws_test_state(const ApiCall *call, const JsonVal *request)
{
	TestArguments arguments = {
		.definition = request_string(request, "definition"),
		.input = request_string(request, "input"),
		.state_name = request_string(request, "stateName"),
		.role_arn = request_string(request, "roleArn"),
		.inspection_level = request_string(request, "inspectionLevel"),
		.variables = request_string(request, "variables"),
		.context = request_string(request, "context"),
		.mock = request_value(request, "mock"),
		.configuration = request_value(request, "stateConfiguration"),
		.reveals_secrets = request_boolean(request, "revealSecrets", false),
	};
	TestStateAnswer answer;
	JvObjectBuilder shown;

	if (arguments.state_name != NULL)
		check_length(call, arguments.state_name, "stateName", "state_name", 1, 80);
	run_test(call, &arguments, &answer);
	jv_object_begin(&shown);
	if (answer.output != NULL)
		add_text(&shown, "output", jv_to_text(answer.output));
	add_text(&shown, "error", answer.error);
	add_text(&shown, "cause", answer.cause);
	if (answer.inspection != NULL)
		jv_object_add(&shown, "inspectionData", answer.inspection);
	add_text(&shown, "nextState", answer.next_state);
	add_text(&shown, "status", answer.status);
	return jv_object_end(&shown);
}

/* ---- test_state(definition, input, state_name, mock, variables, context, state_configuration, inspection_level) ---- */

static const JsonVal *
json_argument(FunctionCallInfo fcinfo, int number)
{
	char *text = text_argument(fcinfo, number);

	return text != NULL ? parse_stored(text) : NULL;
}

/* As the action's answer, but values are values and not texts of them. */
static Datum
test_state(FunctionCallInfo fcinfo, const char *definition, const char *input)
{
	ApiCall call = {.style = API_SQL, .action = "TestState"};
	TestArguments arguments = {
		.definition = definition,
		.input = input,
		.state_name = text_argument(fcinfo, 2),
		.mock = json_argument(fcinfo, 3),
		.variables = text_argument(fcinfo, 4),
		.context = text_argument(fcinfo, 5),
		.configuration = json_argument(fcinfo, 6),
		.inspection_level = text_argument(fcinfo, 7),
	};
	TestStateAnswer answer;
	JvObjectBuilder shown;

	if (definition == NULL)
		refuse_value(&call, "definition must not be null");
	run_test(&call, &arguments, &answer);
	jv_object_begin(&shown);
	add_text(&shown, "status", answer.status);
	if (answer.output != NULL)
		jv_object_add(&shown, "output", answer.output);
	add_text(&shown, "error", answer.error);
	add_text(&shown, "cause", answer.cause);
	add_text(&shown, "nextState", answer.next_state);
	if (answer.inspection != NULL)
		jv_object_add(&shown, "inspectionData", answer.inspection);
	return json_datum(jv_object_end(&shown));
}

extern PGDLLEXPORT Datum sfn_test_state(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_test_state);
Datum
sfn_test_state(PG_FUNCTION_ARGS)
{
	return test_state(fcinfo, text_argument(fcinfo, 0), text_argument(fcinfo, 1));
}

extern PGDLLEXPORT Datum sfn_test_state_jsonb(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_test_state_jsonb);
Datum
sfn_test_state_jsonb(PG_FUNCTION_ARGS)
{
	return test_state(fcinfo, jsonb_argument(fcinfo, 0), jsonb_argument(fcinfo, 1));
}

/* ---- test_state_machine(definition, input, mocks) ---- */

static Datum
test_state_machine(FunctionCallInfo fcinfo, const char *definition, const char *input)
{
	ApiCall call = {.style = API_SQL, .action = "TestState"};
	char *mocks = jsonb_argument(fcinfo, 2);
	TestMachineRequest request = {
		.region = sfn_region,
		.account = sfn_account_id,
		.max_payload_bytes = sfn_max_payload_size,
		.max_map_concurrency = sfn_max_map_concurrency,
		.random = random_fraction,
		.budget = transition_budget_of_session(),
	};
	DiagnosticList problems;
	const JsonVal *outcome;
	char *problem;

	if (definition == NULL)
		refuse_value(&call, "definition must not be null");
	diagnostics_begin(&problems);
	request.machine =
		asl_compile(definition, (int) strlen(definition), false, state_types, state_type_count, &problems);
	if (request.machine == NULL)
		definition_refuse(&call, "test", &problems);
	if (input == NULL)
		input = "{}";
	request.input = check_input(&call, input, (int) strlen(input));
	request.mocks = mocks != NULL ? parse_stored(mocks) : NULL;
	request.execution_name = random_uuid();
	request.role_arn = default_role_arn();
	request.now = sfn_now();
	outcome = test_machine_run(&request, &problem);
	if (outcome == NULL)
		ereport(ERROR,
				(errcode(ERRCODE_INVALID_PARAMETER_VALUE), errmsg("%s", problem),
				 errhint("Mocks look like this: {\"State\": {\"result\": {}}} or {\"State\": [{\"error\": \"Name\", "
						 "\"cause\": \"text\"}, {\"result\": {}}]}.")));
	return json_datum(outcome);
}

extern PGDLLEXPORT Datum sfn_test_state_machine(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_test_state_machine);
Datum
sfn_test_state_machine(PG_FUNCTION_ARGS)
{
	return test_state_machine(fcinfo, text_argument(fcinfo, 0), text_argument(fcinfo, 1));
}

extern PGDLLEXPORT Datum sfn_test_state_machine_jsonb(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_test_state_machine_jsonb);
Datum
sfn_test_state_machine_jsonb(PG_FUNCTION_ARGS)
{
	return test_state_machine(fcinfo, jsonb_argument(fcinfo, 0), jsonb_argument(fcinfo, 1));
}
