/*
 * testing.c
 *	  AWS's action TestState.
 */
#include "postgres.h"

#include "actions/checks.h"
#include "api/answers.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"
#include "api/testing.h"

static const JsonVal *
test_state(ActionCall *call, const JsonVal *request)
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

	if ((arguments.state_name != NULL && !check_length(call, arguments.state_name, "stateName", "state_name", 1, 80)) ||
		!test_run(call, &arguments, &answer))
		return NULL;
	jv_object_begin(&shown);
	if (answer.output != NULL)
		answer_text(&shown, "output", jv_to_text(answer.output));
	answer_text(&shown, "error", answer.error);
	answer_text(&shown, "cause", answer.cause);
	if (answer.inspection != NULL)
		jv_object_add(&shown, "inspectionData", answer.inspection);
	answer_text(&shown, "nextState", answer.next_state);
	answer_text(&shown, "status", answer.status);
	return jv_object_end(&shown);
}

/* ---- the rows ---- */

const AwsAction aws_testing_actions[] = {
	{"TestState",
	 "definition:s! roleArn:s input:s inspectionLevel:s revealSecrets:b variables:s stateName:s mock:o context:s "
	 "stateConfiguration:o",
	 test_state},
	{NULL},
};
