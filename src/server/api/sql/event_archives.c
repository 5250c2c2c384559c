/*
 * event_archives.c
 *	  The SQL functions for archives and replays: create_archive(), start_replay() and others.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/timestamp.h"

#include "actions/event_archives.h"
#include "actions/event_replays.h"
#include "api/arguments.h"
#include "store/sql_version.h"

/* ---- archives ---- */

SFN_FUNCTION(sfn_create_archive)
{
	ActionCall call;
	ArchiveRow archive = {.pattern = text_argument(fcinfo, 1),
						  .retention = interval_argument(fcinfo, 3),
						  .description = text_argument(fcinfo, 4)};

	api_enter(&call, ACTION_SQL, "CreateArchive");
	archive.name = required_text(&call, fcinfo, 0, "name");
	archive.bus = required_text(&call, fcinfo, 2, "bus");
	api_check(&call, archive_create(&call, &archive));
	api_leave(&call);
	PG_RETURN_TEXT_P(cstring_to_text(archive_arn(archive.name)));
}

SFN_FUNCTION(sfn_update_archive)
{
	ActionCall call;
	int64 retention = interval_argument(fcinfo, 2);
	ArchiveChange change = {.pattern = text_argument(fcinfo, 1),
							.retention = PG_ARGISNULL(2) ? NULL : &retention,
							.description = text_argument(fcinfo, 3)};

	api_enter(&call, ACTION_SQL, "UpdateArchive");
	api_check(&call, archive_change(&call, required_text(&call, fcinfo, 0, "name"), &change) != NULL);
	api_leave(&call);
	PG_RETURN_VOID();
}

SFN_FUNCTION(sfn_drop_archive)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "DeleteArchive");
	api_check(&call, archive_drop(&call, required_text(&call, fcinfo, 0, "name")));
	api_leave(&call);
	PG_RETURN_VOID();
}

/* ---- replays ---- */

static const JsonVal *
rules_argument(ActionCall *call, FunctionCallInfo fcinfo, int number)
{
	JvArrayBuilder rules;
	char **names;
	int count;

	if (PG_ARGISNULL(number))
		return NULL;
	names = required_texts(call, fcinfo, number, "rules", &count);
	jv_array_begin(&rules);
	for (int i = 0; i < count; i++)
		jv_array_add(&rules, jv_string(names[i]));
	return jv_array_end(&rules);
}

SFN_FUNCTION(sfn_start_replay)
{
	ActionCall call;
	NewReplay replay = {.description = text_argument(fcinfo, 5)};

	api_enter(&call, ACTION_SQL, "StartReplay");
	replay.name = required_text(&call, fcinfo, 0, "name");
	replay.archive = required_text(&call, fcinfo, 1, "archive");
	if (PG_ARGISNULL(2) || PG_ARGISNULL(3))
		api_error(&call, API_VALIDATION, "EventStartTime and EventEndTime must be given",
				  "from and to must be moments");
	replay.start_time = moment_argument(&call, fcinfo, 2);
	replay.end_time = moment_argument(&call, fcinfo, 3);
	replay.rules = rules_argument(&call, fcinfo, 4);
	api_check(&call, replay_start(&call, &replay) != NULL);
	api_leave(&call);
	PG_RETURN_TEXT_P(cstring_to_text(replay_arn(replay.name)));
}

SFN_FUNCTION(sfn_cancel_replay)
{
	ActionCall call;

	api_enter(&call, ACTION_SQL, "CancelReplay");
	api_check(&call, replay_cancel(&call, required_text(&call, fcinfo, 0, "name")) != NULL);
	api_leave(&call);
	PG_RETURN_VOID();
}
