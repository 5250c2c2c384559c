/*
 * schedule_targets.c
 *	  What a schedule tells its target, when it is due.
 *
 * A state machine is started, an event put on a bus, at once if that is possible; all else is
 * tried by the schedule's hidden machine, as the targets of rules are.
 */
#include "postgres.h"

#include "catalog/pg_collation.h"
#include "commands/async.h"
#include "utils/builtins.h"

#include "actions/checks.h"
#include "actions/event_dead_letters.h"
#include "actions/event_delivery.h"
#include "actions/event_rules.h"
#include "actions/event_targets.h"
#include "actions/lineage.h"
#include "actions/resources.h"
#include "actions/schedule_runs.h"
#include "actions/schedule_targets.h"
#include "actions/start.h"
#include "actions/versions.h"
#include "base/timestamps.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "settings/random_uuid.h"
#include "store/new_executions.h"

#define MAX_RUN_NAME 80
#define NAME_TIME_LENGTH 17 /* _YYYYMMDDThhmmssZ */
#define MAX_NOTICE 7999     /* bytes; NOTIFY's limit */

/* ---- what it is told ---- */

/* What AWS's API has for a target that is a bus. */
static const JsonVal *
bus_parameters(const ScheduleRow *row)
{
	const JsonVal *parameters =
		row->aws_members != NULL ? jv_get(parse_stored(row->aws_members), BUS_PARAMETERS) : NULL;

	return jv_is(parameters, JV_OBJECT) ? parameters : jv_empty_object();
}

static char *
time_text(TimestampTz moment)
{
	StringInfoData out;

	initStringInfo(&out);
	timestamp_print(&out, moment);
	return out.data;
}

/* "<schedule>_20260101T000000Z". */
static char *
run_name(const ScheduleRow *row, TimestampTz due)
{
	char *time = time_text(due);
	int length = Min((int) strlen(row->name), MAX_RUN_NAME - NAME_TIME_LENGTH);

	return psprintf("%.*s_%.4s%.2s%.2sT%.2s%.2s%.2sZ", length, row->name, time, time + 5, time + 8, time + 11,
					time + 14, time + 17);
}

/* "2026-01-01T00:00:00Z" again. */
static char *
time_in_name(const char *name)
{
	const char *time = name + strlen(name) - NAME_TIME_LENGTH + 1;

	return psprintf("%.4s-%.2s-%.5s:%.2s:%.2sZ", time, time + 4, time + 6, time + 11, time + 13);
}

/* What AWS tells a target that has no input. */
static char *
scheduled_event(const ScheduleRow *row)
{
	return psprintf(
		"{\"version\": \"0\", \"id\": \"<aws.scheduler.execution-id>\", \"detail-type\": \"Scheduled Event\","
		" \"source\": \"aws.scheduler\", \"account\": \"%s\", \"time\": \"<aws.scheduler.scheduled-time>\","
		" \"region\": \"%s\", \"resources\": [\"%s\"], \"detail\": \"{}\"}",
		sfn_account_id, sfn_region, schedule_arn(row->group, row->name));
}

/* Words of AWS's in the input, within strings. */
static char *
run_input(const ScheduleRow *row, TimestampTz due)
{
	const char *made = row->input != NULL ? row->input : scheduled_event(row);
	const char *const words[][2] = {
		{"<aws.scheduler.schedule-arn>", schedule_arn(row->group, row->name)},
		{"<aws.scheduler.scheduled-time>", time_text(due)},
		{"<aws.scheduler.execution-id>", random_uuid()},
		{"<aws.scheduler.attempt-number>", "1"},
	};
	text *input = cstring_to_text(made);

	for (size_t i = 0; i < lengthof(words) && strstr(made, "<aws.scheduler.") != NULL; i++)
		input =
			DatumGetTextPP(DirectFunctionCall3Coll(replace_text, DEFAULT_COLLATION_OID, PointerGetDatum(input),
												   CStringGetTextDatum(words[i][0]), CStringGetTextDatum(words[i][1])));
	return text_to_cstring(input);
}

/* ---- the ways ---- */

/* A name that another schedule's execution has, of another group or with the same beginning, gives way to a UUID. */
static SFN_MUST_CHECK bool
start_at_once(const ScheduleRow *row, const char *input, const char *name)
{
	ActionCall call = {.style = ACTION_SQL, .action = "StartExecution", .scope = {.caller = row->role}};
	MachineRow *machine;
	StartedExecution started;
	SfnError distrust;

	machine = action_qualified_machine(&call, row->role, row->target, MACHINE_START);
	return machine != NULL && (machine->role == row->role || machine_is_trusted(machine, row->role, &distrust)) &&
		execution_start(&call, machine, row->role, input, (int) strlen(input), name, NULL, &started) &&
		(!started.was_there ||
		 execution_start(&call, machine, row->role, input, (int) strlen(input), NULL, NULL, &started));
}

static void
start_hidden(const ScheduleRow *row, const char *input, const char *name)
{
	MachineRow *machine = machine_by_id(row->machine_id);
	const JsonVal *letter = dead_letter_of_schedule(row, time_in_name(name));
	NewExecutions shared = {.machine = machine, .starter = row->role, .start_date = sfn_now()};
	NewExecution execution;

	new_name_make(&execution.name, NULL, false);
	execution.input =
		CStringGetTextDatum(psprintf("{\"event\": {\"id\": \"%s\"}, \"input\": %s%s}", name, input,
									 letter != NULL ? psprintf(", \"letter\": %s", jv_to_text(letter)) : ""));
	new_executions_store(&shared, 1, &execution);
}

