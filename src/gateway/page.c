/*
 * page.c
 *	  The page that people look at: its files, and what it asks for.
 *
 * The files are in the program (web/, packed by web/embed.sh), or in a folder while one
 * works on them.  They run nothing that is not theirs, and nothing that is written in a page
 * itself: whatever an execution's input has in it, a browser that is told so does not run it.
 */
#include "gateway/page.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/hashes.h"
#include "gateway/assets.h"
#include "gateway/calls.h"
#include "gateway/keys.h"
#include "gateway/sessions.h"
#include "gateway/settings.h"
#include "gateway/watch.h"
#include "json/json_value.h"

#define POLICY \
	"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; " \
	"worker-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'; object-src 'none'"
#define MAX_FILE (4 * 1024 * 1024)

/* ---- files ---- */

/* One of the folder, as it is now. */
static Asset *
read_file(const Asset *known)
{
	int fd = open(psprintf("%s/%s", settings.web, known->name), O_RDONLY | O_CLOEXEC);
	StringInfoData bytes;
	char piece[65536];
	ssize_t length;
	Asset *asset;

	if (fd < 0)
		return NULL;
	initStringInfo(&bytes);
	while ((length = read(fd, piece, sizeof(piece))) > 0 && bytes.len < MAX_FILE)
		appendBinaryStringInfo(&bytes, piece, (int) length);
	close(fd);
	asset = palloc0(sizeof(Asset));
	*asset = (Asset){known->name, known->type, psprintf("\"%s\"", hash_hex("SHA-256", bytes.data, bytes.len)),
					 (const unsigned char *) bytes.data, bytes.len};
	return asset;
}

static const Asset *
find_asset(const char *name)
{
	for (const Asset *asset = assets; asset->name != NULL; asset++)
	{
		if (strcmp(asset->name, name) == 0)
			return settings.web[0] != '\0' ? read_file(asset) : asset;
	}
	return NULL;
}

static void
add_policy(Request *request)
{
	request_add_header(request, "Content-Security-Policy", POLICY);
	request_add_header(request, "Referrer-Policy", "no-referrer");
	request_add_header(request, "Cross-Origin-Opener-Policy", "same-origin");
}

/* What follows "v/<stamp>/"; of another stamp, too: a page from before an update still finds its files. */
static const char *
without_stamp(const char *rest, bool *is_kept)
{
	const char *end = strncmp(rest, "v/", 2) == 0 ? strchr(rest + 2, '/') : NULL;

	*is_kept = end != NULL && settings.web[0] == '\0' && strlen(assets_stamp) == (size_t) (end - rest - 2) &&
		strncmp(rest + 2, assets_stamp, end - rest - 2) == 0;
	return end != NULL ? end + 1 : rest;
}

void
page_file(Request *request, const char *rest)
{
	bool is_kept;
	const char *name = without_stamp(rest, &is_kept);
	const Asset *asset = find_asset(name[0] != '\0' ? name : "src/index.html");
	const char *known = request_header(request, "if-none-match");

	request->action = "page";
	if (asset == NULL)
	{
		request_fail(request, 404, "ResourceNotFound", "There is nothing at this path");
		return;
	}
	add_policy(request);
	request_add_header(request, "ETag", asset->tag);
	/* by another name it is asked each time whether it is still the same */
	request->cache_control = is_kept ? "max-age=31536000, immutable" : "no-cache";
	if (known != NULL && strcmp(known, asset->tag) == 0)
	{
		request_answer(request, 304, asset->type, "");
		return;
	}
	if (asset->is_packed)
		request_add_header(request, "Content-Encoding", "gzip");
	request_answer_bytes(request, 200, asset->type, asset->bytes, asset->length);
}

void
page_redirect(Request *request, const char *rest)
{
	(void) rest;
	request->action = "page";
	request_add_header(request, "Location", psprintf("%s/ui/", request->base));
	request_answer(request, 302, "text/plain", "");
}

/* ---- who looks at it ---- */

void
page_log_in(Request *request, const char *rest)
{
	(void) rest;
	session_log_in(request);
}

void
page_log_out(Request *request, const char *rest)
{
	(void) rest;
	session_log_out(request);
}

/* What the page has buttons for, of that what the key of the session is not good for. */
static const JsonVal *
denied_actions(const Request *request)
{
	static const struct
	{
		const char *service;
		const char *action;
	} actions[] = {
		{"events", "CancelReplay"},
		{"events", "CreateArchive"},
		{"states", "CreateStateMachine"},
		{"states", "CreateStateMachineAlias"},
		{"events", "DeleteArchive"},
		{"states", "DeleteStateMachineAlias"},
		{"states", "DeleteStateMachineVersion"},
		{"states", "PublishStateMachineVersion"},
		{"states", "RedeliverEvent"},
		{"states", "RedriveExecution"},
		{"states", "SendTaskFailure"},
		{"states", "SendTaskSuccess"},
		{"states", "StartExecution"},
		{"events", "StartReplay"},
		{"states", "StartSyncExecution"},
		{"states", "StopExecution"},
		{"states", "TestState"},
		{"states", "UpdateStateMachine"},
		{"states", "UpdateStateMachineAlias"},
	};
	JvArrayBuilder denied;

	jv_array_begin(&denied);
	for (size_t i = 0; i < lengthof(actions); i++)
	{
		if (!key_admits(request, actions[i].service, actions[i].action))
			jv_array_add(&denied, jv_string(actions[i].action));
	}
	return jv_array_end(&denied);
}

