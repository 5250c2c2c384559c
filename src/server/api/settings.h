/*
 * settings.h
 *	  The settings of a machine that come as JSON: logging, tracing, tags.
 */
#ifndef SFN_API_SETTINGS_H
#define SFN_API_SETTINGS_H

#include "postgres.h"

#include "api/errors.h"
#include "json/json_value.h"

/* The configuration as it is stored, with all members; NULL when it is the default. */
extern char *logging_check(const ApiCall *call, const JsonVal *logging);
extern char *tracing_check(const ApiCall *call, const JsonVal *tracing);

extern const JsonVal *logging_default(void);
extern const JsonVal *tracing_default(void);

/* Adds tags to a machine: an object {"key": "value"} or AWS's list of {"key", "value"}. */
extern void tags_add(const ApiCall *call, int64 machine_id, const JsonVal *tags);

#endif /* SFN_API_SETTINGS_H */
