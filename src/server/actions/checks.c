/*
 * checks.c
 *	  What all actions check of their arguments: names, lengths, pages, JSON.
 */
#include "postgres.h"

#include "mb/pg_wchar.h"
#include "miscadmin.h"

#include "actions/checks.h"
#include "settings/guc.h"
#include "json/json_error.h"

#define DESCRIPTION_MAX_LENGTH 512
#define NAME_MAX_LENGTH 80
#define MAX_RESULTS_DEFAULT 100
#define MAX_RESULTS_LIMIT 1000
#define SHOWN_VALUE_LENGTH 200 /* characters of a wrong value that an error repeats */

static char *json_problem_as_aws(const char *text, int length, const JvParseError *error);

/* A value as errors repeat it: quoted, cut where it is long. */
static char *
shown_value(const char *value)
{
	int length = (int) strlen(value);

	if (length <= SHOWN_VALUE_LENGTH)
		return psprintf("'%s'", value);
	return psprintf("'%.*s...'", pg_mbcliplen(value, length, SHOWN_VALUE_LENGTH), value);
}

bool
check_length(ActionCall *call, const char *value, const char *member, const char *argument, int min, int max)
{
	int length = pg_mbstrlen(value);

	if (length < min)
		return action_fail(call, API_CONSTRAINT, shown_value(value), member,
						   psprintf("Member must have length greater than or equal to %d", min),
						   psprintf("%s must not be empty", argument));
	if (length > max)
		return action_fail(call, API_CONSTRAINT, shown_value(value), member,
						   psprintf("Member must have length less than or equal to %d", max),
						   psprintf("%s is %d characters long, but at most %d are allowed", argument, length, max));
	return true;
}

bool
check_long_description(ActionCall *call, const char *description)
{
	return description == NULL ||
		check_length(call, description, "description", "description", 0, DESCRIPTION_MAX_LENGTH);
}

bool
check_max_results(ActionCall *call, int64 max_results, int *max)
{
	if (max_results < 0)
		return action_fail(call, API_CONSTRAINT, psprintf("'" INT64_FORMAT "'", max_results), "maxResults",
						   "Member must have value greater than or equal to 0", "max_results must not be negative");
	if (max_results > MAX_RESULTS_LIMIT)
		return action_fail(call, API_CONSTRAINT, psprintf("'" INT64_FORMAT "'", max_results), "maxResults",
						   psprintf("Member must have value less than or equal to %d", MAX_RESULTS_LIMIT),
						   psprintf("max_results must not be above %d", MAX_RESULTS_LIMIT));
	*max = max_results == 0 ? MAX_RESULTS_DEFAULT : (int) max_results;
	return true;
}

/* Characters that no name may contain, beside white space and control characters. */
static bool
is_forbidden_in_names(pg_wchar c)
{
	if (c <= 0x20 || (c >= 0x7f && c <= 0x9f))
		return true;
	if (c < 0x80)
		return strchr("<>{}[]?*\"#%\\^|~`$&,;:/", (int) c) != NULL;
	return c == 0xa0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200a) || c == 0x2028 || c == 0x2029 || c == 0x202f ||
		c == 0x205f || c == 0x3000 || c == 0xfffe || c == 0xffff || c == 0x10ffff;
}

bool
check_name(ActionCall *call, const char *name, const char *what)
{
	const unsigned char *c = (const unsigned char *) name;

	if (call->style == ACTION_AWS)
	{
		if (!check_length(call, name, "name", "name", 1, NAME_MAX_LENGTH))
			return false;
	}
	else if (name[0] == '\0' || pg_mbstrlen(name) > NAME_MAX_LENGTH)
		return action_fail(call, API_INVALID_NAME, name, what);

	while (*c != '\0')
	{
		if (is_forbidden_in_names(utf8_to_unicode(c)))
			return action_fail(call, API_INVALID_NAME, name, what);
		c += pg_utf_mblen(c);
	}
	return true;
}

const JsonVal *
check_input(ActionCall *call, const char *input, int length)
{
	JvParseError error;
	const JsonVal *value;

	if (length > sfn_max_payload_size)
		return action_fail_null(call, API_INPUT_TOO_LARGE, psprintf("%d", sfn_max_payload_size),
								psprintf("%d", length));

	value = jv_parse(input, length, &error);
	if (value == NULL)
		return action_fail_null(call, API_INVALID_EXECUTION_INPUT, json_problem_as_aws(input, length, &error),
								psprintf("%s at line %d, column %d", error.message, error.line, error.column));
	return value;
}

/* What is wrong with a text that is no JSON, as AWS says it. */
static char *
json_problem_as_aws(const char *text, int length, const JvParseError *error)
{
	if (length == (int) strspn(text, " \t\r\n"))
		return "Invalid execution input.";
	return json_error_message(text, length, error, NULL);
}

bool
fail_missing_member(ActionCall *call, const char *member)
{
	return action_fail(call, API_CONSTRAINT, "null", member, "Member must not be null", "");
}

bool
fail_member_type(ActionCall *call, const char *member, const char *must_be)
{
	return action_fail(call, API_SERIALIZATION,
					   psprintf("The member '%s' of %s must be %s", member, call->action, must_be));
}

const JsonVal *
parse_stored(const char *text)
{
	JvParseError error;
	const JsonVal *value = jv_parse(text, (int) strlen(text), &error);

	if (value == NULL)
		elog(ERROR, "stored JSON cannot be read: %s at offset %d", error.message, error.offset);
	return value;
}

bool
require_superuser(ActionCall *call, const char *what)
{
	return superuser_arg(call->scope.caller) ||
		action_fail(call, API_PERMISSION_DENIED, psprintf("permission denied to %s", what), "Only superusers may.");
}
