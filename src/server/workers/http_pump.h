/*
 * http_pump.h
 *	  Sending the HTTP requests of a database's tasks.
 */
#ifndef SFN_WORKERS_HTTP_PUMP_H
#define SFN_WORKERS_HTTP_PUMP_H

#include "postgres.h"

/* What the postmaster starts; argument: the slot, bgw_extra: its generation. */
extern PGDLLEXPORT void sfn_pump_main(Datum argument);

#endif /* SFN_WORKERS_HTTP_PUMP_H */
