/*
 * arns.h
 *	  The ARNs of what is in this database: core/aws/arn.h with sfn.region and sfn.account_id.
 */
#ifndef SFN_SETTINGS_ARNS_H
#define SFN_SETTINGS_ARNS_H

#include "postgres.h"

#include "aws/arn.h"

extern char *machine_arn(const char *name);
extern char *version_arn(const char *machine_name, int32 number);
extern char *alias_arn(const char *machine_name, const char *alias);
/* stored_name: as in sfn.execution.name. */
extern char *execution_arn(bool is_express, const char *machine_name, const char *stored_name);
/* machine_name: of the children, "<machine>/<label>". */
extern char *map_run_arn_of(const char *machine_name, const char *name);
extern char *activity_arn(const char *name);
extern char *function_arn(const char *name);
extern char *connection_arn(const char *name, const char *id);
extern char *role_arn(const char *role_name);

extern bool arn_is_ours(const Arn *arn); /* of this region and account */

#endif /* SFN_SETTINGS_ARNS_H */
