/*
 * http_proofs.c
 *	  Keeping what proves who calls out of what an answer says.
 */
#include "postgres.h"

#include "lib/stringinfo.h"

#include "services/http/http_proofs.h"

/* The value of a header line, if that is one of those that prove who calls; else NULL. */
static const char *
proof_in(const char *line)
{
	static const char *const names[] = {"Authorization: ", "X-Amz-Security-Token: "};

	for (int i = 0; i < (int) lengthof(names); i++)
	{
		if (pg_strncasecmp(line, names[i], strlen(names[i])) == 0)
			return line + strlen(names[i]);
	}
	return NULL;
}

static char *
without_text(const char *text, const char *hidden)
{
	StringInfoData out;
	const char *found;

	initStringInfo(&out);
	while ((found = strstr(text, hidden)) != NULL)
	{
		appendBinaryStringInfo(&out, text, (int) (found - text));
		appendStringInfoString(&out, "***");
		text = found + strlen(hidden);
	}
	appendStringInfoString(&out, text);
	return out.data;
}

bool
http_hide_proofs(const HttpRequest *request, SfnError *error)
{
	for (int i = 0; error->cause != NULL && i < request->header_count; i++)
	{
		const char *proof = proof_in(request->headers[i]);

		if (proof != NULL && strstr(error->cause, proof) != NULL)
			error->cause = without_text(error->cause, proof);
	}
	return false;
}
