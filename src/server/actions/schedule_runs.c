/*
 * schedule_runs.c
 *	  Schedules: making, changing, deleting them, and doing what is due.
 *
 * What is due is done (schedule_targets.c) in the transaction that moves the schedule to its next time: once.
 */
#include "postgres.h"

#include "common/hashfn.h"
#include "utils/acl.h"
#include "utils/syscache.h"
#include "utils/timestamp.h"

#include "actions/checks.h"
#include "actions/event_rule_cache.h"
#include "actions/event_rules.h"
#include "actions/resources.h"
#include "actions/schedule_runs.h"
#include "actions/schedule_targets.h"
#include "actions/schedules.h"
#include "settings/clock.h"
#include "settings/compat.h"
#include "settings/guc.h"
#include "settings/zones.h"
#include "store/instance.h"
#include "store/owner_rule.h"

#define EPOCH_SECONDS ((int64) (POSTGRES_EPOCH_JDATE - UNIX_EPOCH_JDATE) * SECS_PER_DAY)
#define ON_TIME (60 * USECS_PER_SEC) /* as exact as AWS is */
#define MAX_CAUGHT_UP 1000
#define ROLE_IS_GONE "its role does not exist any more"
#define ROLE_IS_ANOTHERS "its owner may not act as its role"
#define CLOCK_GROUP "$rule" /* no other group has such a name */

char *
schedule_arn(const char *group, const char *name)
{
	return psprintf("arn:aws:scheduler:%s:%s:schedule/%s/%s", sfn_region, sfn_account_id, group, name);
}

/* ---- when ---- */

/* Whole seconds since 1970 that have passed. */
static int64
seconds_of(TimestampTz moment)
{
	int64 seconds = moment / USECS_PER_SEC;

	return seconds - (moment % USECS_PER_SEC < 0 ? 1 : 0) + EPOCH_SECONDS;
}

/* A schedule's expression, read once for all times that are worked out. */
typedef struct Timetable
{
	const ScheduleRow *row;
	Schedule schedule;
	ScheduleZone zone;
	bool is_known; /* expression and zone are of those that there are */
} Timetable;

static Timetable
timetable_of(const ScheduleRow *row)
{
	Timetable times = {.row = row};
	ScheduleError error;

	times.is_known = schedule_parse(row->expression, (int) strlen(row->expression), &times.schedule, &error) &&
		zone_find(row->timezone, &times.zone);
	return times;
}

/* The next time behind that moment; 0: there is none.  As on AWS, at() has no start and no end beside itself. */
static TimestampTz
next_time(const Timetable *times, TimestampTz after)
{
	const ScheduleRow *row = times->row;
	bool is_bounded = times->schedule.kind != SCHEDULE_AT;
	int64 begin = seconds_of(row->start_date != 0 ? row->start_date : row->creation_date);
	int64 next;

	if (is_bounded)
		after = Max(after, row->start_date - 1);
	if (!times->is_known || !schedule_next(&times->schedule, &times->zone, begin, seconds_of(after), &next))
		return 0;
	next = (next - EPOCH_SECONDS) * USECS_PER_SEC;
	return is_bounded && row->end_date != 0 && next > row->end_date ? 0 : next;
}

/* The same of a schedule that is asked once. */
static TimestampTz
first_time(const ScheduleRow *row, TimestampTz after)
{
	Timetable times = timetable_of(row);

	return next_time(&times, after);
}

/* In a flexible window each time has its own place, the same after a restart. */
static void
set_due(ScheduleRow *row, TimestampTz due)
{
	int64 key[2] = {row->creation_date, due};

	row->due = row->next_due = due;
	if (due != 0 && row->flexible > 0)
		row->next_due += hash_bytes_extended((const unsigned char *) key, sizeof(key), 0) % (uint64) row->flexible;
}

/* ---- doing what is due ---- */

