/*
 * page.h
 *	  What the gateway's page shows beside what AWS's API tells.
 */
#ifndef SFN_STORE_PAGE_H
#define SFN_STORE_PAGE_H

#include "postgres.h"

/*
 * The answer of that name to a request (json, not null), by public views and functions, so with the rights of the
 * current user and no others; reads only.  False: there is no such answer.
 */
extern bool page_read(const char *name, Datum request, Datum *answer);

#endif /* SFN_STORE_PAGE_H */
