/*
 * pages.c
 *	  Small pages for people: no scripts, nothing from elsewhere, kept by nobody.
 */
#include "gateway/pages.h"

#define STYLE \
	"body{font:16px/1.5 system-ui,sans-serif;max-width:34em;margin:10vh auto;padding:0 1em}" \
	"input{width:100%;font:inherit;padding:.4em;box-sizing:border-box}" \
	"button{font:inherit;padding:.5em 1.5em;margin:1em 1em 0 0}p{white-space:pre-wrap}"

void
append_html(StringInfo out, const char *text)
{
	for (const char *c = text; *c != '\0'; c++)
	{
		if (strchr("<>&\"'", *c) != NULL)
			appendStringInfo(out, "&#%d;", *c);
		else
			appendStringInfoChar(out, *c);
	}
}

void
page_add_headers(Request *request, const char *policy)
{
	request_add_header(request, "Content-Security-Policy", policy);
	request_add_header(request, "Referrer-Policy", "no-referrer");
	request_add_header(request, "X-Robots-Tag", "noindex");
}

void
page_answer(Request *request, int status, const char *title, const char *body)
{
	StringInfoData out;

	page_add_headers(request,
					 psprintf("default-src 'none'; style-src 'nonce-%s'; form-action 'self'; base-uri 'none'; "
							  "frame-ancestors 'none'",
							  request->id));
	initStringInfo(&out);
	appendStringInfo(&out,
					 "<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\">"
					 "<meta name=\"viewport\" content=\"width=device-width\"><style nonce=\"%s\">",
					 request->id);
	appendStringInfoString(&out, STYLE "</style><title>");
	append_html(&out, title);
	appendStringInfoString(&out, "</title></head><body><h1>");
	append_html(&out, title);
	appendStringInfo(&out, "</h1>%s</body></html>", body);
	request_answer(request, status, "text/html; charset=utf-8", out.data);
}

void
page_fail(Request *request, int status, const char *message)
{
	StringInfoData body;

	initStringInfo(&body);
	appendStringInfoString(&body, "<p>");
	append_html(&body, message);
	appendStringInfoString(&body, "</p>");
	page_answer(request, status, "This did not work", body.data);
}

bool
page_is_wanted(const Request *request)
{
	const char *accepted = request_header(request, "accept");

	return accepted != NULL && strstr(accepted, "text/html") != NULL;
}
