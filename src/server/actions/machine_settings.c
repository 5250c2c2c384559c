/*
 * machine_settings.c
 *	  The settings of a machine that come as JSON: logging and tracing.
 *
 * Shapes are AWS's.  A default is stored as NULL, so that giving it and leaving
 * it out are the same to an idempotent call.
 */
#include "postgres.h"

#include "actions/machine_settings.h"

static const char *const log_levels[] = {"ALL", "ERROR", "FATAL", "OFF"};

static bool check_members(ActionCall *call, const JsonVal *object, ApiErrorId error, const char *const *names,
						  int count);

/* ---- logging and tracing ---- */

const JsonVal *
logging_default(void)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	jv_object_add(&object, "level", jv_string("OFF"));
	jv_object_add(&object, "includeExecutionData", jv_bool(false));
	return jv_object_end(&object);
}

const JsonVal *
tracing_default(void)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	jv_object_add(&object, "enabled", jv_bool(false));
	return jv_object_end(&object);
}

static bool
is_log_level(const char *level)
{
	for (size_t i = 0; i < lengthof(log_levels); i++)
	{
		if (strcmp(level, log_levels[i]) == 0)
			return true;
	}
	return false;
}

/* Where CloudWatch Logs would get the events: one log group; inside the database it is shown, no more. */
static bool
check_destinations(ActionCall *call, const JsonVal *destinations)
{
	if (destinations->count > 1)
		return action_fail(call, API_INVALID_LOGGING_CONFIGURATION, "Must specify exactly one Log Destination.");
	for (int i = 0; i < destinations->count; i++)
	{
		const char *arn = jv_get_string(jv_get(destinations->u.items[i], "cloudWatchLogsLogGroup"), "logGroupArn");

		if (arn == NULL || strncmp(arn, "arn:", 4) != 0 || strstr(arn, ":logs:") == NULL ||
			strstr(arn, ":log-group:") == NULL)
			return action_fail(
				call, API_INVALID_LOGGING_CONFIGURATION,
				"a Log Destination must name a log group: "
				"{\"cloudWatchLogsLogGroup\": {\"logGroupArn\": \"arn:aws:logs:REGION:ACCOUNT:log-group:NAME:*\"}}");
	}
	return true;
}

bool
logging_check(ActionCall *call, const JsonVal *logging, char **stored)
{
	static const char *const names[] = {"level", "includeExecutionData", "destinations"};
	const JsonVal *level;
	const JsonVal *includes_data;
	const JsonVal *destinations;
	const JsonVal *checked = logging_default();

	if (!check_members(call, logging, API_INVALID_LOGGING_CONFIGURATION, names, lengthof(names)))
		return false;
	level = jv_get(logging, "level");
	includes_data = jv_get(logging, "includeExecutionData");
	destinations = jv_get(logging, "destinations");

	if (level != NULL && (level->type != JV_STRING || !is_log_level(level->u.text)))
		return action_fail(call, API_INVALID_LOGGING_CONFIGURATION, "level must be one of [ALL, ERROR, FATAL, OFF]");
	if (includes_data != NULL && includes_data->type != JV_BOOL)
		return action_fail(call, API_INVALID_LOGGING_CONFIGURATION, "includeExecutionData must be true or false");
	if (destinations != NULL && destinations->type != JV_ARRAY)
		return action_fail(call, API_INVALID_LOGGING_CONFIGURATION, "destinations must be an array");

	/* inside the database no log group is needed */
	if (call->style == ACTION_AWS && level != NULL && strcmp(level->u.text, "OFF") != 0 &&
		(destinations == NULL || destinations->count != 1))
		return action_fail(call, API_INVALID_LOGGING_CONFIGURATION, "Must specify exactly one Log Destination.");

	if (destinations != NULL && !check_destinations(call, destinations))
		return false;

	if (level != NULL)
		checked = jv_object_set(checked, "level", strlen("level"), level);
	if (includes_data != NULL)
		checked = jv_object_set(checked, "includeExecutionData", strlen("includeExecutionData"), includes_data);
	if (destinations != NULL && destinations->count > 0)
		checked = jv_object_set(checked, "destinations", strlen("destinations"), destinations);
	else if (destinations != NULL)
		checked = logging; /* AWS shows an empty list as it was given */
	*stored = jv_equal(checked, logging_default()) ? NULL : jv_to_text(checked);
	return true;
}

bool
tracing_check(ActionCall *call, const JsonVal *tracing, char **stored)
{
	static const char *const names[] = {"enabled"};
	const JsonVal *enabled;

	if (!check_members(call, tracing, API_INVALID_TRACING_CONFIGURATION, names, lengthof(names)))
		return false;
	enabled = jv_get(tracing, "enabled");
	if (enabled != NULL && enabled->type != JV_BOOL)
		return action_fail(call, API_INVALID_TRACING_CONFIGURATION, "enabled must be true or false");
	*stored = enabled == NULL || !enabled->boolean ? NULL : jv_to_text(tracing);
	return true;
}

/* An object with none but these members. */
static bool
check_members(ActionCall *call, const JsonVal *object, ApiErrorId error, const char *const *names, int count)
{
	if (!jv_is(object, JV_OBJECT))
		return action_fail(call, error, "it must be an object");
	for (int i = 0; i < object->count; i++)
	{
		bool is_known = false;

		for (int n = 0; n < count && !is_known; n++)
			is_known = strcmp(object->u.members[i].key, names[n]) == 0;
		if (!is_known)
			return action_fail(call, error, psprintf("there is no member \"%s\"", object->u.members[i].key));
	}
	return true;
}
