/*
 * log.c
 *	  The log: a line for each request, on standard error.  No bodies, tokens or signatures.
 *
 * Lines of requests are kept until the loop rests, since each write is a call of the system.
 */
#include "gateway/log.h"

#include "base/timestamps.h"
#include "gateway/settings.h"
#include "json/json_value.h"

typedef struct Field
{
	const char *name;
	const char *value; /* NULL: there is none */
	bool is_number;
} Field;

static void
print_json(StringInfo line, const Field *fields, int count)
{
	for (int i = 0; i < count; i++)
	{
		const char *value = fields[i].value;

		if (value == NULL)
			continue;
		appendStringInfo(line, "%c\"%s\":", line->len == 0 ? '{' : ',', fields[i].name);
		if (fields[i].is_number)
			appendStringInfoString(line, value);
		else
			jv_print_string(line, value, (int) strlen(value));
	}
	appendStringInfoString(line, "}\n");
}

/* One line, whatever a client has put into it. */
static void
print_text(StringInfo line, const Field *fields, int count)
{
	for (int i = 0; i < count; i++)
	{
		if (i > 0)
			appendStringInfoChar(line, ' ');
		for (const char *c = fields[i].value != NULL ? fields[i].value : "-"; *c != '\0'; c++)
			appendStringInfoChar(line, (unsigned char) *c < ' ' || *c == 127 ? '?' : *c);
	}
	appendStringInfoChar(line, '\n');
}

static char pending[64 * 1024];
static size_t pending_length;

void
log_flush(void)
{
	if (pending_length > 0)
		(void) fwrite(pending, 1, pending_length, stderr);
	pending_length = 0;
}

static void
keep(const StringInfoData *line)
{
	if (pending_length + line->len > sizeof(pending))
		log_flush();
	if ((size_t) line->len > sizeof(pending))
	{
		(void) fwrite(line->data, 1, line->len, stderr);
		return;
	}
	memcpy(pending + pending_length, line->data, line->len);
	pending_length += line->len;
}

static void
print(const Field *fields, int count)
{
	StringInfoData line;

	initStringInfo(&line);
	if (strcmp(settings.log, "json") == 0)
		print_json(&line, fields, count);
	else
		print_text(&line, fields, count);
	keep(&line);
}

static const char *
time_now(void)
{
	StringInfoData text;
	TimestampTz now = wall_clock();

	initStringInfo(&text);
	timestamp_print(&text, now - now % 1000);
	return text.data;
}

static void
print_request(const Request *request)
{
	const Field fields[] = {
		{"time", time_now()},
		{"id", request->id},
		{"key", request->key_id},
		{"role", request->role_name},
		{"action", request->action},
		{"status", psprintf("%d", request->status), true},
		{"ms", psprintf("%.3f", (loop_now() - request->began) / 1000.0), true},
		{"bytes", psprintf("%zu", request->answer_length), true},
		{"error", request->error},
	};

	print(fields, lengthof(fields));
}

void
log_request(const Request *request)
{
	if (settings.logs_good || request->error != NULL || request->status >= 400)
		print_request(request);
}

void
log_line(const char *what, const char *text)
{
	Arena *arena = arena_new();
	Arena *before = arena_use(arena);
	const Field fields[] = {{"time", time_now()}, {"event", what}, {"text", pnstrdup(text, strcspn(text, "\n"))}};

	print(fields, lengthof(fields));
	log_flush();
	arena_free(arena);
	arena_use(before);
}

void
log_detail(const Request *request, const char *text)
{
	const Field fields[] = {{"time", time_now()}, {"id", request->id}, {"detail", text}};

	print(fields, lengthof(fields));
}
