/*
 * events.c
 *	  sfn.test_event_pattern(): does an event match a pattern?
 *
 * A query that asks for many rows mostly has one pattern, so a call keeps the last
 * one compiled, in a context below that of the function's call site.
 */
#include "postgres.h"

#include "fmgr.h"
#include "utils/memutils.h"

#include "actions/event_patterns.h"
#include "api/errors.h"

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

extern PGDLLEXPORT Datum sfn_test_event_pattern(PG_FUNCTION_ARGS);
PG_FUNCTION_INFO_V1(sfn_test_event_pattern);
Datum
sfn_test_event_pattern(PG_FUNCTION_ARGS)
{
	ActionCall call = {.style = ACTION_SQL, .action = "TestEventPattern"};
	text *event_text = PG_GETARG_TEXT_PP(0);
	const EventPattern *pattern = pattern_argument(fcinfo, &call, PG_GETARG_TEXT_PP(1));
	const JsonVal *event = event_read(&call, VARDATA_ANY(event_text), (int) VARSIZE_ANY_EXHDR(event_text));

	api_check(&call, event != NULL);
	PG_RETURN_BOOL(event_pattern_matches(pattern, event));
}
