/*
 * tokens.c
 *	  Task tokens in what callers are shown.
 *
 * Who has a token may answer the task, so it is shown to nobody who may not: neither
 * where it stands in a column, nor in inputs, parameters and logs, which it passes on its
 * way to whom it is meant for, other machines' among them.  So each text is searched
 * for whatever has the form and the signature of a token.  One whose task is over opens
 * nothing and is shown.
 */
#include "postgres.h"

#include "lib/stringinfo.h"
#include "miscadmin.h"

#include "actions/resources.h"
#include "actions/tokens.h"
#include "store/task_token.h"
#include "store/tasks.h"

#define HIDDEN "***"

/* Is this the token of an open task that the viewer may not answer? */
static bool
is_hidden(const char *key, const char *token, Oid viewer)
{
	TaskOfToken task;

	if (!task_token_is_genuine(key, token) || !task_of_token(token, &task))
		return false;
	return !machine_privilege(task.machine, viewer, MACHINE_ANSWER);
}

/* Copies the text to shown from the first hidden token on; false: there is none. */
static bool
hide(const char *text, int length, Oid viewer, StringInfo shown)
{
	const char *key = task_token_key();
	const char *end = text + length;
	const char *rest = text;
	const char *c = text;

	while ((c = task_token_search(c, end)) != NULL)
	{
		if (!is_hidden(key, pnstrdup(c, TASK_TOKEN_LENGTH), viewer))
		{
			c++;
			continue;
		}
		if (shown->data == NULL)
			initStringInfo(shown);
		appendBinaryStringInfo(shown, rest, (int) (c - rest));
		appendStringInfoString(shown, HIDDEN);
		c += TASK_TOKEN_LENGTH;
		rest = c;
	}
	if (rest == text)
		return false;
	appendBinaryStringInfo(shown, rest, (int) (end - rest));
	return true;
}

char *
tokens_hide(const char *text, int length, Oid viewer)
{
	StringInfoData shown = {0};
	StoreScope scope;
	bool has_hidden;

	if (task_token_search(text, text + length) == NULL || superuser_arg(viewer))
		return NULL;
	store_enter(&scope);
	has_hidden = hide(text, length, viewer, &shown);
	store_leave(&scope);
	return has_hidden ? shown.data : NULL;
}
