/*
 * graph.h
 *	  A machine or an execution drawn, as the current user may see it.
 */
#ifndef SFN_API_SQL_GRAPH_H
#define SFN_API_SQL_GRAPH_H

#include "postgres.h"

/* format: mermaid, dot, svg or json.  Errors are raised. */
extern char *graph_drawing(const char *subject, const char *format);

#endif /* SFN_API_SQL_GRAPH_H */
