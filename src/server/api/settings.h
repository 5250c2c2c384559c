/*
 * settings.h
 *	  The settings of a machine that come as JSON: logging and tracing.
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

#endif /* SFN_API_SETTINGS_H */
