/*
 * state_machines.h
 *	  Making, changing, describing and deleting state machines.
 */
#ifndef SFN_ACTIONS_STATE_MACHINES_H
#define SFN_ACTIONS_STATE_MACHINES_H

#include "postgres.h"

#include "actions/errors.h"
#include "actions/machine_settings.h"
#include "asl/diagnostics.h"
#include "asl/machine.h"
#include "store/machines.h"
#include "json/json_value.h"

/* What a caller may set on a machine; NULL or InvalidOid: not given. */
typedef struct MachineSettings
{
	const char *definition;
	bool is_jsonb; /* the definition was one: its spelling and the order of its members say nothing */
	Oid role;
	bool keep_grants; /* when it changes */
	const char *role_arn;
	GivenSettings settings;
	const JsonVal *tags; /* an object {"key": "value"}, or AWS's list of {"key", "value"} */
} MachineSettings;

/* Makes the machine, or gives back the one with the very same settings; with replace, updates one that differs. */
extern SFN_MUST_CHECK MachineRow *machine_create(ActionCall *call, const char *name, bool is_express,
												 const MachineSettings *settings, bool replace);
/* Changes what is given; *revision is the current one afterwards. */
extern SFN_MUST_CHECK MachineRow *machine_update(ActionCall *call, const char *name_or_arn,
												 const MachineSettings *settings, RevisionRow **revision);
extern SFN_MUST_CHECK bool machine_delete(ActionCall *call, const char *name_or_arn);

typedef struct MachineDescription
{
	MachineRow *row;
	RevisionRow *revision; /* the current one, or the version's */
	char *arn;             /* with the version that it was asked by */
	char *description;     /* of the version, or NULL */
	TimestampTz creation_date;
} MachineDescription;

/* By name or ARN, also of a version. */
extern SFN_MUST_CHECK bool machine_describe(ActionCall *call, const char *name_or_arn, MachineDescription *description);

/* The machine that a definition makes, or NULL; lives in the context current at the call. */
extern const AslMachine *definition_compile(const char *definition, bool is_express, DiagnosticList *problems);

/* All that is wrong with a definition. */
extern void definition_check(const char *definition, bool is_express, DiagnosticList *problems);

/* InvalidDefinition with all problems. */
extern bool definition_refuse(ActionCall *call, const char *name, const DiagnosticList *problems);

/* STANDARD or EXPRESS; NULL is STANDARD. */
extern SFN_MUST_CHECK bool check_type(ActionCall *call, const char *type, bool *is_express);

#endif /* SFN_ACTIONS_STATE_MACHINES_H */