static void
run_for(EventRows *gathered, ScheduleRow *row, TimestampTz due)
{
	schedule_tell(gathered, row, due);
	row->runs++;
	row->last_due = due;
}

/* The last time that is not behind now; *passed: how many there are between the first one and it. */
static TimestampTz
last_time(const Timetable *times, TimestampTz now, int64 *passed)
{
	TimestampTz last = times->row->due;
	TimestampTz next;

	for (*passed = 0; (next = next_time(times, last)) != 0 && next <= now; (*passed)++)
	{
		CHECK_FOR_INTERRUPTS();
		last = next;
	}
	return last;
}

/* Of times that were missed, each in its turn, but for those too long ago. */
static TimestampTz
first_to_catch_up(const Timetable *times, int64 passed)
{
	TimestampTz first = times->row->due;

	for (int64 skipped = passed - MAX_CAUGHT_UP + 1; skipped > 0; skipped--)
		first = next_time(times, first);
	return first;
}

/* Nothing is done in the name of a role that is gone, or not the owner's any more; NULL: it is.  A rule's targets have theirs. */
static const char *
problem_of_role(const ScheduleRow *row)
{
	if (row->rule_id != 0)
		return NULL;
	if (!SearchSysCacheExists1(AUTHOID, ObjectIdGetDatum(row->role)))
		return ROLE_IS_GONE;
	return sfn_member_can_set_role(row->owner, row->role) ? NULL : ROLE_IS_ANOTHERS;
}

static void
disable_orphan(ScheduleRow *row, const char *reason)
{
	schedule_disable(row, reason);
	ereport(WARNING,
			(errmsg("schedule \"%s\" of group \"%s\" was disabled: %s", row->name, row->group, reason),
			 errhint("sfn.update_schedule() gives it another role, sfn.enable_schedule() enables it.")));
}

static void
run_one(EventRows *gathered, ScheduleRow *row, TimestampTz now)
{
	Timetable times = timetable_of(row);
	int64 passed;
	TimestampTz last = last_time(&times, now, &passed);
	bool is_late = strcmp(row->catch_up, "none") == 0 && now - Max(last, row->next_due) > ON_TIME;

	if (strcmp(row->catch_up, "all") == 0)
	{
		last = first_to_catch_up(&times, passed);
		row->missed += Max(passed - MAX_CAUGHT_UP + 1, 0);
	}
	else
		row->missed += passed + is_late;
	if (!is_late)
		run_for(gathered, row, last);
	set_due(row, next_time(&times, last));
}

/* Nothing is due any more. */
static void
end_schedule(ScheduleRow *row)
{
	row->is_enabled = false;
	if (row->deletes_itself)
	{
		hidden_machine_drop(row->machine_id);
		schedule_delete(row->id);
	}
}

static int64 in_hand; /* the schedule whose target is being started */

int64
schedules_failed(void)
{
	return in_hand;
}

int
schedules_run(int limit, Oid role)
{
	TimestampTz now = sfn_now();
	ScheduleRow *rows;
	EventRows *gathered = schedule_rows_begin();
	int count;

	in_hand = 0;
	count = schedules_due(now, limit, role, &rows);
	for (int i = 0; i < count; i++)
	{
		const char *problem = problem_of_role(&rows[i]);

		in_hand = rows[i].id;
		if (problem != NULL)
			disable_orphan(&rows[i], problem);
		else
			run_one(gathered, &rows[i], now);
	}
	in_hand = 0; /* what is gathered runs nobody's triggers */
	event_rows_store(gathered);
	for (int i = 0; i < count; i++)
	{
		if (rows[i].due == 0)
			end_schedule(&rows[i]);
	}
	if (count > 0)
		schedules_update(rows, count);
	return count;
}

void
schedules_skip(void)
{
	TimestampTz now = sfn_now();
	ScheduleRow *rows;
	int count = schedules_due(now, INT_MAX, InvalidOid, &rows);

	for (int i = 0; i < count; i++)
	{
		Timetable times = timetable_of(&rows[i]);
		int64 passed;
		TimestampTz last = last_time(&times, now, &passed);

		rows[i].missed += passed + 1;
		set_due(&rows[i], next_time(&times, last));
	}
	if (count > 0)
		schedules_update(rows, count);
}

