/*
 * page.h
 *	  The page that people look at: its files, and what it asks for.
 */
#ifndef SFN_GATEWAY_PAGE_H
#define SFN_GATEWAY_PAGE_H

#include "gateway/request.h"

extern void page_redirect(Request *request, const char *rest); /* / and /ui */
extern void page_file(Request *request, const char *rest);     /* /ui/... */
extern void page_session(Request *request, const char *rest);  /* who looks at it */
extern void page_log_in(Request *request, const char *rest);
extern void page_log_out(Request *request, const char *rest);
extern void page_api(Request *request, const char *rest);  /* the API, by a session instead of a signature */
extern void page_data(Request *request, const char *rest); /* what the API does not tell: sfn_internal.gateway_page() */
extern void page_watch(Request *request, const char *rest); /* waits until an execution changes */

#endif /* SFN_GATEWAY_PAGE_H */
