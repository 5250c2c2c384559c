/*
 * launcher.h
 *	  One process per cluster that gives each database with the extension its executors.
 */
#ifndef SFN_WORKERS_LAUNCHER_H
#define SFN_WORKERS_LAUNCHER_H

#include "postgres.h"

extern PGDLLEXPORT void sfn_launcher_main(Datum argument);

/* Registers the launcher; called while the server preloads the library. */
extern void launcher_register(void);

#endif /* SFN_WORKERS_LAUNCHER_H */
