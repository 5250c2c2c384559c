/*
 * arns.c
 *	  The ARNs of what is in this database: core/aws/arn.c with sfn.region and sfn.account_id.
 */
#include "postgres.h"

#include "settings/arns.h"
#include "settings/guc.h"

char *
machine_arn(const char *name)
{
	return arn_of_machine(sfn_region, sfn_account_id, name);
}

char *
version_arn(const char *machine_name, int32 number)
{
	return psprintf("%s:%d", machine_arn(machine_name), number);
}

char *
alias_arn(const char *machine_name, const char *alias)
{
	return psprintf("%s:%s", machine_arn(machine_name), alias);
}

char *
execution_arn(bool is_express, const char *machine_name, const char *stored_name)
{
	return arn_of_execution(sfn_region, sfn_account_id, is_express, machine_name, stored_name);
}

char *
map_run_arn_of(const char *machine_name, const char *name)
{
	return arn_of_map_run(sfn_region, sfn_account_id, machine_name, name);
}

char *
activity_arn(const char *name)
{
	return arn_of_activity(sfn_region, sfn_account_id, name);
}

char *
function_arn(const char *name)
{
	return arn_of_function(sfn_region, sfn_account_id, name);
}

char *
connection_arn(const char *name, const char *id)
{
	return arn_of_connection(sfn_region, sfn_account_id, name, id);
}

char *
role_arn(const char *role_name)
{
	return arn_of_role(sfn_account_id, role_name);
}

bool
arn_is_ours(const Arn *arn)
{
	return strcmp(arn->region, sfn_region) == 0 && strcmp(arn->account, sfn_account_id) == 0;
}
