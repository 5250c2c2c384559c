/*
 * errors.c
 *	  Failures: noted where they happen, put into words when they leave.
 *
 * The code decides the text (error_list.h); what the text mentions is kept as
 * values until then, because a call adds its function's name on the way out.
 */
#include "base/port.h"

#include "jsonata/runtime.h"

/* Bytes of one value that a message shows. */
#define SHOWN_BYTES 2000

static const struct
{
	const char *code;
	const char *text;
} error_texts[] = {
#define JSONATA_ERROR(code, text) {#code, text},
#include "jsonata/error_list.h"
#undef JSONATA_ERROR
};

/* ---- noting ---- */

const JsonVal *
jn_fail(Evaluation *ev, const char *code)
{
	memset(&ev->failure, 0, sizeof(Failure));
	ev->failure.code = code;
	ev->failure.position = -1;
	ev->failure.offset = -1;
	return JN_FAIL;
}

const JsonVal *
jn_fail_value(Evaluation *ev, const char *code, const JsonVal *value)
{
	jn_fail(ev, code);
	ev->failure.value = value;
	return JN_FAIL;
}

/* At an operator: its place and its text are the failure's. */
const JsonVal *
jn_fail_at(Evaluation *ev, const char *code, const Node *node, const JsonVal *value, const JsonVal *value2)
{
	jn_fail(ev, code);
	ev->failure.position = node->position;
	ev->failure.offset = node->offset;
	ev->failure.token = node->text;
	ev->failure.token_length = node->text_length;
	ev->failure.value = value;
	ev->failure.value2 = value2;
	return JN_FAIL;
}

/* With a text of its own; not copied. */
const JsonVal *
jn_fail_message(Evaluation *ev, const char *code, const char *message)
{
	jn_fail(ev, code);
	ev->failure.message = message;
	return JN_FAIL;
}

const JsonVal *
jn_fail_held(Evaluation *ev)
{
	return jn_fail_message(ev, "U1001",
						   "Expression evaluation memory limit exceeded: Check for excessive memory usage");
}

const JsonVal *
jn_fail_memory(Evaluation *ev)
{
	if (ev->has_shared)
		budget_memory_is_spent(ev->budget);
	return jn_fail_held(ev);
}

/* AWS's bound of a value is the first that such a text passes, where there is one. */
const JsonVal *
jn_fail_long(Evaluation *ev, double length)
{
	return ev->max_held > 0 && length > ev->max_held ? jn_fail_held(ev) : jn_fail_memory(ev);
}

const JsonVal *
jn_fail_deep(Evaluation *ev)
{
	return jn_fail_message(ev, "U1001",
						   "Stack overflow error: Check for non-terminating recursive function. "
						   "Consider rewriting as tail-recursive");
}

/* ---- wording ---- */

static void
append_value(StringInfo out, const JsonVal *value)
{
	StringInfoData shown;

	if (value == NULL)
	{
		appendStringInfoString(out, "undefined");
		return;
	}
	initStringInfo(&shown);
	jn_print_loosely(&shown, value, 0);
	if (shown.len > SHOWN_BYTES)
	{
		int end = SHOWN_BYTES;

		while (end > 0 && ((unsigned char) shown.data[end] & 0xC0) == 0x80)
			end--;
		shown.len = end;
		shown.data[end] = '\0';
		appendStringInfoString(&shown, "...");
	}
	appendStringInfoString(out, shown.data);
	pfree(shown.data);
}

static void
append_token(StringInfo out, const Failure *failure, bool bare)
{
	const char *token = failure->token;
	int length = failure->token_length;

	if (failure->token == NULL)
		appendStringInfoString(out, "undefined");
	else if (bare || failure->token_is_number)
		appendBinaryStringInfo(out, token, length);
	else
		jv_print_string(out, token, length);
}

/* One "{...}" of a text, name without the braces. */
static void
append_part(StringInfo out, const Failure *failure, const char *name, int length)
{
	bool bare = (*name == '!');

	if (strncmp(name, "!token", length) == 0 || strncmp(name, "token", length) == 0)
		append_token(out, failure, bare);
	else if (strncmp(name, "value2", length) == 0 && length == 6)
		append_value(out, failure->value2);
	else if (strncmp(name, "value", length) == 0)
		append_value(out, failure->value);
	else if (strncmp(name, "index", length) == 0)
		appendStringInfo(out, "%d", failure->index);
	else if (strncmp(name, "type", length) == 0)
		jv_print_string(out, failure->type, strlen(failure->type));
	else if (strncmp(name, "!message", length) == 0)
		appendStringInfoString(out, failure->message != NULL ? failure->message : "");
}

static char *
failure_text(const Failure *failure)
{
	const char *text = "";
	StringInfoData out;

	for (int i = 0; i < (int) lengthof(error_texts); i++)
	{
		if (strcmp(error_texts[i].code, failure->code) == 0)
			text = error_texts[i].text;
	}
	initStringInfo(&out);
	while (*text != '\0')
	{
		const char *end = *text == '{' ? strchr(text, '}') : NULL;

		if (end != NULL)
		{
			append_part(&out, failure, text + 1, end - text - 1);
			text = end + 1;
		}
		else
			appendStringInfoChar(&out, *text++);
	}
	return out.data;
}

/* The failure as callers see it, in the current context; its value must already live there. */
void
jn_failure_publish(const Failure *failure, JsonataError *error)
{
	if (error == NULL)
		return;
	memset(error, 0, sizeof(JsonataError));
	strlcpy(error->code, failure->code, sizeof(error->code));
	error->message = failure_text(failure);
	error->position = failure->position;
	error->offset = failure->offset;
	error->token = failure->token != NULL ? pnstrdup(failure->token, failure->token_length) : NULL;
	error->value = failure->value;
}
