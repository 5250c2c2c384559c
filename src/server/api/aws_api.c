/*
 * aws_api.c
 *	  sfn.api(action, request): the AWS API in AWS's shapes.
 *
 * The table of actions drives everything: which actions there are, which members
 * a request may and must have, and the function that answers.
 */
#include "postgres.h"

#include "common/base64.h"
#include "fmgr.h"
#include "mb/pg_wchar.h"
#include "utils/builtins.h"

#include "api/arguments.h"
#include "api/aws_api.h"
#include "asl/diagnostics.h"

#define TOKEN_MAX_LENGTH 1024

static const AwsAction *find_action(const ApiCall *call, const char *name);
static void check_request(const ApiCall *call, const AwsAction *action, const JsonVal *request);

extern PGDLLEXPORT Datum sfn_api(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_api);
Datum
sfn_api(PG_FUNCTION_ARGS)
{
	ApiCall call = {API_AWS, ""};
	char *text = text_argument(fcinfo, 1);
	const AwsAction *action;
	const JsonVal *request;
	const JsonVal *answer;
	JvParseError error;

	action = find_action(&call, PG_ARGISNULL(0) ? "" : text_argument(fcinfo, 0));
	request = text == NULL ? jv_empty_object() : jv_parse(text, (int) strlen(text), &error);
	if (!jv_is(request, JV_OBJECT))
		api_error(&call, API_SERIALIZATION,
				  request == NULL ? psprintf("The request cannot be read: %s", error.message)
								  : "The request must be a JSON object",
				  NULL);
	check_request(&call, action, request);

	api_enter(&call, API_AWS, action->name);
	answer = action->run(&call, request);
	api_leave(&call);
	return json_datum(answer);
}

static const AwsAction *
find_action(const ApiCall *call, const char *name)
{
	const char **names = palloc(sizeof(char *) * aws_action_count);
	const char *nearest;

	for (int i = 0; i < aws_action_count; i++)
	{
		if (strcmp(aws_actions[i].name, name) == 0)
			return &aws_actions[i];
		names[i] = aws_actions[i].name;
	}
	nearest = nearest_name(name, names, aws_action_count);
	api_error(call, API_UNKNOWN_OPERATION, name, nearest != NULL ? psprintf(" Did you mean '%s'?", nearest) : "", NULL);
	return NULL;
}

/* ---- members ---- */

/* One rule of a list like "name:s! input:s", and where the next begins. */
typedef struct MemberRule
{
	const char *name;
	int name_length;
	char type;
	bool is_required;
} MemberRule;

static bool
next_rule(const char **list, MemberRule *rule)
{
	const char *c = *list;

	while (*c == ' ')
		c++;
	if (*c == '\0')
		return false;
	rule->name = c;
	rule->name_length = (int) strcspn(c, ":");
	c += rule->name_length + 1;
	rule->type = *c++;
	rule->is_required = *c == '!';
	*list = c + (rule->is_required ? 1 : 0);
	return true;
}

static const char *
type_problem(char type, const JsonVal *value)
{
	int64 number;

	switch (type)
	{
		case 's':
			return value->type == JV_STRING ? NULL : "a string";
		case 'i':
			return jv_to_int64(value, &number) ? NULL : "an integer";
		case 'n':
			return value->type == JV_NUMBER ? NULL : "a number";
		case 'b':
			return value->type == JV_BOOL ? NULL : "true or false";
		case 'o':
			return value->type == JV_OBJECT ? NULL : "an object";
		default:
			return value->type == JV_ARRAY ? NULL : "a list";
	}
}

/* Names members that the action does not have. */
static void
check_known(const ApiCall *call, const AwsAction *action, const JsonVal *request)
{
	for (int i = 0; i < request->count; i++)
	{
		const char *list = action->members;
		MemberRule rule;
		bool is_known = false;

		while (!is_known && next_rule(&list, &rule))
			is_known = rule.name_length == request->u.members[i].key_length &&
				memcmp(rule.name, request->u.members[i].key, rule.name_length) == 0;
		if (!is_known)
			api_error(call, API_SERIALIZATION,
					  psprintf("%s has no member '%s'", action->name, request->u.members[i].key), NULL);
	}
}

static void
check_request(const ApiCall *call, const AwsAction *action, const JsonVal *request)
{
	const char *list = action->members;
	MemberRule rule;

	check_known(call, action, request);
	while (next_rule(&list, &rule))
	{
		const JsonVal *value = jv_get_n(request, rule.name, rule.name_length);
		const char *problem;

		if (value == NULL || value->type == JV_NULL)
		{
			if (rule.is_required)
				api_error(call, API_CONSTRAINT, "null", pnstrdup(rule.name, rule.name_length),
						  "Member must not be null", "", NULL);
			continue;
		}
		problem = type_problem(rule.type, value);
		if (problem != NULL)
			api_error(call, API_SERIALIZATION,
					  psprintf("The member '%.*s' of %s must be %s", rule.name_length, rule.name, action->name,
							   problem),
					  NULL);
	}
}

const JsonVal *
request_value(const JsonVal *request, const char *member)
{
	const JsonVal *value = jv_get(request, member);

	return value == NULL || value->type == JV_NULL ? NULL : value;
}

const char *
request_string(const JsonVal *request, const char *member)
{
	return jv_get_string(request, member);
}

int64
request_integer(const JsonVal *request, const char *member, int64 otherwise)
{
	const JsonVal *value = request_value(request, member);
	int64 number;

	return value != NULL && jv_to_int64(value, &number) ? number : otherwise;
}

bool
request_boolean(const JsonVal *request, const char *member, bool otherwise)
{
	const JsonVal *value = request_value(request, member);

	return value != NULL ? value->boolean : otherwise;
}

/* ---- tokens: base64 of "<kind>:<content>" ---- */

const JsonVal *
next_token(char kind, const char *content)
{
	char *plain = psprintf("%c:%s", kind, content);
	int length = (int) strlen(plain);
	int room = pg_b64_enc_len(length);
	char *coded = palloc(room);

	length = pg_b64_encode((const void *) plain, length, coded, room);
	return jv_string_n(coded, length);
}

const JsonVal *
answer_page(const char *member, JvArrayBuilder *list, char kind, const char *next)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	jv_object_add(&answer, member, jv_array_end(list));
	if (next != NULL)
		jv_object_add(&answer, "nextToken", next_token(kind, next));
	return jv_object_end(&answer);
}

const char *
request_token(const ApiCall *call, const JsonVal *request, char kind)
{
	const char *token = request_string(request, "nextToken");
	int length;
	int room;
	char *plain;

	if (token == NULL)
		return NULL;
	check_length(call, token, "nextToken", "nextToken", 1, TOKEN_MAX_LENGTH);
	length = (int) strlen(token);
	room = pg_b64_dec_len(length) + 1;
	plain = palloc0(room);
	length = pg_b64_decode(token, length, (void *) plain, room - 1);
	if (length < 2 || plain[0] != kind || plain[1] != ':' || (int) strlen(plain) != length ||
		!pg_verify_mbstr(PG_UTF8, plain, length, true))
		api_error(call, API_INVALID_TOKEN, NULL);
	return plain + 2;
}
