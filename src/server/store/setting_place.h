/*
 * setting_place.h
 *	  Where a setting has its value from.
 */
#ifndef SFN_STORE_SETTING_PLACE_H
#define SFN_STORE_SETTING_PLACE_H

#include "postgres.h"

typedef struct SettingPlace
{
	const char *words; /* "postgresql.conf, line 12" */
	const char *cure;  /* the statement that takes it away; "": there is none */
} SettingPlace;

/* Of this process; in a transaction, with a snapshot. */
extern SettingPlace setting_place(const char *name);

#endif /* SFN_STORE_SETTING_PLACE_H */
