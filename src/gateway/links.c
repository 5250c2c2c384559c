/*
 * links.c
 *	  Links: /link/<id>.<secret>, a page that does nothing and buttons that do.
 *
 * Looking at a link must do nothing, since scanners of mail follow links before their
 * readers do.  What is in the URL is all the right that is needed, so no page of another
 * site can send what its own reader could not.
 */
#include "gateway/links.h"

#include "base/texts.h"
#include "gateway/failures.h"
#include "gateway/pages.h"
#include "gateway/pool.h"
#include "json/json_value.h"

/* A link on its way through the database. */
typedef struct Visit
{
	Job job;
	Request *request;
} Visit;

/* ---- asking ---- */

static void
ask_database(Visit *visit)
{
	visit->job.database = visit->request->database;
	pool_ask(POOL_CALLS, &visit->job);
}

/* A URL that names no database is for the one that has the link; false: there is no other. */
static bool
ask_next_database(Visit *visit)
{
	Request *request = visit->request;

	if (request->names_database || request->database + 1 == pool_databases())
		return false;
	request->database++;
	ask_database(visit);
	return true;
}

static void
ask(Request *request, const char *rest, Statement statement, const char *body,
	void (*done)(Job *job, const PGresult *result, const char *sqlstate))
{
	size_t length = strspn(rest, "0123456789abcdef");
	const char *secret = rest + length + 1;
	Visit *visit;

	if (rest[length] != '.' || secret[strspn(secret, "0123456789abcdef")] != '\0')
	{
		request_fail(request, 404, "NoSuchEntityException", "There is no such link.");
		return;
	}
	request->key_id = pnstrdup(rest, length);
	visit = palloc0(sizeof(Visit));
	visit->request = request;
	visit->job = (Job){.arena = request->arena,
					   .statement = statement,
					   .parameters = {request->key_id, pstrdup(secret), body},
					   .done = done,
					   .owner = visit};
	ask_database(visit);
}

/* An error of the API is 400 for its clients; whoever holds a URL is told what has become of that. */
static void
fail_link(Request *request, const PGresult *result, const char *sqlstate)
{
	static const struct
	{
		const char *code;
		int status;
	} statuses[] = {{"NoSuchEntityException", 404}, {"LinkIsOver", 410}, {"TaskTimedOut", 410}};

	fail_of_database(request, result, sqlstate);
	for (size_t i = 0; i < lengthof(statuses); i++)
	{
		if (strcmp(request->error, statuses[i].code) == 0)
			request->status = statuses[i].status;
	}
}

/* ---- looking ---- */

static const struct
{
	const char *kind;
	const char *title;
	const char *form;
} forms[] = {
	{"approve", "Approve?",
	 "<form method=\"post\"><label>Comment <input name=\"comment\" maxlength=\"1000\" autocomplete=\"off\"></label>"
	 "<button name=\"decision\" value=\"approve\">Approve</button>"
	 "<button name=\"decision\" value=\"refuse\">Refuse</button></form>"},
	{"start", "Start?", "<form method=\"post\"><button name=\"decision\" value=\"start\">Start</button></form>"},
};

static void
show_form(Request *request, const JsonVal *link)
{
	const char *kind = jv_get_string(link, "kind");
	const char *description = jv_get_string(link, "description");
	StringInfoData body;

	for (size_t i = 0; i < lengthof(forms); i++)
	{
		if (strcmp(forms[i].kind, kind) != 0)
			continue;
		initStringInfo(&body);
		appendStringInfoString(&body, "<p>");
		append_html(&body, description != NULL ? description : "");
		appendStringInfo(&body, "</p>%s", forms[i].form);
		page_answer(request, 200, forms[i].title, body.data);
	}
}

/* Pages of others may have it as a picture; a window that shows it alone follows the execution. */
static void
show_drawing(Request *request, const char *drawing, const char *target)
{
	page_add_headers(request, "default-src 'none'; frame-ancestors 'none'; sandbox");
	request_add_header(request, "Cross-Origin-Resource-Policy", "cross-origin");
	if (target != NULL && strstr(target, ":execution:") != NULL)
		request_add_header(request, "Refresh", "5");
	request_answer(request, 200, "image/svg+xml", drawing);
}