/* ---- making and changing ---- */

static SFN_MUST_CHECK bool
check_schedule(ActionCall *call, const ScheduleRow *row)
{
	Schedule schedule;
	ScheduleZone zone;

	if (!schedule_read(call, row->expression, &schedule) || !schedule_zone_read(call, row->timezone, &zone) ||
		!check_long_description(call, row->description))
		return false;
	if (row->input != NULL && strlen(row->input) > (size_t) sfn_max_payload_size)
		return action_invalid(call, "input is longer than sfn.max_payload_size allows");
	if (strcmp(row->catch_up, "none") != 0 && strcmp(row->catch_up, "last") != 0 && strcmp(row->catch_up, "all") != 0)
		return action_invalid(call, "catch_up must be none, last or all");
	if (row->flexible < 0 || row->flexible > USECS_PER_DAY)
		return action_invalid(call, "flexible must be from no time to a day");
	return true;
}

/* The row of a schedule, if it is the caller's. */
static ScheduleRow *
own_row(ActionCall *call, ScheduleRow *row, const char *group, const char *name)
{
	if (row == NULL)
		return action_fail_null(call, API_SCHEDULE_DOES_NOT_EXIST, name, group);
	if (has_privs_of_role(call->scope.caller, row->owner))
		return row;
	(void) fail_owned(call, psprintf("schedule \"%s\"", name), row->owner);
	return NULL;
}

ScheduleRow *
schedule_lock_own(ActionCall *call, const char *group, const char *name)
{
	return own_row(call, schedule_lock(group, name), group, name);
}

/* A schedule that has the name goes, if it is the caller's and he says so. */
static SFN_MUST_CHECK bool
make_room(ActionCall *call, const ScheduleRow *row, bool replace)
{
	ScheduleRow *existing = schedule_lock(row->group, row->name);

	if (existing == NULL)
		return true;
	if (!replace)
		return action_fail(call, API_SCHEDULE_ALREADY_EXISTS, row->name);
	if (!owner_admits_replacing(existing->owner, call->scope.caller, row->owner))
		return fail_owned(call, psprintf("schedule \"%s\"", row->name), existing->owner);
	hidden_machine_drop(existing->machine_id);
	schedule_delete(existing->id);
	return true;
}

/* The group, in which members of its owner may have schedules. */
static SFN_MUST_CHECK ScheduleGroupRow *
open_group(ActionCall *call, const char *name, GroupLock lock)
{
	ScheduleGroupRow *group = schedule_group_by_name(name, lock);

	if (group == NULL)
		return action_fail_null(call, API_SCHEDULE_GROUP_DOES_NOT_EXIST, name);
	if (!OidIsValid(group->owner) || has_privs_of_role(call->scope.caller, group->owner))
		return group;
	(void) fail_owned(call, psprintf("schedule group \"%s\"", name), group->owner);
	return NULL;
}

/* What its maker says of it is looked at, and put as it is kept. */
static SFN_MUST_CHECK bool
prepare_schedule(ActionCall *call, ScheduleRow *row, TargetRow *target)
{
	*target = (TargetRow){.id = "schedule",
						  .target = row->target,
						  .role = row->role,
						  .input = row->input != NULL ? row->input : "{}",
						  .retry = row->retry,
						  .aws_members = row->aws_members,
						  .dead_letter_queue = row->dead_letter_queue};
	if (!check_schedule(call, row) || !target_check(call, row->owner, target))
		return false;
	row->role = target->role;
	row->target = target->target;
	row->aws_members = target->aws_members;
	if (!schedule_target_check(call, row))
		return false;
	row->last_modification_date = sfn_now();
	if (row->creation_date == 0)
		row->creation_date = row->last_modification_date;
	set_due(row, first_time(row, row->last_modification_date));
	return row->due != 0 || action_invalid(call, psprintf("schedule \"%s\" would never be due", row->name));
}

