/*
 * event_replays.c
 *	  Replays: what an archive has kept is put on its bus again.
 *
 * A rule gets of a replayed event what it got, or would have got, of the event itself: the archive knows who put it,
 * or of which state machine it is.  Where the machine is gone, the archive's owner puts the event.  What is not the owner's,
 * whoever let him see it, is for rules of his own: others' would start again what had been done.
 */
#include "postgres.h"

#include "utils/acl.h"
#include "utils/timestamp.h"

#include "actions/checks.h"
#include "actions/event_archives.h"
#include "actions/event_delivery.h"
#include "actions/event_replays.h"
#include "actions/event_rule_cache.h"
#include "actions/event_rules.h"
#include "settings/clock.h"
#include "settings/guc.h"

#define EVENTS_PER_STEP 100
#define REPLAY_NAME_MEMBER "replay-name" /* AWS's */

char *
replay_arn(const char *name)
{
	return psprintf("arn:aws:events:%s:%s:replay/%s", sfn_region, sfn_account_id, name);
}

/* ---- starting and ending ---- */

/* ARNs of rules on the archive's bus, which are the caller's. */
static SFN_MUST_CHECK bool
read_rules(ActionCall *call, const NewReplay *new, const ArchiveRow *archive, char **rules)
{
	JvArrayBuilder arns;

	*rules = NULL;
	if (new->rules == NULL || new->rules->count == 0)
		return true;
	jv_array_begin(&arns);
	for (int i = 0; i < new->rules->count; i++)
	{
		RuleRow *rule = rule_describe(call, new->rules->u.items[i]->u.text);

		if (rule == NULL)
			return false;
		if (rule->bus_id != archive->bus_id)
			return action_invalid(call,
								  psprintf("rule \"%s\" is not on the event bus of archive \"%s\"", rule->name,
										   archive->name));
		jv_array_add(&arns, jv_string(rule_arn_of(rule->bus, rule->name)));
	}
	*rules = jv_to_text(jv_array_end(&arns));
	return true;
}

ReplayRow *
replay_start(ActionCall *call, const NewReplay *new)
{
	ReplayRow *replay = palloc0(sizeof(ReplayRow));
	ArchiveRow *archive;

	if (!check_event_name(call, new->name, "a replay") || !check_long_description(call, new->description) ||
		(archive = archive_to_replay(call, new->archive)) == NULL)
		return NULL;
	if (new->end_time <= new->start_time)
		return action_fail_null(
			call, API_VALIDATION,
			"Parameter EventEndTime is not valid. Reason: EventStartTime must be before EventEndTime.",
			"a replay must end behind the moment from which it begins");
	*replay = (ReplayRow){.name = new->name,
						  .archive = *archive,
						  .start_time = new->start_time,
						  .end_time = new->end_time,
						  .description = new->description,
						  .state = "STARTING",
						  .creation_date = sfn_now()};
	if (!read_rules(call, new, archive, &replay->rules))
		return NULL;
	return replay_insert(replay) ? replay : action_fail_null(call, API_REPLAY_ALREADY_EXISTS, new->name);
}

static SFN_MUST_CHECK ReplayRow *
own_replay(ActionCall *call, const char *name_or_arn, ReplayRow *(*find)(const char *name))
{
	const char *name = archive_name_of(name_or_arn);
	ReplayRow *replay = find(name);

	if (replay == NULL)
		return action_fail_null(call, API_REPLAY_DOES_NOT_EXIST, name);
	return check_archive_owner(call, &replay->archive) ? replay : NULL;
}

ReplayRow *
replay_cancel(ActionCall *call, const char *name)
{
	ReplayRow *replay = own_replay(call, name, replay_read);

	if (replay == NULL)
		return NULL;
	archive_hold(replay->archive.id);
	replay = own_replay(call, name, replay_lock);
	if (replay == NULL)
		return NULL;
	if (replay->end_date != 0)
		return action_fail_null(call, API_REPLAY_HAS_ENDED, replay->name);
	replay->state = "CANCELLED";
	replay->end_date = sfn_now();
	replay_update(replay);
	return replay;
}

ReplayRow *
replay_describe(ActionCall *call, const char *name)
{
	return own_replay(call, name, replay_read);
}

/* ---- doing it ---- */

/* For those who may not read what the execution was given and gave. */
static const JsonVal *
without_data(const JsonVal *event)
{
	static const char *const hidden[][2] = {{"input", "inputDetails"}, {"output", "outputDetails"}};
	const JsonVal *detail = jv_get(event, "detail");

	for (size_t i = 0; i < lengthof(hidden); i++)
	{
		if (!jv_is(jv_get(detail, hidden[i][0]), JV_STRING))
			continue;
		detail = jv_object_set(detail, hidden[i][0], (int) strlen(hidden[i][0]), jv_null());
		detail = jv_object_set(detail, hidden[i][1], (int) strlen(hidden[i][1]),
							   jv_object_set(jv_empty_object(), "included", strlen("included"), jv_bool(false)));
	}
	return jv_object_set(event, "detail", strlen("detail"), detail);
}

/* Could the archive's owner have put it himself, as that role, or does the engine tell of a machine of his? */
static bool
is_own_event(const ArchiveRow *archive, const SentEvent *sent)
{
	return has_privs_of_role(archive->owner, sent->machine != NULL ? sent->machine->role : sent->putter);
}

static void
put_again(const ReplayRow *replay, const JsonVal *rules, const ArchivedEvent *archived)
{
	JvParseError error;
	const JsonVal *event = jv_object_set(jv_parse(archived->event, (int) strlen(archived->event), &error),
										 REPLAY_NAME_MEMBER, strlen(REPLAY_NAME_MEMBER), jv_string(replay->name));
	SentEvent sent = {.bus_id = replay->archive.bus_id,
					  .is_replayed = true,
					  .rules = rules,
					  .putter = archived->putter,
					  .event = event};

	if (archived->state_machine_id != 0)
	{
		sent.machine = machine_by_id(archived->state_machine_id);
		sent.putter = replay->archive.owner;
		sent.shown[false] = without_data(event);
		sent.shown[true] = event;
	}
	if ((archived->state_machine_id != 0 && sent.machine == NULL) || !is_own_event(&replay->archive, &sent))
		sent.replayer = replay->archive.owner;
	event_send(&sent);
}

static int64 in_hand; /* the replay of which a part is being put */

bool
replay_step(void)
{
	static int64 last = 0;
	ReplayRow *replay = replay_take(last);
	const JsonVal *rules = NULL;
	ArchivedEvent *events;
	JvParseError error;
	int count;

	in_hand = 0;
	if (replay == NULL)
		return false;
	last = replay->id;
	if (!archive_hold_if_free(replay->archive.id))
		return false;
	in_hand = replay->id;
	if (replay->rules != NULL)
		rules = jv_parse(replay->rules, (int) strlen(replay->rules), &error);
	count = replay_events(replay, EVENTS_PER_STEP, &events);
	for (int i = 0; i < count; i++)
		put_again(replay, rules, &events[i]);
	if (count > 0)
	{
		replay->last_time = events[count - 1].time;
		replay->last_id = events[count - 1].id;
	}
	replay->replayed += count;
	replay->state = count < EVENTS_PER_STEP ? "COMPLETED" : "RUNNING";
	replay->end_date = count < EVENTS_PER_STEP ? sfn_now() : 0;
	replay_update(replay);
	in_hand = 0;
	return true;
}

void
replay_give_up(const char *reason)
{
	if (in_hand != 0)
		replay_fail(in_hand, sfn_now(), reason);
	in_hand = 0;
}
