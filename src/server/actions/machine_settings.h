/*
 * machine_settings.h
 *	  What may be set for a machine beside its definition and role: checked, compared, shown.
 */
#ifndef SFN_ACTIONS_MACHINE_SETTINGS_H
#define SFN_ACTIONS_MACHINE_SETTINGS_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/machines.h"
#include "store/privileges.h"
#include "json/json_value.h"

typedef enum SettingGiver
{
	BY_AWS, /* by the AWS API only */
	BY_SQL, /* AWS does not know it */
	BY_SQL_AND_AWS
} SettingGiver;

typedef enum SettingType
{
	SETTING_jsonb,
	SETTING_int4,
	SETTING_text
} SettingType;

/* A row of store/machine_setting_list.h. */
typedef struct MachineSettingRow
{
	const char *member; /* AWS's */
	SettingType type;
	SettingGiver giver;
	MachinePrivilege privilege; /* to change it */

	/* What is stored for what is given; *stored NULL when it is the default. */
	bool (*check)(ActionCall *call, const JsonVal *given, char **stored);
	const JsonVal *(*shown_default)(void);
} MachineSettingRow;

extern const MachineSettingRow machine_setting_rows[MACHINE_SETTINGS];

/* What a caller gives, by setting; NULL: not given. */
typedef const JsonVal *GivenSettings[MACHINE_SETTINGS];

extern bool settings_are_given(const GivenSettings given);
/* What it takes to give them to a machine that is there: MACHINE_UPDATE where that will do. */
extern MachinePrivilege settings_privilege(const GivenSettings given);
/* Puts what is given into the revision. */
extern SFN_MUST_CHECK bool settings_check(ActionCall *call, const GivenSettings given, RevisionRow *revision);
extern bool settings_equal(const RevisionRow *a, const RevisionRow *b);
/* With all members, also where none is stored; NULL: there is nothing to show. */
extern const JsonVal *setting_shown(const RevisionRow *revision, MachineSetting setting);

#endif /* SFN_ACTIONS_MACHINE_SETTINGS_H */
