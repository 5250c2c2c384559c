/*
 * ending_settings.c
 *	  Settings by which anybody can end the process that he is in: not for tasks.
 *
 * With exit_on_error each error ends the process, one that would be caught, too; when transaction_timeout is over, so does
 * that.  A session is its user's to end, but a worker runs tasks of all roles, and a session may run those of another.  What
 * they are set to is undone with the task, which would be too late.
 */
#include "postgres.h"

#include "utils/guc.h"
#include "utils/guc_tables.h"

#include "settings/ending_settings.h"

typedef struct EndingSetting
{
	const char *name;
	struct config_generic *found;
	GucContext context; /* who may set it, as the server has it */
} EndingSetting;

static EndingSetting settings[] = {
	{"exit_on_error"},
#if PG_VERSION_NUM >= 170000
	{"transaction_timeout"},
#endif
};

#if PG_VERSION_NUM < 160000
static struct config_generic *
find_setting(const char *name)
{
	struct config_generic **all = get_guc_variables();

	for (int i = 0; i < GetNumConfigOptions(); i++)
	{
		if (strcmp(all[i]->name, name) == 0)
			return all[i];
	}
	elog(ERROR, "there is no setting \"%s\"", name);
	return NULL;
}
#else
static struct config_generic *
find_setting(const char *name)
{
	return find_option(name, false, false, ERROR);
}
#endif

void
ending_settings_guard(bool is_guarded)
{
	for (size_t i = 0; i < lengthof(settings); i++)
	{
		EndingSetting *setting = &settings[i];

		if (setting->found == NULL)
		{
			setting->found = find_setting(setting->name);
			setting->context = setting->found->context;
		}
		setting->found->context = is_guarded && setting->context == PGC_USERSET ? PGC_SUSET : setting->context;
	}
}
