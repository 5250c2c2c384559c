/*
 * arn.c
 *	  Amazon resource names: taking them apart and writing them.
 *
 * arn:<partition>:<service>:<region>:<account>:<type>:<resource>; the resource of
 * our own types is split further at colons.
 */
#include "aws/arn.h"

#define ARN_PREFIX "arn:"

static const struct
{
	const char *service;
	const char *type_name;
	ArnType type;
} arn_types[] = {
	{"states", "stateMachine", ARN_STATE_MACHINE}, {"states", "execution", ARN_EXECUTION},
	{"states", "express", ARN_EXPRESS_EXECUTION},  {"states", "mapRun", ARN_MAP_RUN},
	{"states", "activity", ARN_ACTIVITY},          {"lambda", "function", ARN_FUNCTION},
};

static ArnType arn_type_of(const char *service, const char *type_name);

bool
arn_looks_like(const char *text)
{
	return strncmp(text, ARN_PREFIX, strlen(ARN_PREFIX)) == 0;
}

bool
arn_is_of_role(const char *text)
{
	static const char role[] = ":role/";
	const char *account;

	if (!arn_looks_like(text))
		return false;
	account = strchr(text + strlen("arn:"), ':');
	if (account == NULL || strncmp(account, ":iam::", strlen(":iam::")) != 0)
		return false;
	account += strlen(":iam::");
	return strspn(account, "0123456789") == 12 && strncmp(account + 12, role, strlen(role)) == 0 &&
		account[12 + strlen(role)] != '\0';
}

/* Cuts the next part off *rest at a colon; NULL when there is no part left. */
static char *
next_part(char **rest)
{
	char *part = *rest;
	char *colon;

	if (part == NULL)
		return NULL;
	colon = strchr(part, ':');
	*rest = NULL;
	if (colon != NULL)
	{
		*colon = '\0';
		*rest = colon + 1;
	}
	return part;
}

bool
arn_parse(const char *text, Arn *arn, char **problem)
{
	char *rest = pstrdup(text);
	char *slash;

	memset(arn, 0, sizeof(Arn));
	if (!arn_looks_like(text))
	{
		*problem = psprintf("Invalid ARN prefix: %s", text);
		return false;
	}
	(void) next_part(&rest);
	(void) next_part(&rest); /* partition: aws, aws-cn, ... */
	arn->service = next_part(&rest);
	arn->region = next_part(&rest);
	arn->account = next_part(&rest);
	arn->type_name = next_part(&rest);
	if (rest == NULL || rest[0] == '\0')
	{
		*problem = psprintf("ARN has too few parts: %s", text);
		return false;
	}

	arn->type = arn_type_of(arn->service, arn->type_name);
	if (arn->type == ARN_OTHER)
	{
		arn->name = rest;
		return true;
	}
	arn->name = next_part(&rest);
	arn->rest = rest;
	if (arn->name[0] == '\0' || (arn->rest != NULL && arn->rest[0] == '\0'))
	{
		*problem = psprintf("ARN has an empty part: %s", text);
		return false;
	}
	if ((arn->type == ARN_EXECUTION || arn->type == ARN_EXPRESS_EXECUTION) && arn->rest == NULL)
	{
		*problem = psprintf("ARN has no execution name: %s", text);
		return false;
	}
	if (arn->type == ARN_MAP_RUN && arn->rest == NULL)
	{
		*problem = psprintf("ARN has no map run: %s", text);
		return false;
	}
	if (arn->type == ARN_STATE_MACHINE && (slash = (char *) strchr(arn->name, '/')) != NULL)
	{
		*slash = '\0';
		arn->label = slash + 1;
	}
	return true;
}

static ArnType
arn_type_of(const char *service, const char *type_name)
{
	for (size_t i = 0; i < lengthof(arn_types); i++)
	{
		if (strcmp(service, arn_types[i].service) == 0 && strcmp(type_name, arn_types[i].type_name) == 0)
			return arn_types[i].type;
	}
	return ARN_OTHER;
}

char *
arn_of_machine(const char *region, const char *account, const char *machine)
{
	return psprintf("arn:aws:states:%s:%s:stateMachine:%s", region, account, machine);
}

char *
arn_of_execution(const char *region, const char *account, bool is_express, const char *machine, const char *stored_name)
{
	return psprintf("arn:aws:states:%s:%s:%s:%s:%s", region, account, is_express ? "express" : "execution", machine,
					stored_name);
}

char *
arn_of_map_run(const char *region, const char *account, const char *machine, const char *name)
{
	return psprintf("arn:aws:states:%s:%s:mapRun:%s:%s", region, account, machine, name);
}

char *
arn_of_activity(const char *region, const char *account, const char *activity)
{
	return psprintf("arn:aws:states:%s:%s:activity:%s", region, account, activity);
}

char *
arn_of_connection(const char *region, const char *account, const char *connection, const char *id)
{
	return psprintf("arn:aws:events:%s:%s:connection/%s/%s", region, account, connection, id);
}

char *
arn_of_bus(const char *region, const char *account, const char *bus)
{
	return psprintf("arn:aws:events:%s:%s:event-bus/%s", region, account, bus);
}

char *
arn_of_rule(const char *region, const char *account, const char *rule)
{
	return psprintf("arn:aws:events:%s:%s:rule/%s", region, account, rule);
}

char *
arn_of_role(const char *account, const char *role)
{
	return psprintf("arn:aws:iam::%s:role/%s", account, role);
}

char *
arn_of_function(const char *region, const char *account, const char *function)
{
	return psprintf("arn:aws:lambda:%s:%s:function:%s", region, account, function);
}

char *
execution_name_of_stored(const char *stored_name)
{
	const char *colon = strchr(stored_name, ':');

	return colon == NULL ? pstrdup(stored_name) : pnstrdup(stored_name, (Size) (colon - stored_name));
}
