/*
 * events.c
 *	  sfn.test_event_pattern(): does an event match a pattern?  sfn.test_event_input(): what is a target given of it?
 *	  sfn.execution_event(): the event of an execution.
 *
 * A query that asks for many rows mostly has one pattern, so a call keeps the last
 * one compiled, in a context below that of the function's call site.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/builtins.h"
#include "utils/memutils.h"

#include "actions/event_patterns.h"
#include "actions/execution_events.h"
#include "api/answers.h"
#include "api/arguments.h"
#include "api/errors.h"
#include "aws/arn.h"
#include "base/timestamps.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "store/sql_version.h"

/* ---- test_event_pattern(event, pattern) ---- */

typedef struct KeptPattern
{
	MemoryContext context; /* of this and all of it */
	EventPattern *pattern;
	int length;
	char *text;
} KeptPattern;

static KeptPattern *
keep_pattern(FunctionCallInfo fcinfo, ActionCall *call, text *source)
{
	MemoryContext context = AllocSetContextCreate(CurrentMemoryContext, "sfn event pattern", ALLOCSET_SMALL_SIZES);
	MemoryContext old = MemoryContextSwitchTo(context);
	KeptPattern *kept = palloc(sizeof(KeptPattern));

	kept->context = context;
	kept->length = (int) VARSIZE_ANY_EXHDR(source);
	kept->text = pnstrdup(VARDATA_ANY(source), kept->length);
	kept->pattern = event_pattern_read(call, kept->text, kept->length);
	api_check(call, kept->pattern != NULL);
	MemoryContextSwitchTo(old);
	MemoryContextSetParent(context, fcinfo->flinfo->fn_mcxt);
	fcinfo->flinfo->fn_extra = kept;
	return kept;
}

static const EventPattern *
pattern_argument(FunctionCallInfo fcinfo, ActionCall *call, text *source)
{
	KeptPattern *kept = fcinfo->flinfo->fn_extra;

	if (kept != NULL &&
		(kept->length != (int) VARSIZE_ANY_EXHDR(source) || memcmp(kept->text, VARDATA_ANY(source), kept->length) != 0))
	{
		fcinfo->flinfo->fn_extra = NULL;
		MemoryContextDelete(kept->context);
		kept = NULL;
	}
	return (kept != NULL ? kept : keep_pattern(fcinfo, call, source))->pattern;
}

SFN_FUNCTION(sfn_test_event_pattern)
{
	ActionCall call = {.style = ACTION_SQL, .action = "TestEventPattern"};
	text *event_text = PG_GETARG_TEXT_PP(0);
	const EventPattern *pattern = pattern_argument(fcinfo, &call, PG_GETARG_TEXT_PP(1));
	const JsonVal *event = event_read(&call, VARDATA_ANY(event_text), (int) VARSIZE_ANY_EXHDR(event_text));

	api_check(&call, event != NULL);
	PG_RETURN_BOOL(event_pattern_matches(pattern, event));
}

/* ---- test_event_input(event, input_path, input_transformer) ---- */

/* AWS writes whole seconds. */
static char *
moment_text(TimestampTz moment)
{
	StringInfoData out;

	initStringInfo(&out);
	timestamp_print(&out, moment - moment % USECS_PER_SEC);
	return out.data;
}

static const JsonVal *
transformer_argument(ActionCall *call, FunctionCallInfo fcinfo, int number)
{
	char *text = text_argument(fcinfo, number);
	const JsonVal *value = NULL;
	JvParseError error;
	char *problem;

	if (text != NULL && (value = jv_parse(text, (int) strlen(text), &error)) == NULL)
	{
		problem = psprintf("input_transformer cannot be read: %s at line %d, column %d", error.message, error.line,
						   error.column);
		api_error(call, API_VALIDATION, problem, problem);
	}
	return value;
}

SFN_FUNCTION(sfn_test_event_input)
{
	ActionCall call = {.style = ACTION_SQL, .action = "PutTargets"};
	EventInputEvent event = {.rule_name = "test"};
	EventInputSource source = {.path = text_argument(fcinfo, 1)};
	char *event_text = text_argument(fcinfo, 0);
	EventInput *input;
	char *made;

	if (event_text == NULL)
		PG_RETURN_NULL();
	source.transformer = transformer_argument(&call, fcinfo, 2);
	input = event_input_read(&call, &source);
	api_check(&call, input != NULL);
	event.event = event_read(&call, event_text, (int) strlen(event_text));
	api_check(&call, event.event != NULL);
	event.rule_arn = arn_of_rule(sfn_region, sfn_account_id, event.rule_name);
	event.ingestion_time = moment_text(sfn_now());
	made = event_input_make(input, &event, sfn_max_payload_size);
	if (made == NULL)
		api_error(&call, API_VALIDATION, "Input is too long",
				  psprintf("the input would be longer than %d bytes", sfn_max_payload_size));
	return CStringGetTextDatum(made);
}

/* ---- execution_event(execution) ---- */

SFN_FUNCTION(sfn_execution_event)
{
	ActionCall call;
	const JsonVal *event;

	api_enter(&call, ACTION_SQL, "DescribeExecution");
	event = execution_event_of(&call, required_text(&call, fcinfo, 0, "execution"));
	api_check(&call, event != NULL);
	api_leave(&call);
	return shown_datum(event, call.scope.caller);
}
