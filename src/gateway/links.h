/*
 * links.h
 *	  Links: /link/<id>.<secret>, a page that does nothing and buttons that do.
 */
#ifndef SFN_GATEWAY_LINKS_H
#define SFN_GATEWAY_LINKS_H

#include "gateway/request.h"

/* rest: "<id>.<secret>" */
extern void link_show(Request *request, const char *rest);
extern void link_use(Request *request, const char *rest);

#endif /* SFN_GATEWAY_LINKS_H */
