/*
 * testing.c
 *	  TestState: what the SQL function and sfn.api() share.
 *
 * It runs in memory (core/testing): no table is read or written, nothing is called,
 * no clock is waited for.
 */
#include "postgres.h"

#include "common/pg_prng.h"

#include "actions/checks.h"
#include "actions/state_machines.h"
#include "api/testing.h"
#include "runtime/transition_budget.h"
#include "services/http/aws_call.h"
#include "settings/arns.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"

static double
test_random(EngineEnv *env)
{
	(void) env;
	return pg_prng_double(&pg_global_prng_state);
}

TestSetting
test_setting(const char *role)
{
	return (TestSetting){.region = sfn_region,
						 .account = sfn_account_id,
						 .execution_name = random_uuid(),
						 .role_arn = role,
						 .now = sfn_now(),
						 .max_payload_bytes = sfn_max_payload_size,
						 .random = test_random,
						 .budget = transition_budget_of_session()};
}

static bool
refuse_value(ActionCall *call, const char *message)
{
	return action_fail(call, API_VALIDATION, message, message);
}

/* ---- reading a request ---- */

/* A member that is null counts as absent. */
static const JsonVal *
given_value(const JsonVal *object, const char *member)
{
	const JsonVal *value = jv_get(object, member);

	return value == NULL || value->type == JV_NULL ? NULL : value;
}

static SFN_MUST_CHECK bool
check_member_value(ActionCall *call, const char *value, const char *member, const char *const *values, int count,
				   const char *list)
{
	for (int i = 0; i < count; i++)
	{
		if (strcmp(value, values[i]) == 0)
			return true;
	}
	return action_fail(call, API_CONSTRAINT, psprintf("'%s'", value), member,
					   psprintf("Member must satisfy enum value set: [%s]", list),
					   psprintf("unknown %s \"%s\": one of %s", member, value, list));
}

/* variables, context: JSON texts of objects. */
static SFN_MUST_CHECK bool
read_json_text(ActionCall *call, const char *text, const char *what, const JsonVal **value)
{
	JvParseError error;

	*value = NULL;
	if (text == NULL)
		return true;
	*value = jv_parse(text, (int) strlen(text), &error);
	return *value != NULL || refuse_value(call, psprintf("Invalid %s provided: not valid JSON", what));
}

static SFN_MUST_CHECK bool
read_mock(ActionCall *call, const JsonVal *mock, TestStateRequest *request)
{
	static const char *const modes[] = {"STRICT", "PRESENT", "NONE"};
	const JsonVal *result = mock != NULL ? given_value(mock, "result") : NULL;
	const JsonVal *error = mock != NULL ? given_value(mock, "errorOutput") : NULL;
	const char *mode;

	if (mock == NULL || mock->type != JV_OBJECT)
		return true;
	request->has_mock = true;
	/* AWS has the result as JSON text, SQL callers give the value itself */
	if (result != NULL)
		request->mock_result =
			call->style == ACTION_AWS && result->type == JV_STRING ? result->u.text : jv_to_text(result);
	if (error != NULL)
	{
		request->has_mock_error = true;
		request->mock_error = jv_get_string(error, "error");
		request->mock_cause = jv_get_string(error, "cause");
	}
	mode = jv_get_string(mock, "fieldValidationMode");
	request->is_strict = mode == NULL || strcmp(mode, "STRICT") == 0;
	request->check_result = mode != NULL && strcmp(mode, "NONE") == 0 ? NULL : aws_result_is_possible;
	return mode == NULL ||
		check_member_value(call, mode, "mock.fieldValidationMode", modes, lengthof(modes), "STRICT, PRESENT, NONE");
}

static SFN_MUST_CHECK bool
read_count(ActionCall *call, const JsonVal *object, const char *member, int64 *count)
{
	const JsonVal *value = given_value(object, member);

	*count = 0;
	if (value == NULL)
		return true;
	if (value->type != JV_NUMBER || !jv_to_int64(value, count) || *count < 0 || *count > PG_INT32_MAX - 1)
		return action_fail(call, API_CONSTRAINT, jv_to_text(value), psprintf("stateConfiguration.%s", member),
						   "Member must have value greater than or equal to 0", psprintf("%s must be a count", member));
	return true;
}

static SFN_MUST_CHECK bool
read_configuration(ActionCall *call, const JsonVal *configuration, TestStateRequest *request)
{
	const JsonVal *data;

	if (configuration == NULL || configuration->type != JV_OBJECT)
		return true;
	request->has_failure_count = given_value(configuration, "mapIterationFailureCount") != NULL;
	if (!read_count(call, configuration, "retrierRetryCount", &request->retrier_retry_count) ||
		!read_count(call, configuration, "mapIterationFailureCount", &request->map_iteration_failure_count))
		return false;
	data = given_value(configuration, "mapItemReaderData");
	if (jv_is(data, JV_STRING) && !read_json_text(call, data->u.text, "mapItemReaderData", &data))
		return false;
	request->item_reader_data = data;
	if (request->has_failure_count && !request->has_mock)
		return refuse_value(call, "mapIterationFailureCount requires a mock.");
	return true;
}

static SFN_MUST_CHECK bool
read_arguments(ActionCall *call, const TestArguments *arguments, TestStateRequest *request)
{
	static const char *const levels[] = {"INFO", "DEBUG", "TRACE"};
	const char *level = arguments->inspection_level != NULL ? arguments->inspection_level : "INFO";
	const char *input = arguments->input != NULL ? arguments->input : "{}";

	memset(request, 0, sizeof(*request));
	if (!check_member_value(call, level, "inspectionLevel", levels, lengthof(levels), "INFO, DEBUG, TRACE"))
		return false;
	request->definition = arguments->definition;
	request->state_name = arguments->state_name;
	request->input = check_input(call, input, (int) strlen(input));
	if (request->input == NULL || !read_json_text(call, arguments->variables, "variables", &request->variables))
		return false;
	if (request->variables != NULL && request->variables->type != JV_OBJECT)
		return refuse_value(call, "Invalid variables provided: not a JSON object");
	if (!read_json_text(call, arguments->context, "Context object", &request->context) ||
		!read_mock(call, arguments->mock, request) || !read_configuration(call, arguments->configuration, request))
		return false;
	request->reveals_secrets = arguments->reveals_secrets;
	request->inspects = strcmp(level, "INFO") != 0;
	request->setting = test_setting(arguments->role_arn != NULL ? arguments->role_arn : role_arn("test"));
	return true;
}

bool
test_run(ActionCall *call, const TestArguments *arguments, TestStateAnswer *answer)
{
	TestStateRequest request;
	TestStateRefusal refusal;

	if (!read_arguments(call, arguments, &request))
		return false;
	if (test_state_run(&request, answer, &refusal))
		return true;
	if (strcmp(refusal.code, "InvalidDefinition") != 0)
		return refuse_value(call, refusal.message);
	if (refusal.message != NULL)
		return action_fail(call, API_STATE_NOT_TESTABLE, refusal.message);
	return definition_refuse(call, arguments->state_name != NULL ? arguments->state_name : "test",
							 &refusal.diagnostics);
}