static SFN_MUST_CHECK bool
make_deliverer(ActionCall *call, ScheduleRow *row, TargetRow *target)
{
	if (!target_make_machine(call, psprintf("$schedule/%s/%s", row->group, row->name), target))
		return false;
	row->machine_id = target->machine_id;
	return true;
}

/* The same call of AWS's again, since its answer was lost. */
static bool
is_made_already(const ScheduleRow *row)
{
	ScheduleRow *existing = row->client_token != NULL ? schedule_read_row(row->group, row->name) : NULL;

	return existing != NULL && existing->client_token != NULL && existing->owner == row->owner &&
		strcmp(existing->client_token, row->client_token) == 0;
}

bool
schedule_create(ActionCall *call, ScheduleRow *row, bool replace)
{
	TargetRow target;

	row->owner = call->scope.caller;
	if (!check_event_name(call, row->name, "a schedule") || !check_event_name(call, row->group, "a schedule group") ||
		open_group(call, row->group, GROUP_SHARE) == NULL)
		return false;
	if (is_made_already(row))
		return true;
	if (!prepare_schedule(call, row, &target))
		return false;
	instance_claim_if_empty();
	return make_room(call, row, replace) && make_deliverer(call, row, &target) &&
		(schedule_insert(row) || action_fail(call, API_SCHEDULE_ALREADY_EXISTS, row->name));
}

bool
schedule_change(ActionCall *call, ScheduleRow *row)
{
	ScheduleRow *existing = schedule_lock_own(call, row->group, row->name);
	TargetRow target;

	if (existing == NULL)
		return false;
	row->id = existing->id;
	row->owner = existing->owner;
	row->creation_date = existing->creation_date;
	if (row->catch_up == NULL)
		row->catch_up = existing->catch_up;
	if (!prepare_schedule(call, row, &target))
		return false;
	hidden_machine_drop(existing->machine_id);
	if (!make_deliverer(call, row, &target))
		return false;
	schedule_replace(row);
	return true;
}

bool
schedule_enable(ActionCall *call, const char *group, const char *name, bool is_enabled)
{
	ScheduleRow *row = schedule_lock_own(call, group, name);

	if (row == NULL)
		return false;
	row->is_enabled = is_enabled;
	if (is_enabled)
		set_due(row, first_time(row, sfn_now()));
	schedules_update(row, 1);
	return true;
}

bool
schedule_drop(ActionCall *call, const char *group, const char *name)
{
	ScheduleRow *row = schedule_lock_own(call, group, name);

	if (row == NULL)
		return false;
	hidden_machine_drop(row->machine_id);
	schedule_delete(row->id);
	return true;
}

bool
schedule_drop_owned(ActionCall *call, const char *name)
{
	const char *slash = strchr(name, '/');

	return schedule_drop(call, pnstrdup(name, slash - name), slash + 1);
}

ScheduleRow *
schedule_describe(ActionCall *call, const char *group, const char *name)
{
	return own_row(call, schedule_read_row(group, name), group, name);
}

/* ---- clocks of rules ---- */

/* As AWS's, they know rate() and cron() with six fields, in UTC, and only on the default bus. */
static SFN_MUST_CHECK bool
check_clock(ActionCall *call, const RuleRow *rule)
{
	Schedule schedule;
	ScheduleError error;

	if (sfn_shard_id >= 0)
		return action_fail(
			call, API_VALIDATION,
			"ScheduleExpression is not supported by rules of several databases: sfn.create_schedule() is.", "");
	if (rule->bus_id != DEFAULT_BUS_ID)
		return action_fail(call, API_VALIDATION, "ScheduleExpression is supported only on the default event bus.", "");
	return (schedule_parse(rule->schedule, (int) strlen(rule->schedule), &schedule, &error) &&
			(schedule.kind == SCHEDULE_RATE || schedule.kind == SCHEDULE_CRON)) ||
		action_fail(call, API_VALIDATION, "Parameter ScheduleExpression is not valid.", "");
}

