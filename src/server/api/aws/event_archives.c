/*
 * event_archives.c
 *	  EventBridge's actions on archives and replays.
 */
#include "postgres.h"

#include "utils/timestamp.h"

#include "actions/checks.h"
#include "actions/event_archives.h"
#include "actions/event_replays.h"
#include "actions/event_rules.h"
#include "actions/event_targets.h"
#include "api/answers.h"
#include "api/aws/actions.h"
#include "api/aws/requests.h"
#include "aws/arn.h"
#include "settings/guc.h"

#define ARCHIVE_STATE "ENABLED"

/* The name behind the last slash of an ARN that has that in it. */
static SFN_MUST_CHECK const char *
name_in_arn(ActionCall *call, const char *arn, const char *what, const char *member, const char *kind)
{
	if (arn_looks_like(arn) && strstr(arn, what) != NULL)
		return archive_name_of(arn);
	return action_fail_null(call, API_VALIDATION,
							psprintf("Parameter %s is not valid. Reason: Must contain an %s ARN.", member, kind), "");
}

/* ---- archives ---- */

/* 0: for ever. */
static int64
retention_of(const JsonVal *request)
{
	return request_integer(request, "RetentionDays", 0) * USECS_PER_DAY;
}

static const JsonVal *
answer_archive(const ArchiveRow *archive)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	answer_text(&answer, "ArchiveArn", archive_arn(archive->name));
	answer_text(&answer, "State", ARCHIVE_STATE);
	answer_moment(&answer, "CreationTime", archive->creation_date);
	return jv_object_end(&answer);
}

static const JsonVal *
create_archive(ActionCall *call, const JsonVal *request)
{
	ArchiveRow archive = {.name = request_copy(request, "ArchiveName"),
						  .pattern = request_copy(request, "EventPattern"),
						  .retention = retention_of(request),
						  .description = request_copy(request, "Description")};
	const char *bus =
		name_in_arn(call, request_string(request, "EventSourceArn"), ":event-bus/", "EventSourceArn", "event bus");

	if (bus == NULL)
		return NULL;
	archive.bus = pstrdup(bus);
	return archive_create(call, &archive) ? answer_archive(&archive) : NULL;
}

static const JsonVal *
update_archive(ActionCall *call, const JsonVal *request)
{
	int64 retention = retention_of(request);
	ArchiveChange change = {.pattern = request_copy(request, "EventPattern"),
							.retention = request_value(request, "RetentionDays") != NULL ? &retention : NULL,
							.description = request_copy(request, "Description")};
	ArchiveRow *archive = archive_change(call, request_string(request, "ArchiveName"), &change);

	return archive != NULL ? answer_archive(archive) : NULL;
}

static const JsonVal *
delete_archive(ActionCall *call, const JsonVal *request)
{
	return archive_drop(call, request_string(request, "ArchiveName")) ? jv_empty_object() : NULL;
}

static void
add_archive(JvObjectBuilder *object, const ArchiveRow *archive)
{
	int64 events;
	int64 bytes;

	archive_measure(archive->id, &events, &bytes);
	answer_text(object, "ArchiveName", archive->name);
	answer_text(object, "EventSourceArn", arn_of_bus(sfn_region, sfn_account_id, archive->bus));
	answer_text(object, "State", ARCHIVE_STATE);
	jv_object_add(object, "RetentionDays", jv_int((archive->retention + USECS_PER_DAY - 1) / USECS_PER_DAY));
	jv_object_add(object, "SizeBytes", jv_int(bytes));
	jv_object_add(object, "EventCount", jv_int(events));
	answer_moment(object, "CreationTime", archive->creation_date);
}

static const JsonVal *
describe_archive(ActionCall *call, const JsonVal *request)
{
	ArchiveRow *archive = archive_describe(call, request_string(request, "ArchiveName"));
	JvObjectBuilder answer;

	if (archive == NULL)
		return NULL;
	jv_object_begin(&answer);
	answer_text(&answer, "ArchiveArn", archive_arn(archive->name));
	answer_text(&answer, "Description", archive->description);
	answer_text(&answer, "EventPattern", archive->pattern);
	add_archive(&answer, archive);
	return jv_object_end(&answer);
}

