/*
 * links.c
 *	  What the gateway asks for whoever has a secret instead of a key: the URL of a link, or a task's token.
 */
#include "postgres.h"

#include "fmgr.h"
#include "miscadmin.h"
#include "utils/builtins.h"

#include "actions/links.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "api/aws/actions.h"
#include "api/aws/gateway.h"
#include "api/sql/graph.h"
#include "settings/guc.h"
#include "store/sql_version.h"

/* ---- gateway_show_link(link_id, secret) ---- */

static char *
drawing_as(Oid role, const char *subject)
{
	GatewayFrame frame;
	char *drawing;

	gateway_frame_begin(&frame, role);
	drawing = graph_drawing(subject, "svg");
	gateway_frame_end(&frame);
	return drawing;
}

SFN_FUNCTION(sfn_gateway_show_link)
{
	ActionCall call;
	Link *row;
	const char *status;
	const char *role;
	JvObjectBuilder page;

	require_arguments(fcinfo);
	api_enter(&call, ACTION_SQL, "DescribeLink");
	row = link_by_secret(text_argument(fcinfo, 0), text_argument(fcinfo, 1), false);
	status = row != NULL ? link_status(row) : NULL;
	api_leave(&call);
	role = row != NULL ? GetUserNameFromId(row->role, true) : NULL;
	if (role == NULL)
		PG_RETURN_NULL();
	jv_object_begin(&page);
	answer_text(&page, "kind", row->kind);
	answer_text(&page, "role", role);
	answer_text(&page, "status", status);
	answer_text(&page, "description", row->description);
	if (strcmp(row->kind, "approve") != 0)
		answer_text(&page, "target", row->target);
	if (strcmp(row->kind, "graph") == 0 && strcmp(status, "open") == 0)
		answer_text(&page, "drawing", drawing_as(row->role, row->target));
	return json_datum(jv_object_end(&page));
}

/* ---- gateway_use_link(link_id, secret, request) ---- */

static Datum
call_as(Oid role, const char *action, JvObjectBuilder *request)
{
	AwsCallOptions options = {.never_waits = true};
	GatewayFrame frame;
	Datum answer;

	gateway_frame_begin(&frame, role);
	answer = aws_call(action, jv_to_text(jv_object_end(request)), &options);
	gateway_frame_end(&frame);
	return answer;
}

/* {"approved": true, "comment": "..."} as the task's output, or the error Refused with the comment as its cause. */
static Datum
decide(ActionCall *call, const Link *row, const JsonVal *request)
{
	const char *decision = jv_get_string(request, "decision");
	const char *comment = jv_get_string(request, "comment");
	JvObjectBuilder output;
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, "taskToken", jv_string(row->target));
	if (decision != NULL && strcmp(decision, "approve") == 0)
	{
		jv_object_begin(&output);
		jv_object_add(&output, "approved", jv_bool(true));
		if (comment != NULL)
			jv_object_add(&output, "comment", jv_string(comment));
		jv_object_add(&answer, "output", jv_string(jv_to_text(jv_object_end(&output))));
		return call_as(row->role, "SendTaskSuccess", &answer);
	}
	if (decision == NULL || strcmp(decision, "refuse") != 0)
		api_error(call, API_VALIDATION, "decision must be approve or refuse", "decision must be approve or refuse");
	jv_object_add(&answer, "error", jv_string("Refused"));
	if (comment != NULL)
		jv_object_add(&answer, "cause", jv_string(comment));
	return call_as(row->role, "SendTaskFailure", &answer);
}

static Datum
start(const Link *row, const JsonVal *request)
{
	const char *input = jv_get_string(request, "input");
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, "stateMachineArn", jv_string(row->target));
	jv_object_add(&answer, "input", jv_string(input != NULL ? input : "{}"));
	return call_as(row->role, "StartExecution", &answer);
}

SFN_FUNCTION(sfn_gateway_use_link)
{
	char *id;
	char *text;
	JvParseError error;
	const JsonVal *request;
	ActionCall call;
	Link *row;

	require_arguments(fcinfo);
	id = text_argument(fcinfo, 0);
	text = text_argument(fcinfo, 2);
	request = jv_parse(text, (int) strlen(text), &error);
	api_enter(&call, ACTION_AWS, "UseLink");
	row = link_by_secret(id, text_argument(fcinfo, 1), true);
	if (row == NULL)
		api_error(&call, API_LINK_DOES_NOT_EXIST, id);
	api_check(&call, link_use(&call, row));
	api_leave(&call);
	if (strcmp(row->kind, "approve") == 0)
		return decide(&call, row, request);
	if (strcmp(row->kind, "start") == 0)
		return start(row, request);
	api_error(&call, API_VALIDATION, "a drawing is only looked at", "a drawing is only looked at");
}

/* ---- gateway_answer(action, request) ---- */

SFN_FUNCTION(sfn_gateway_answer)
{
	static const char *const answers[] = {"SendTaskSuccess", "SendTaskFailure", "SendTaskHeartbeat"};
	ActionCall call = {ACTION_AWS, ""};
	const char *action = required_text(&call, fcinfo, 0, "action");

	if (!sfn_allow_bare_tokens)
		api_error(&call, API_PERMISSION_DENIED, "a token is not enough here: sign the request", "");
	for (size_t i = 0; i < lengthof(answers); i++)
	{
		if (strcmp(action, answers[i]) == 0)
			return aws_call(action, text_argument(fcinfo, 1), &(AwsCallOptions){.api = AWS_STATES});
	}
	api_error(&call, API_VALIDATION, "not an answer to a task", "not an answer to a task");
}
