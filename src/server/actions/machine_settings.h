/*
 * machine_settings.h
 *	  The settings of a machine that come as JSON: logging and tracing.
 */
#ifndef SFN_ACTIONS_MACHINE_SETTINGS_H
#define SFN_ACTIONS_MACHINE_SETTINGS_H

#include "postgres.h"

#include "actions/errors.h"
#include "json/json_value.h"

/* The configuration as it is stored, with all members; *stored NULL when it is the default. */
extern SFN_MUST_CHECK bool logging_check(ActionCall *call, const JsonVal *logging, char **stored);
extern SFN_MUST_CHECK bool tracing_check(ActionCall *call, const JsonVal *tracing, char **stored);

extern const JsonVal *logging_default(void);
extern const JsonVal *tracing_default(void);

#endif /* SFN_ACTIONS_MACHINE_SETTINGS_H */
