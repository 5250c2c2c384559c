/*
 * machine_settings.c
 *	  What may be set for a machine beside its definition and role: checked, compared, shown.
 *
 * Which settings there are says store/machine_setting_list.h; here are, for each, its
 * check and its default.  Shapes are AWS's.  A default is stored as NULL, so that giving
 * it and leaving it out are the same to an idempotent call.
 */
#include "postgres.h"

#include "miscadmin.h"

#include "actions/checks.h"
#include "actions/machine_settings.h"
#include "actions/resources.h"
#include "settings/periods.h"

static const char *const log_levels[] = {"ALL", "ERROR", "FATAL", "OFF"};

static bool check_members(ActionCall *call, const JsonVal *object, ApiErrorId error, const char *const *names,
						  int count);

/* ---- the table ---- */

#define SETTING_FUNCTIONS(id, column, type, member, by, privilege) \
	static bool column##_check(ActionCall *call, const JsonVal *given, char **stored); \
	static const JsonVal *column##_default(void);
MACHINE_SETTING_ROWS(SETTING_FUNCTIONS)

#define SETTING_ROW(id, column, type, member, by, privilege) \
	[SETTING_##id] = {member, SETTING_##type, by, MACHINE_##privilege, column##_check, column##_default},
const MachineSettingRow machine_setting_rows[] = {MACHINE_SETTING_ROWS(SETTING_ROW)};

bool
settings_are_given(const GivenSettings given)
{
	for (int i = 0; i < MACHINE_SETTINGS; i++)
		if (given[i] != NULL)
			return true;
	return false;
}

MachinePrivilege
settings_privilege(const GivenSettings given)
{
	for (int i = 0; i < MACHINE_SETTINGS; i++)
		if (given[i] != NULL && machine_setting_rows[i].privilege != MACHINE_UPDATE)
			return machine_setting_rows[i].privilege;
	return MACHINE_UPDATE;
}

bool
settings_check(ActionCall *call, const GivenSettings given, RevisionRow *revision)
{
	for (int i = 0; i < MACHINE_SETTINGS; i++)
		if (given[i] != NULL && !machine_setting_rows[i].check(call, given[i], &revision->settings[i]))
			return false;
	return true;
}

static bool
setting_equal(MachineSetting setting, const char *a, const char *b)
{
	if (a == NULL || b == NULL)
		return a == b;
	if (machine_setting_rows[setting].type == SETTING_text)
		return strcmp(a, b) == 0;
	return jv_equal(parse_stored(a), parse_stored(b)); /* whatever its spelling */
}

bool
settings_equal(const RevisionRow *a, const RevisionRow *b)
{
	for (int i = 0; i < MACHINE_SETTINGS; i++)
		if (!setting_equal(i, a->settings[i], b->settings[i]))
			return false;
	return true;
}

const JsonVal *
setting_shown(const RevisionRow *revision, MachineSetting setting)
{
	const char *stored = revision->settings[setting];

	if (stored == NULL)
		return machine_setting_rows[setting].shown_default();
	return machine_setting_rows[setting].type == SETTING_text ? jv_string(stored) : parse_stored(stored);
}

/* ---- logging and tracing ---- */

static const JsonVal *
logging_default(void)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	jv_object_add(&object, "level", jv_string("OFF"));
	jv_object_add(&object, "includeExecutionData", jv_bool(false));
	return jv_object_end(&object);
}

static const JsonVal *
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

/* Where CloudWatch Logs gets the events: one log group. */
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

static bool
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

static bool
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

/* ---- priority ---- */

static const JsonVal *
priority_default(void)
{
	return jv_int(DEFAULT_PRIORITY);
}

/* *stored is what the machine has: giving that again raises nothing. */
static bool
priority_check(ActionCall *call, const JsonVal *priority, char **stored)
{
	char *given;
	int64 number;

	if (!jv_to_plain_int64(priority, &number) || number < 1 || number > MAX_PRIORITY)
		return action_fail(call, API_CONSTRAINT, jv_to_text(priority), "priority",
						   psprintf("Member must be between 1 and %d", MAX_PRIORITY),
						   psprintf("priority must be a number from 1 to %d", MAX_PRIORITY));
	given = number == DEFAULT_PRIORITY ? NULL : psprintf(INT64_FORMAT, number);
	if (number > DEFAULT_PRIORITY && !superuser_arg(call->scope.caller) &&
		!setting_equal(SETTING_PRIORITY, given, *stored))
		return action_fail(call, API_PERMISSION_DENIED,
						   psprintf("only superusers may give a priority above %d", DEFAULT_PRIORITY),
						   psprintf("Machines that can wait may have less: %d is the default.", DEFAULT_PRIORITY));
	*stored = given;
	return true;
}

/* ---- how long what has ended is kept: executions, those without success, children of map runs ---- */

#define KEPT_BY_DEFAULT "default"

static bool
period_check(ActionCall *call, const JsonVal *period, const char *setting, char **stored)
{
	const char *given = jv_is(period, JV_STRING) ? period->u.text : "";
	int minutes;

	if (strcmp(given, KEPT_BY_DEFAULT) == 0)
		*stored = NULL;
	else if (period_read(given, &minutes))
		*stored = period_text(minutes);
	else
		return action_fail(call, API_CONSTRAINT, given, setting, "Member must be a period of time",
						   psprintf("%s must be a period such as \"7 days\", or \"" KEPT_FOR_EVER
									"\" or \"" KEPT_BY_DEFAULT "\", not \"%s\"",
									setting, given));
	return true;
}

#define PERIOD_SETTING(column) \
	static bool column##_check(ActionCall *call, const JsonVal *given, char **stored) \
	{ \
		return period_check(call, given, #column, stored); \
	} \
	static const JsonVal *column##_default(void) \
	{ \
		return NULL; \
	}
PERIOD_SETTING(retention)
PERIOD_SETTING(failures_for)
PERIOD_SETTING(children_for)
