/*
 * sql_version.h
 *	  Whether the extension in this database is of the version that this library is made for.
 */
#ifndef SFN_STORE_SQL_VERSION_H
#define SFN_STORE_SQL_VERSION_H

#include "postgres.h"

#include "fmgr.h"

/* All run in a transaction.  Is it?  Also no where the extension is not installed. */
extern bool sql_version_fits(void);

/* The versions, and in *cure what is to be done about them; NULL: it fits, or there is none. */
extern char *sql_version_problem(const char **cure);

/* An error unless it fits. */
extern void sql_version_require(void);

/*
 * Defines a function for SQL, which looks at the version before it looks at its arguments: those may be others.
 * What has to work between the installation of a library and ALTER EXTENSION UPDATE is defined without it.
 */
#define SFN_FUNCTION(name) \
	extern PGDLLEXPORT Datum name(PG_FUNCTION_ARGS); \
	PG_FUNCTION_INFO_V1(name); \
	static Datum name##_checked(PG_FUNCTION_ARGS); \
	Datum name(PG_FUNCTION_ARGS) \
	{ \
		sql_version_require(); \
		return name##_checked(fcinfo); \
	} \
	static Datum name##_checked(PG_FUNCTION_ARGS)

#endif /* SFN_STORE_SQL_VERSION_H */