static void
start_one(const ScheduleRow *row, const char *input, const char *name)
{
	if (!start_at_once(row, input, name))
		start_hidden(row, input, name);
}

/* A start that cannot fail, but for its name. */
static SFN_MUST_CHECK bool
start_gathered(EventRows *rows, const ScheduleRow *row, const char *input, const char *name)
{
	const MachineRow *machine =
		execution_input_is_plain(input, false) ? execution_plain_machine(row->role, row->target) : NULL;
	NewExecutions shared = {.machine = machine, .starter = row->role, .trace_header = lineage_header(NULL)};

	if (machine != NULL)
		event_rows_start_named(rows, &shared, name, input, row);
	return machine != NULL;
}

static void
name_is_taken(const void *row, const char *name, const char *input)
{
	start_one(row, input, name);
}

EventRows *
schedule_rows_begin(void)
{
	return event_rows_begin(name_is_taken);
}

/* False: it is refused, and tried later as what may fail is. */
static bool
put_at_once(const ScheduleRow *row, const char *input, TimestampTz due)
{
	const JsonVal *bus = bus_parameters(row);
	const JsonVal *resource = jv_string(schedule_arn(row->group, row->name));
	ActionCall call = {.style = ACTION_SQL,
					   .action = "PutEvents",
					   .scope = {.caller = row->role},
					   .is_unattended = true};
	JvParseError error;
	PutEvent event = {.bus = row->target,
					  .source = jv_get_string(bus, "Source"),
					  .detail_type = jv_get_string(bus, "DetailType"),
					  .detail = jv_parse(input, (int) strlen(input), &error),
					  .resources = jv_array(&resource, 1),
					  .time = due};
	char *id;

	return event_put(&call, &event, &id);
}

/* What is due is a transaction of its own, so the lock of notifications at its commit holds up no turn. */
static void
notify_now(const ScheduleRow *row, const char *input)
{
	const char *payload = strlen(input) <= MAX_NOTICE
		? input
		: psprintf("{\"resources\": [\"%s\"]}", schedule_arn(row->group, row->name));

	Async_Notify(event_target_name(row->target), payload);
}

/* False: it is refused.  The hidden machine tries it, and its execution says why it fails. */
static bool
told_at_once(EventRows *rows, const ScheduleRow *row, EventTargetWay way, const char *input, const char *name,
			 TimestampTz due)
{
	if (way == TARGET_START)
		return start_gathered(rows, row, input, name) || start_at_once(row, input, name);
	return way == TARGET_BUS && put_at_once(row, input, due);
}

static void
tell_target(EventRows *rows, const ScheduleRow *row, TimestampTz due)
{
	EventTargetWay way = event_target_kind(row->target)->way;
	char *input = run_input(row, due);
	char *name = run_name(row, due);

	if (way == TARGET_NOTIFY)
		notify_now(row, input);
	else if (!told_at_once(rows, row, way, input, name, due))
		start_hidden(row, input, name);
}

/* What a rule's targets are told at its times, as on AWS. */
static void
tell_rule(const ScheduleRow *row, TimestampTz due)
{
	JvArrayBuilder resources;
	PutEvent event = {.source = "aws.events",
					  .detail_type = "Scheduled Event",
					  .detail = jv_empty_object(),
					  .time = due};

	jv_array_begin(&resources);
	jv_array_add(&resources, jv_string(row->target));
	event.resources = jv_array_end(&resources);
	event_tell_targets(row->rule_id, event_made(&event, random_uuid()));
}

void
schedule_tell(EventRows *rows, const ScheduleRow *row, TimestampTz due)
{
	if (row->rule_id != 0)
		tell_rule(row, due);
	else
		tell_target(rows, row, due);
}

/* ---- may it be told so? ---- */

static SFN_MUST_CHECK bool
check_bus_parameters(ActionCall *call, const ScheduleRow *row)
{
	const JsonVal *bus = bus_parameters(row);
	const char *source = jv_get_string(bus, "Source");
	const char *type = jv_get_string(bus, "DetailType");
	JvParseError error;

	if (source == NULL || type == NULL)
		return action_invalid(call,
							  "the target is an event bus: its parameters must have"
							  " {\"EventBridgeParameters\": {\"Source\": ..., \"DetailType\": ...}}");
	if (!check_length(call, source, "target.eventBridgeParameters.source", "Source", 1, 256) ||
		!check_length(call, type, "target.eventBridgeParameters.detailType", "DetailType", 1, 128))
		return false;
	return row->input == NULL || jv_is(jv_parse(row->input, (int) strlen(row->input), &error), JV_OBJECT) ||
		action_invalid(call, "the target is an event bus: input must be an object, the detail of the event");
}

bool
schedule_target_check(ActionCall *call, const ScheduleRow *row)
{
	JvParseError error;

	if (row->aws_members != NULL &&
		!jv_is(jv_parse(row->aws_members, (int) strlen(row->aws_members), &error), JV_OBJECT))
		return action_invalid(call, "parameters must be an object");
	return event_target_kind(row->target)->way != TARGET_BUS || check_bus_parameters(call, row);
}