/* Why a link does nothing any more; NULL: it does. */
static const char *
end_of(const char *status)
{
	static const char *const ends[][2] = {{"used", "This link has been used."},
										  {"expired", "This link has expired."},
										  {"over", "Nobody waits for this answer any more."}};

	for (size_t i = 0; i < lengthof(ends); i++)
	{
		if (strcmp(ends[i][0], status) == 0)
			return ends[i][1];
	}
	return NULL;
}

static void
shown(Job *job, const PGresult *result, const char *sqlstate)
{
	Visit *visit = job->owner;
	Request *request = visit->request;
	const char *answer = sqlstate == NULL ? result_value(result, 0) : NULL;
	JvParseError error;
	const JsonVal *link = answer != NULL ? jv_parse(answer, (int) strlen(answer), &error) : NULL;
	const char *end = link != NULL ? end_of(jv_get_string(link, "status")) : NULL;
	const char *drawing = jv_get_string(link, "drawing");

	if (link == NULL && ask_next_database(visit))
		return;
	if (sqlstate != NULL)
		fail_link(request, result, sqlstate);
	else if (link == NULL)
		request_fail(request, 404, "NoSuchEntityException", "There is no such link.");
	else if (end != NULL)
		request_fail(request, 410, "LinkIsOver", end);
	else if (drawing != NULL)
		show_drawing(request, drawing, jv_get_string(link, "target"));
	else
	{
		request->role_name = jv_get_string(link, "role");
		show_form(request, link);
	}
}

void
link_show(Request *request, const char *rest)
{
	request->action = "ShowLink";
	request->style = ANSWER_HTML; /* it is for people, whatever they accept */
	ask(request, rest, STATEMENT_SHOW_LINK, NULL, shown);
}

/* ---- doing ---- */

/* It is not of this database: nothing has been done. */
static bool
is_no_link(const PGresult *result)
{
	const char *message = result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;

	return message != NULL && text_begins_with(message, "NoSuchEntityException: ");
}

static void
used(Job *job, const PGresult *result, const char *sqlstate)
{
	Visit *visit = job->owner;
	Request *request = visit->request;
	const char *answer = sqlstate == NULL ? result_value(result, 0) : NULL;
	const char *decision = request_form_value(request, "decision");

	if (sqlstate != NULL && is_no_link(result) && ask_next_database(visit))
		return;
	if (sqlstate != NULL)
		fail_link(request, result, sqlstate);
	else if (request->style == ANSWER_HTML)
		page_answer(request, 200,
					decision != NULL && strcmp(decision, "approve") == 0      ? "Approved."
						: decision != NULL && strcmp(decision, "refuse") == 0 ? "Refused."
																			  : "Started.",
					"");
	else
		request_answer(request, 200, "application/json", pstrdup(answer != NULL ? answer : "{}"));
}

/* What came, from a form or as JSON. */
static char *
use_request(const Request *request)
{
	static const char *const members[] = {"decision", "comment", "input"};
	JvParseError error;
	const JsonVal *body = jv_parse(request->body, (int) request->body_length, &error);
	bool has_form = request_form_value(request, "decision") != NULL;
	JvObjectBuilder copy;

	jv_object_begin(&copy);
	for (size_t i = 0; i < lengthof(members); i++)
	{
		const char *value = has_form ? request_form_value(request, members[i]) : jv_get_string(body, members[i]);

		if (value != NULL && value[0] != '\0' && (has_form || strcmp(members[i], "input") != 0))
			jv_object_add(&copy, members[i], jv_string(value));
	}
	if (!has_form)
		jv_object_add(&copy, "input", jv_string(request_input(request)));
	return jv_to_text(jv_object_end(&copy));
}

void
link_use(Request *request, const char *rest)
{
	request->action = "UseLink";
	request->style = page_is_wanted(request) ? ANSWER_HTML : ANSWER_JSON;
	if (request_is_text(request))
		ask(request, rest, STATEMENT_USE_LINK, use_request(request), used);
}