/* Part of a list of those of a bus or an archive, in a state. */
static SFN_MUST_CHECK bool
read_page(ActionCall *call, const JsonVal *request, char kind, ArchivePage *page)
{
	const char *source = request_string(request, "EventSourceArn");

	*page = (ArchivePage){.source = source != NULL ? archive_name_of(source) : NULL,
						  .state = request_string(request, "State"),
						  .viewer = call->scope.caller};
	return request_name_page(call, request, "Limit", kind, &page->names);
}

static const JsonVal *
list_archives(ActionCall *call, const JsonVal *request)
{
	ArchivePage page;
	ArchiveRow *archives;
	JvArrayBuilder list;
	int count;

	if (!read_page(call, request, 'a', &page))
		return NULL;
	count = archives_page(&page, &archives);
	jv_array_begin(&list);
	for (int i = 0; i < Min(count, page.names.limit - 1); i++)
	{
		JvObjectBuilder object;

		jv_object_begin(&object);
		add_archive(&object, &archives[i]);
		jv_array_add(&list, jv_object_end(&object));
	}
	return answer_name_page("Archives", &list, 'a', count == page.names.limit ? archives[count - 2].name : NULL);
}

/* ---- replays ---- */

static const JsonVal *
answer_replay(const ReplayRow *replay)
{
	JvObjectBuilder answer;

	jv_object_begin(&answer);
	answer_text(&answer, "ReplayArn", replay_arn(replay->name));
	answer_text(&answer, "State", replay->state);
	return jv_object_end(&answer);
}

/* The bus has to be that of the archive. */
static SFN_MUST_CHECK bool
check_destination(ActionCall *call, const JsonVal *destination, const char *archive_name)
{
	const char *arn = request_string(destination, "Arn");
	const char *bus;
	ArchiveRow *archive;

	if (arn == NULL)
		return fail_missing_member(call, "destination.arn");
	bus = name_in_arn(call, arn, ":event-bus/", "Destination.Arn", "event bus");
	if (bus == NULL || bus_describe(call, bus) == NULL)
		return false;
	archive = archive_describe(call, archive_name);
	if (archive == NULL && call->error.id == API_ARCHIVE_DOES_NOT_EXIST)
		return action_fail(call, API_VALIDATION,
						   psprintf("Parameter EventSourceArn is not valid. Reason: Archive %s does not exist.",
									archive_name),
						   "");
	return archive != NULL &&
		(strcmp(archive->bus, bus) == 0 ||
		 action_fail(call, API_VALIDATION,
					 "Parameter Destination.Arn is not valid. Reason: Cross event bus replay is not permitted.", ""));
}

static const JsonVal *
start_replay(ActionCall *call, const JsonVal *request)
{
	const JsonVal *destination = request_value(request, "Destination");
	NewReplay new = {.name = request_copy(request, "ReplayName"),
					 .start_time = request_moment(request, "EventStartTime"),
					 .end_time = request_moment(request, "EventEndTime"),
					 .description = request_copy(request, "Description")};
	ReplayRow *replay;
	JvObjectBuilder answer;

	new.archive =
		name_in_arn(call, request_string(request, "EventSourceArn"), ":archive/", "EventSourceArn", "archive");
	if (new.archive == NULL || !check_destination(call, destination, new.archive))
		return NULL;
	if (!jv_is(jv_get(destination, "FilterArns"), JV_ARRAY) && request_value(destination, "FilterArns") != NULL)
	{
		(void) fail_member_type(call, "Destination.FilterArns", "a list");
		return NULL;
	}
	if (request_value(destination, "FilterArns") != NULL &&
		(new.rules = request_texts(call, destination, "FilterArns")) == NULL)
		return NULL;
	replay = replay_start(call, &new);
	if (replay == NULL)
		return NULL;
	jv_object_begin(&answer);
	answer_text(&answer, "ReplayArn", replay_arn(replay->name));
	answer_text(&answer, "State", replay->state);
	answer_moment(&answer, "ReplayStartTime", replay->creation_date);
	return jv_object_end(&answer);
}