static SFN_MUST_CHECK bool
put_clock(ActionCall *call, const RuleRow *rule, const ScheduleRow *existing)
{
	bool goes_on = existing != NULL && strcmp(existing->expression, rule->schedule) == 0;
	ScheduleRow row = {.group = CLOCK_GROUP,
					   .name = psprintf(INT64_FORMAT, rule->id),
					   .owner = rule->owner,
					   .role = rule->owner,
					   .expression = rule->schedule,
					   .timezone = "UTC",
					   .target = rule_arn_of(rule->bus, rule->name),
					   .catch_up = "last",
					   .is_enabled = rule->is_enabled,
					   .rule_id = rule->id,
					   .last_modification_date = sfn_now()};

	if (!check_clock(call, rule))
		return false;
	row.creation_date = goes_on ? existing->creation_date : row.last_modification_date;
	set_due(&row, first_time(&row, row.last_modification_date));
	if (existing == NULL)
		return schedule_insert(&row) || action_fail(call, API_RULE_ALREADY_EXISTS, rule->name);
	row.id = existing->id;
	schedule_replace(&row);
	return true;
}

bool
rule_clock_set(ActionCall *call, const RuleRow *rule)
{
	ScheduleRow *existing = schedule_lock_of_rule(rule->id);

	if (rule->schedule != NULL)
		return put_clock(call, rule, existing);
	if (existing != NULL)
		schedule_delete(existing->id);
	return true;
}

/* ---- groups ---- */

char *
schedule_group_arn(const char *group)
{
	return psprintf("arn:aws:scheduler:%s:%s:schedule-group/%s", sfn_region, sfn_account_id, group);
}

bool
schedule_group_create(ActionCall *call, const char *name, int64 *id)
{
	if (!check_event_name(call, name, "a schedule group"))
		return false;
	instance_claim_if_empty();
	*id = strcmp(name, DEFAULT_GROUP) != 0 ? schedule_group_insert(name, call->scope.caller, sfn_now()) : 0;
	return *id != 0 || action_fail(call, API_SCHEDULE_GROUP_ALREADY_EXISTS, name);
}

bool
schedule_group_drop(ActionCall *call, const char *name)
{
	ScheduleGroupRow *group = open_group(call, name, GROUP_DELETE);

	if (group == NULL)
		return false;
	if (group->id == 0)
		return action_fail(call, API_VALIDATION, "The default schedule group cannot be deleted.",
						   "the default schedule group cannot be deleted");
	schedule_group_delete(group);
	return true;
}

ScheduleGroupRow *
schedule_group_describe(ActionCall *call, const char *name)
{
	ScheduleGroupRow *group = schedule_group_by_name(name, GROUP_READ);

	return group != NULL ? group : action_fail_null(call, API_SCHEDULE_GROUP_DOES_NOT_EXIST, name);
}

bool
schedule_tag_owner(ActionCall *call, const char *arn, bool changes, TagOwner *owner)
{
	const char *name = strstr(arn, ":schedule-group/");
	ScheduleGroupRow *group;

	if (name == NULL)
		return action_fail(call, API_RESOURCE_NOT_FOUND, arn);
	name += strlen(":schedule-group/");
	group = open_group(call, name, changes ? GROUP_SHARE : GROUP_READ);
	if (group != NULL && changes && !OidIsValid(group->owner) && !superuser_arg(call->scope.caller))
		return action_fail(call, API_PERMISSION_DENIED, "permission denied for schedule group \"default\"",
						   "It is everybody's; superusers tag it.");
	*owner = (TagOwner){TAGS_OF_SCHEDULE_GROUP, group != NULL ? group->id : 0};
	return group != NULL;
}
