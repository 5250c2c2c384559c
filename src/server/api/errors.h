/*
 * errors.h
 *	  The edge between callers and actions: the scope of a call, and its error raised as its caller knows errors.
 */
#ifndef SFN_API_ERRORS_H
#define SFN_API_ERRORS_H

#include "postgres.h"

#include "actions/errors.h"
#include "base/port.h"

/* Opens the store for a call; actions run between these two. */
extern void api_enter(ActionCall *call, ActionStyle style, const char *action);
extern void api_leave(ActionCall *call);

/* Raises the call's error unless the action has done what it should: api_check(&call, execution_stop(&call, ...)). */
extern void api_check(const ActionCall *call, bool is_done);

/* Raises an error of the caller's arguments; texts for its row follow the id, or the detail. */
#define api_error(call, ...) api_error_texts(call, __VA_ARGS__, (const char *) NULL)
#define api_error_with_detail(call, ...) api_error_detail_texts(call, __VA_ARGS__, (const char *) NULL)

pg_noreturn extern void api_error_texts(ActionCall *call, ApiErrorId id, ...);
pg_noreturn extern void api_error_detail_texts(ActionCall *call, ApiErrorId id, const char *detail, ...);

#endif /* SFN_API_ERRORS_H */