static const JsonVal *
cancel_replay(ActionCall *call, const JsonVal *request)
{
	ReplayRow *replay = replay_cancel(call, request_string(request, "ReplayName"));

	return replay != NULL ? answer_replay(replay) : NULL;
}

static void
add_replay(JvObjectBuilder *object, const ReplayRow *replay)
{
	answer_text(object, "ReplayName", replay->name);
	answer_text(object, "EventSourceArn", archive_arn(replay->archive.name));
	answer_text(object, "State", replay->state);
	answer_text(object, "StateReason", replay->state_reason);
	answer_moment(object, "EventStartTime", replay->start_time);
	answer_moment(object, "EventEndTime", replay->end_time);
	answer_moment(object, "EventLastReplayedTime", replay->last_time);
	answer_moment(object, "ReplayStartTime", replay->creation_date);
	answer_moment(object, "ReplayEndTime", replay->end_date);
}

static const JsonVal *
destination_object(const ReplayRow *replay)
{
	JvObjectBuilder object;

	jv_object_begin(&object);
	answer_text(&object, "Arn", arn_of_bus(sfn_region, sfn_account_id, replay->archive.bus));
	if (replay->rules != NULL)
		jv_object_add(&object, "FilterArns", parse_stored(replay->rules));
	return jv_object_end(&object);
}

static const JsonVal *
describe_replay(ActionCall *call, const JsonVal *request)
{
	ReplayRow *replay = replay_describe(call, request_string(request, "ReplayName"));
	JvObjectBuilder answer;

	if (replay == NULL)
		return NULL;
	jv_object_begin(&answer);
	answer_text(&answer, "ReplayArn", replay_arn(replay->name));
	answer_text(&answer, "Description", replay->description);
	jv_object_add(&answer, "Destination", destination_object(replay));
	add_replay(&answer, replay);
	return jv_object_end(&answer);
}

static const JsonVal *
list_replays(ActionCall *call, const JsonVal *request)
{
	ArchivePage page;
	ReplayRow *replays;
	JvArrayBuilder list;
	int count;

	if (!read_page(call, request, 'p', &page))
		return NULL;
	count = replays_page(&page, &replays);
	jv_array_begin(&list);
	for (int i = 0; i < Min(count, page.names.limit - 1); i++)
	{
		JvObjectBuilder object;

		jv_object_begin(&object);
		add_replay(&object, &replays[i]);
		jv_array_add(&list, jv_object_end(&object));
	}
	return answer_name_page("Replays", &list, 'p', count == page.names.limit ? replays[count - 2].name : NULL);
}

/* ---- the rows ---- */

const AwsAction aws_event_archive_actions[] = {
	{"CancelReplay", "ReplayName:s!", cancel_replay},
	{"CreateArchive",
	 "ArchiveName:s! EventSourceArn:s! Description:s EventPattern:s RetentionDays:i KmsKeyIdentifier:s",
	 create_archive},
	{"DeleteArchive", "ArchiveName:s!", delete_archive},
	{"DescribeArchive", "ArchiveName:s!", describe_archive},
	{"DescribeReplay", "ReplayName:s!", describe_replay},
	{"ListArchives", "NamePrefix:s EventSourceArn:s State:s NextToken:s Limit:i", list_archives},
	{"ListReplays", "NamePrefix:s State:s EventSourceArn:s NextToken:s Limit:i", list_replays},
	{"StartReplay", "ReplayName:s! Description:s EventSourceArn:s! EventStartTime:n! EventEndTime:n! Destination:o!",
	 start_replay},
	{"UpdateArchive", "ArchiveName:s! Description:s EventPattern:s RetentionDays:i KmsKeyIdentifier:s", update_archive},
	{NULL},
};
