/*
 * redrive.h
 *	  Going on with an execution that has failed, was stopped or timed out.
 */
#ifndef SFN_ENGINE_REDRIVE_H
#define SFN_ENGINE_REDRIVE_H

#include "engine/execution.h"

/*
 * The branch with everything below it as it stands, copied: what a redrive begins with.  Where its children are gone
 * already because of a failure, it stands as before that.
 */
extern Branch *branch_keep(Branch *branch);

/* EVENT_REDRIVE. */
extern bool deliver_redrive(Execution *execution, const Event *event, EngineEnv *env);

#endif /* SFN_ENGINE_REDRIVE_H */
