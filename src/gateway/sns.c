/*
 * sns.c
 *	  SNS's API, which is spoken in AWS's query protocol.
 */
#include "gateway/sns.h"

#include "aws/query_form.h"
#include "gateway/calls.h"
#include "gateway/keys.h"

#define XML_NAMESPACE "http://sns.amazonaws.com/doc/2010-03-31/"

static void
answered(Request *request, const char *answer)
{
	JvParseError error;
	const JsonVal *result = answer != NULL ? jv_parse(answer, (int) strlen(answer), &error) : NULL;
	StringInfoData out;

	if (answer == NULL)
		return;
	initStringInfo(&out);
	appendStringInfo(&out, "<%sResponse xmlns=\"" XML_NAMESPACE "\"><%sResult>", request->action, request->action);
	query_answer_print(&out, jv_is(result, JV_OBJECT) ? result : jv_empty_object());
	appendStringInfo(&out, "</%sResult><ResponseMetadata><RequestId>%s</RequestId></ResponseMetadata></%sResponse>",
					 request->action, request->id, request->action);
	request_answer(request, 200, "text/xml", out.data);
}

/* What the form has besides the action and the API's version. */
static const JsonVal *
arguments_of(const JsonVal *form)
{
	JvObjectBuilder arguments;

	jv_object_begin(&arguments);
	for (int i = 0; i < form->count; i++)
	{
		const JvMember *member = &form->u.members[i];

		if (strcmp(member->key, "Action") != 0 && strcmp(member->key, "Version") != 0)
			jv_object_add_n(&arguments, member->key, member->key_length, member->value);
	}
	return jv_object_end(&arguments);
}

static void
run_action(Request *request)
{
	const JsonVal *form = query_form_read(request->body);

	if (form == NULL)
		request_fail(request, 400, "InvalidParameter", "The form cannot be read");
	else
		call_api(request, request->call_name, jv_to_text(arguments_of(form)), POOL_CALLS, answered);
}

bool
sns_route(Request *request, const char *action)
{
	const char *name;
	PoolKind pool;

	if (!action_find(psprintf("sns:%s", action), &name, &pool))
		return false;
	request_asks_for(request, "sns", name);
	if (request_is_text(request))
		keys_authenticate(request, "sns", run_action);
	return true;
}
