/*
 * pages.h
 *	  Small pages for people: no scripts, nothing from elsewhere, kept by nobody.
 */
#ifndef SFN_GATEWAY_PAGES_H
#define SFN_GATEWAY_PAGES_H

#include "gateway/request.h"

/* Text as it may stand in HTML, also in the value of an attribute. */
extern void append_html(StringInfo out, const char *text);

/* title is text, body is HTML. */
extern void page_answer(Request *request, int status, const char *title, const char *body);
extern void page_fail(Request *request, int status, const char *message);

/* Headers of what is shown to whoever has a secret URL: the URL goes nowhere, nobody frames it. */
extern void page_add_headers(Request *request, const char *policy);

/* The client is a browser. */
extern bool page_is_wanted(const Request *request);

#endif /* SFN_GATEWAY_PAGES_H */
