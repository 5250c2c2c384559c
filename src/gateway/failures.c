/*
 * failures.c
 *	  The database's errors as AWS's.
 *
 * What the API itself raises says "<code>: <message>", and is for the caller.  Anything
 * else is for the log: no text of SQL leaves the gateway.
 */
#include "gateway/failures.h"

#include "gateway/log.h"

typedef struct Failure
{
	const char *sqlstate; /* its beginning */
	int status;
	const char *code;
	const char *message;
} Failure;

/* The first that fits. */
static const Failure failures[] = {
	{"53300", 400, "ThrottlingException", "Rate exceeded"},
	{"40001", 400, "ThrottlingException", "Rate exceeded"},
	{"40P01", 400, "ThrottlingException", "Rate exceeded"},
	{"55P03", 400, "ThrottlingException", "Rate exceeded"},
	{"22P02", 400, "SerializationException", "The request is not a JSON text"},
	{"22P05", 400, "SerializationException", "The request has a character that the database has not"},
	{"22021", 400, "SerializationException", "The request is not UTF-8"},
	{"53", 503, "ServiceUnavailable", "The database has no room; try again later"},
	{"57P", 503, "ServiceUnavailable", "The database is going down; try again later"},
	{"42501", 400, "AccessDeniedException", "The role may not do this"},
	{"57014", 503, "ServiceUnavailable", "The call took too long"},
	{"08", 503, "ServiceUnavailable", "The database cannot be reached; try again later"},
	{"25006", 503, "ServiceUnavailable", "The database is read-only; try again later"},
	{"", 500, "InternalFailure", "An internal error occurred"},
};

/* "<code>: <message>" of the API: the code. */
static const char *
code_of(const char *message)
{
	size_t length = strspn(message, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz");

	return length > 0 && strncmp(message + length, ": ", 2) == 0 ? pnstrdup(message, length) : NULL;
}

/* Raised by the API for its caller. */
static bool
is_of_api(const char *sqlstate)
{
	return strncmp(sqlstate, "SF", 2) == 0 || strcmp(sqlstate, "42501") == 0 || strcmp(sqlstate, "53400") == 0 ||
		strcmp(sqlstate, "22023") == 0 || strcmp(sqlstate, "42704") == 0 || strcmp(sqlstate, "42710") == 0 ||
		strcmp(sqlstate, "55000") == 0;
}

void
fail_of_database(Request *request, const PGresult *result, const char *sqlstate)
{
	const char *message = result != NULL ? PQresultErrorField(result, PG_DIAG_MESSAGE_PRIMARY) : NULL;
	const char *code = message != NULL && is_of_api(sqlstate) ? code_of(message) : NULL;
	const Failure *failure = failures;

	if (code != NULL)
	{
		request_fail(request, 400, code, pstrdup(message + strlen(code) + 2));
		return;
	}
	if (message != NULL &&
		strncmp(sqlstate, "SF", 2) == 0) /* of a function in SQL's words, which are for its caller, too */
	{
		request_fail(request, 400, "ValidationException", pstrdup(message));
		return;
	}
	while (strncmp(sqlstate, failure->sqlstate, strlen(failure->sqlstate)) != 0)
		failure++;
	if (message != NULL)
		log_detail(request, psprintf("%s: %s", sqlstate, message));
	if (failure->status == 503 || strcmp(failure->code, "ThrottlingException") == 0)
		request_add_header(request, "Retry-After", "1");
	request_fail(request, failure->status, failure->code, failure->message);
}
