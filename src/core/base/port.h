/*
 * port.h
 *	  What the core may use of PostgreSQL, in the server or as a plain program.
 *
 * Every file below src/core includes this first.  palloc, StringInfo and
 * src/common are there in both builds; nothing else of the server is, and the
 * plain build (make unit) fails to compile when a server header slips in.
 */
#ifndef SFN_BASE_PORT_H
#define SFN_BASE_PORT_H

#ifdef FRONTEND
#include "postgres_fe.h"
#define SFN_CHECK_INTERRUPTS() ((void) 0)
#else
#include "postgres.h"

#include "miscadmin.h"
#define SFN_CHECK_INTERRUPTS() CHECK_FOR_INTERRUPTS()
#endif

#include "datatype/timestamp.h"
#include "lib/stringinfo.h"

/* First in the declaration of a function that does not return; PostgreSQL 18 has it, and no longer the older spelling. */
#ifndef pg_noreturn
#define pg_noreturn __attribute__((noreturn))
#endif

/* Nesting of JSON values, expressions and states that the core accepts. */
#define SFN_MAX_DEPTH 1000

/* Nesting of what is stored: a template around a value, and a little of our own around both. */
#define SFN_MAX_STORED_DEPTH (2 * SFN_MAX_DEPTH + 100)

#endif /* SFN_BASE_PORT_H */
