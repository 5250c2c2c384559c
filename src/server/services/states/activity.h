/*
 * activity.h
 *	  Activities, for the question that comes before scheduling.
 */
#ifndef SFN_SERVICES_STATES_ACTIVITY_H
#define SFN_SERVICES_STATES_ACTIVITY_H

#include "asl/machine.h"
#include "base/error.h"

/* Is there such an activity, and may machines of the role call it?  False and *error if not. */
/* Whoever it belongs to. */
extern bool activity_is_there(const AslResource *resource);

extern bool activity_can_be_scheduled(const AslResource *resource, Oid role, SfnError *error);

#endif /* SFN_SERVICES_STATES_ACTIVITY_H */