static void
tell_session(Request *request, const char *answer)
{
	JvParseError error;
	const JsonVal *about = answer != NULL ? jv_parse(answer, (int) strlen(answer), &error) : NULL;
	JvObjectBuilder session;

	if (answer == NULL)
		return;
	jv_object_begin(&session);
	jv_object_add(&session, "about", about);
	jv_object_add(&session, "isOpen", jv_bool(settings.open_role != NULL));
	jv_object_add(&session, "accessKeyId", request->key_id != NULL ? jv_string(request->key_id) : jv_null());
	jv_object_add(&session, "denied", denied_actions(request));
	jv_object_add(&session, "token", session_token(request) != NULL ? jv_string(session_token(request)) : jv_null());
	request_answer(request, 200, "application/json", jv_to_text(jv_object_end(&session)));
}

static void
ask_session(Request *request)
{
	call_page(request, "session", "{}", tell_session);
}

void
page_session(Request *request, const char *rest)
{
	(void) rest;
	request->action = "GetCallerIdentity";
	if (!session_is_there(request))
		request_answer(request, 200, "application/json", "null"); /* no error: one logs in then */
	else
		session_authenticate(request, false, ask_session);
}

/* ---- what it asks for ---- */

/* The action of the API that a key has to be good for. */
static const struct
{
	const char *page;
	const char *action;
} pages[] = {
	{"executions", "ListExecutions"},
	{"expressExecutions", "ListExecutions"},
	{"day", "ListExecutions"},
	{"validate", "ValidateStateMachineDefinition"},
	{"execution", "DescribeExecution"},
	{"states", "GetExecutionHistory"},
	{"state", "GetExecutionHistory"},
	{"graph", "DescribeStateMachine"},
	{"tasks", "SendTaskSuccess"},
	{"machines", "ListStateMachines"},
	{"machine", "DescribeStateMachine"},
	{"failures", "ListExecutions"},
	{"mapRuns", "ListMapRuns"},
	{"mapRun", "DescribeMapRun"},
	{"activities", "ListActivities"},
	{"workers", "ListExecutions"},
	{"backlog", "ListExecutions"},
	{"testMachine", "TestState"},
	{"rules", "ListRules"},
	{"events", "ListExecutions"},
	{"testPattern", "ListRules"},
	{"deadLetters", "ListRules"},
	{"redeliver", "RedeliverEvent"},
	{"archives", "ListArchives"},
	{"replays", "ListReplays"},
	{"schedules", "ListSchedules"},
};

static void
answer_data(Request *request, const char *answer)
{
	if (answer != NULL)
		request_answer(request, 200, "application/json", answer);
}

static void
ask_data(Request *request)
{
	call_page(request, request->target, request->body_length > 0 ? request->body : "{}", answer_data);
}

void
page_data(Request *request, const char *rest)
{
	request->action = "page";
	for (size_t i = 0; i < lengthof(pages); i++)
	{
		if (strcmp(pages[i].page, rest) != 0)
			continue;
		request->action = pages[i].action;
		request->target = pages[i].page;
		if (request_is_text(request))
			session_authenticate(request, true, ask_data);
		return;
	}
	request_fail(request, 404, "ResourceNotFound", "There is nothing at this path");
}

static void
ask_api(Request *request)
{
	const char *name;
	PoolKind pool;

	if (action_find(request->call_name, &name, &pool))
		call_api(request, name, request->body, pool, answer_data);
}

/* A task that a page took would be nobody's. */
void
page_api(Request *request, const char *rest)
{
	const char *target = request_header(request, "x-amz-target");

	(void) rest;
	request->action = "Unknown";
	if (target == NULL || !request_take_target(request, target) ||
		(strcmp(request->service, "states") != 0 && strcmp(request->service, "events") != 0) ||
		strcmp(request->action, "GetActivityTask") == 0)
		request_fail(request, 400, "UnknownOperationException", "The page does not call this operation");
	else if (request_is_text(request))
		session_authenticate(request, true, ask_api);
}

void
page_watch(Request *request, const char *rest)
{
	(void) rest;
	request->action = "GetExecutionHistory";
	if (request_is_text(request))
		session_authenticate(request, true, watch_request);
}
