/*
 * shipped_services.h
 *	  The AWS services that come with sfn: a file beside the extension's script, a row in each line.
 *
 * They are in no table, so that a dump, a subscriber and an update have nothing to do with them.
 */
#ifndef SFN_SERVICES_HTTP_SHIPPED_SERVICES_H
#define SFN_SERVICES_HTTP_SHIPPED_SERVICES_H

#include "postgres.h"

#include "json/json_value.h"

/* The row of that service; NULL: none comes with sfn. */
extern const JsonVal *shipped_service(const char *name);

/* The names of all, copies. */
extern int shipped_service_names(const char ***names);

/* Of all of them: [{"name", "prefix", "protocol", "operations"}]. */
extern const JsonVal *shipped_services(void);

#endif /* SFN_SERVICES_HTTP_SHIPPED_SERVICES_H */
