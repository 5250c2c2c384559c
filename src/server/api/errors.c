/*
 * errors.c
 *	  The edge between callers and actions: the scope of a call, and its error raised as its caller knows errors.
 *
 * A caller of a SQL function gets a lower-case message with hint and detail, one of
 * sfn.api() "<code>: <message>"; the SQLSTATE is the same.
 */
#include "postgres.h"

#include "api/errors.h"

pg_noreturn static void raise_error(const ActionCall *call);

void
api_enter(ActionCall *call, ActionStyle style, const char *action)
{
	*call = (ActionCall){.style = style, .action = action};
	store_enter(&call->scope);
}

void
api_leave(ActionCall *call)
{
	store_leave(&call->scope);
}

void
api_check(const ActionCall *call, bool is_done)
{
	if (!is_done)
		raise_error(call);
}

void
api_error_texts(ActionCall *call, ApiErrorId id, ...)
{
	va_list arguments;

	va_start(arguments, id);
	action_note_error(call, id, NULL, arguments);
	va_end(arguments);
	raise_error(call);
}

void
api_error_detail_texts(ActionCall *call, ApiErrorId id, const char *detail, ...)
{
	va_list arguments;

	va_start(arguments, detail);
	action_note_error(call, id, detail, arguments);
	va_end(arguments);
	raise_error(call);
}

/* The one place where errors of actions are raised. */
static void
raise_error(const ActionCall *call)
{
	const ActionError *error = &call->error;

	if (call->style == ACTION_AWS)
		ereport(ERROR, (errcode(error->sqlstate), errmsg_internal("%s: %s", error->code, error->aws_text)));
	ereport(ERROR,
			(errcode(error->sqlstate), errmsg_internal("%s", error->sql_text),
			 error->detail != NULL ? errdetail_internal("%s", error->detail) : 0,
			 error->hint != NULL ? errhint("%s", error->hint) : 0));
}
