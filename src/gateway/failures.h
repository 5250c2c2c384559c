/*
 * failures.h
 *	  The database's errors as AWS's.
 */
#ifndef SFN_GATEWAY_FAILURES_H
#define SFN_GATEWAY_FAILURES_H

#include <libpq-fe.h>

#include "gateway/request.h"

/* Answers the request with the error; result NULL: the database could not be asked. */
extern void fail_of_database(Request *request, const PGresult *result, const char *sqlstate);

#endif /* SFN_GATEWAY_FAILURES_H */
