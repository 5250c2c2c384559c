/*
 * event_archives.c
 *	  Archives: events of a bus that match a pattern are kept, to be put again.
 *
 * Anybody makes archives, on any bus: as a rule does, one gets what its owner may see (event_delivery.c).
 */
#include "postgres.h"

#include "utils/acl.h"

#include "actions/checks.h"
#include "actions/event_archives.h"
#include "actions/event_patterns.h"
#include "actions/event_rules.h"
#include "actions/resources.h"
#include "actions/rule_bounds.h"
#include "settings/arns.h"
#include "settings/clock.h"
#include "settings/guc.h"
#include "store/instance.h"

#define MAX_ARCHIVE_NAME 48
#define MAX_RETENTION (INT64CONST(1000000) * USECS_PER_DAY) /* so long ago is a moment still */

char *
archive_arn(const char *name)
{
	return psprintf("arn:aws:events:%s:%s:archive/%s", sfn_region, sfn_account_id, name);
}

const char *
archive_name_of(const char *name_or_arn)
{
	const char *slash = arn_looks_like(name_or_arn) ? strrchr(name_or_arn, '/') : NULL;

	return slash != NULL ? slash + 1 : name_or_arn;
}

static SFN_MUST_CHECK bool
check_archive(ActionCall *call, const char *pattern, int64 retention)
{
	if (pattern != NULL && event_pattern_read(call, pattern, (int) strlen(pattern)) == NULL)
		return false;
	return (retention >= 0 && retention <= MAX_RETENTION) ||
		action_invalid(call, "the retention of an archive must be from no time to 1000000 days");
}

bool
archive_create(ActionCall *call, ArchiveRow *archive)
{
	BusRow *bus;

	if (!check_length(call, archive->name, "archiveName", "name", 1, MAX_ARCHIVE_NAME) ||
		!check_event_name(call, archive->name, "an archive") || !check_long_description(call, archive->description) ||
		!check_archive(call, archive->pattern, archive->retention) ||
		(bus = bus_to_archive(call, archive->bus)) == NULL)
		return false;
	instance_claim_if_empty();
	archive->bus_id = bus->id;
	archive->bus = bus->name;
	archive->owner = call->scope.caller;
	archive->creation_date = sfn_now();
	if (!archive_insert(archive))
		return action_fail(call, API_ARCHIVE_ALREADY_EXISTS, archive->name);
	return rules_are_within_bound(call, archive->owner);
}

bool
check_archive_owner(ActionCall *call, const ArchiveRow *archive)
{
	return has_privs_of_role(call->scope.caller, archive->owner) ||
		fail_owned(call, psprintf("archive \"%s\"", archive->name), archive->owner);
}

static SFN_MUST_CHECK ArchiveRow *
own_archive(ActionCall *call, const char *name_or_arn, ArchiveRow *(*find)(const char *name))
{
	const char *name = archive_name_of(name_or_arn);
	ArchiveRow *archive = find(name);

	if (archive == NULL)
		return action_fail_null(call, API_ARCHIVE_DOES_NOT_EXIST, name);
	return check_archive_owner(call, archive) ? archive : NULL;
}

ArchiveRow *
archive_change(ActionCall *call, const char *name, const ArchiveChange *change)
{
	ArchiveRow *archive = own_archive(call, name, archive_lock);

	if (archive == NULL)
		return NULL;
	if (change->pattern != NULL)
		archive->pattern = change->pattern;
	if (change->retention != NULL)
		archive->retention = *change->retention;
	if (change->description != NULL)
		archive->description = change->description;
	if (!check_archive(call, archive->pattern, archive->retention) ||
		!check_long_description(call, archive->description))
		return NULL;
	archive_update(archive);
	return archive;
}

bool
archive_drop(ActionCall *call, const char *name)
{
	ArchiveRow *archive = own_archive(call, name, archive_read);

	if (archive == NULL)
		return false;
	archive_hold(archive->id);
	archive = own_archive(call, name, archive_lock);
	if (archive == NULL)
		return false;
	archive_delete(archive->id);
	return true;
}

ArchiveRow *
archive_to_replay(ActionCall *call, const char *name)
{
	return own_archive(call, name, archive_lock);
}

ArchiveRow *
archive_describe(ActionCall *call, const char *name)
{
	return own_archive(call, name, archive_read);
}
