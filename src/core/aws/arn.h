/*
 * arn.h
 *	  Amazon resource names: taking them apart and writing them.
 *
 * An EXPRESS execution may share its name with others, so it is stored under
 * "<name>:<uuid>" (a name has no colon) and its ARN is of a type of its own:
 *
 *	arn:aws:states:<region>:<account>:stateMachine:<machine>[:<version or alias>]
 *	arn:aws:states:<region>:<account>:execution:<machine>:<name>
 *	arn:aws:states:<region>:<account>:express:<machine>:<name>:<uuid>
 *	arn:aws:states:<region>:<account>:mapRun:<machine>/<label>:<uuid>
 *
 * The machine of the children of a Distributed Map is called "<machine>/<label>", so that stands in
 * the ARNs of these executions, too.
 */
#ifndef SFN_AWS_ARN_H
#define SFN_AWS_ARN_H

#include "base/port.h"

typedef enum ArnType
{
	ARN_STATE_MACHINE,
	ARN_EXECUTION,
	ARN_EXPRESS_EXECUTION,
	ARN_MAP_RUN,
	ARN_ACTIVITY,
	ARN_FUNCTION,
	ARN_OTHER
} ArnType;

typedef struct Arn
{
	ArnType type;
	const char *service; /* "states", "lambda", ... */
	const char *region;
	const char *account;
	const char *type_name; /* as written: "stateMachine", "execution", ... */
	const char *name;      /* machine, activity or function; everything behind the type for ARN_OTHER */
	const char *label;     /* of a Distributed Map: machine/label; or NULL */
	const char *rest;      /* version or alias, execution name (EXPRESS: "<name>:<uuid>"), map run, or NULL */
} Arn;

/* False and *problem when the text is no ARN. */
extern bool arn_parse(const char *text, Arn *arn, char **problem);
extern bool arn_looks_like(const char *text); /* begins with "arn:" */
extern bool arn_is_of_role(const char *text); /* arn:aws:iam::<twelve digits>:role/<name> */

extern char *arn_of_machine(const char *region, const char *account, const char *machine);
/* stored_name: as in sfn.execution.name. */
extern char *arn_of_execution(const char *region, const char *account, bool is_express, const char *machine,
							  const char *stored_name);
/* machine: of the children, "<machine>/<label>". */
extern char *arn_of_map_run(const char *region, const char *account, const char *machine, const char *name);
extern char *arn_of_activity(const char *region, const char *account, const char *activity);
extern char *arn_of_connection(const char *region, const char *account, const char *connection, const char *id);
extern char *arn_of_bus(const char *region, const char *account, const char *bus);
extern char *arn_of_rule(const char *region, const char *account, const char *rule); /* of the default bus */
extern char *arn_of_role(const char *account, const char *role);
extern char *arn_of_function(const char *region, const char *account, const char *function);

/* What the user called the execution: stored_name without the uuid of an EXPRESS execution. */
extern char *execution_name_of_stored(const char *stored_name);

#endif /* SFN_AWS_ARN_H */
