/*
 * setting_place.c
 *	  Where a setting has its value from.
 */
#include "postgres.h"

#include "catalog/pg_type.h"
#include "utils/builtins.h"

#include "store/setting_place.h"
#include "store/store.h"

enum
{
	PLACE_WORDS = 1,
	PLACE_CURE
};

SettingPlace
setting_place(const char *name)
{
	static StoreQuery query = {
		"SELECT CASE s.source WHEN 'database' THEN format('ALTER DATABASE %I SET', current_database())"
		" WHEN 'user' THEN format('ALTER ROLE %I SET', session_user)"
		" WHEN 'database user' THEN format('ALTER ROLE %I IN DATABASE %I SET', session_user, current_database())"
		" WHEN 'configuration file' THEN coalesce(regexp_replace(s.sourcefile, '.*/', '') || ', line ' || s.sourceline, s.source)"
		" ELSE s.source END,"
		" CASE s.source WHEN 'database' THEN format('ALTER DATABASE %I RESET %s', current_database(), s.name)"
		" WHEN 'user' THEN format('ALTER ROLE %I RESET %s', session_user, s.name)"
		" WHEN 'database user' THEN format('ALTER ROLE %I IN DATABASE %I RESET %s', session_user, current_database(), s.name)"
		" WHEN 'configuration file' THEN format('ALTER SYSTEM RESET %s', s.name) ELSE '' END"
		" FROM pg_settings s WHERE s.name = $1",
		1,
		{TEXTOID},
		.scans = true};
	Datum args[1] = {CStringGetTextDatum(name)};
	SettingPlace place = {.words = "", .cure = ""};
	StoreScope scope;

	store_enter(&scope);
	if (store_run(&query, args, NULL, 0) == 1)
		place = (SettingPlace){.words = store_text(0, PLACE_WORDS), .cure = store_text(0, PLACE_CURE)};
	store_leave(&scope);
	return place;
}
