/*
 * event_entries.h
 *	  PutEvents: several events, of which those that cannot be put are told in the answer.
 */
#ifndef SFN_API_EVENT_ENTRIES_H
#define SFN_API_EVENT_ENTRIES_H

#include "postgres.h"

#include "actions/errors.h"
#include "json/json_value.h"

/* {"FailedEntryCount", "Entries": [...]}; NULL: the call has the error. */
extern SFN_MUST_CHECK const JsonVal *put_event_entries(ActionCall *call, const JsonVal *entries);

#endif /* SFN_API_EVENT_ENTRIES_H */
