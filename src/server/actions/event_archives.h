/*
 * event_archives.h
 *	  Archives: events of a bus that match a pattern are kept, to be put again.
 */
#ifndef SFN_ACTIONS_EVENT_ARCHIVES_H
#define SFN_ACTIONS_EVENT_ARCHIVES_H

#include "postgres.h"

#include "actions/errors.h"
#include "store/event_archives.h"

/* Makes it; archive->bus is a name or an ARN; owner, bus and creation_date are filled in. */
extern SFN_MUST_CHECK bool archive_create(ActionCall *call, ArchiveRow *archive);

typedef struct ArchiveChange
{
	char *pattern; /* what is NULL stays */
	const int64 *retention;
	char *description;
} ArchiveChange;

extern SFN_MUST_CHECK ArchiveRow *archive_change(ActionCall *call, const char *name, const ArchiveChange *change);
extern SFN_MUST_CHECK bool archive_drop(ActionCall *call, const char *name);
/* The caller's, locked against changes, also of its owner, until the transaction ends. */
extern SFN_MUST_CHECK ArchiveRow *archive_to_replay(ActionCall *call, const char *name);
/* The caller's, not locked; by its name or ARN. */
extern SFN_MUST_CHECK ArchiveRow *archive_describe(ActionCall *call, const char *name);

extern char *archive_arn(const char *name);
/* What stands behind the last slash of an ARN; a name as it is. */
extern const char *archive_name_of(const char *name_or_arn);
extern SFN_MUST_CHECK bool check_archive_owner(ActionCall *call, const ArchiveRow *archive);

#endif /* SFN_ACTIONS_EVENT_ARCHIVES_H */
