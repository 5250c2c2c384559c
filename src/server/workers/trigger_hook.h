/*
 * trigger_hook.h
 *	  Noting who makes triggers that start executions.
 */
#ifndef SFN_WORKERS_TRIGGER_HOOK_H
#define SFN_WORKERS_TRIGGER_HOOK_H

#include "postgres.h"

/* For whoever loads the library. */
extern void trigger_hook_install(void);

#endif /* SFN_WORKERS_TRIGGER_HOOK_H */
