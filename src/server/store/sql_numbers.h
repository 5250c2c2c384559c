/*
 * sql_numbers.h
 *	  Numbers of the core's and the store's enumerations in SQL text, by their names.
 *
 * A statement of the store says ":EVENT_STOP" where the number of that event stands in
 * a column.  A parameter would do as well, but for partial indexes: the planner proves
 * their conditions from constants only.
 */
#ifndef SFN_STORE_SQL_NUMBERS_H
#define SFN_STORE_SQL_NUMBERS_H

#include "postgres.h"

/* The statement with numbers for the names; an error when a name is unknown. */
extern char *sql_with_numbers(const char *sql);

#endif /* SFN_STORE_SQL_NUMBERS_H */
