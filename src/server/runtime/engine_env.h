/*
 * engine_env.h
 *	  What the engine asks of the server whoever runs it: the time, random numbers, limits.
 */
#ifndef SFN_RUNTIME_ENGINE_ENV_H
#define SFN_RUNTIME_ENGINE_ENV_H

#include "engine/execution.h"

/* Empty but for that; the caller adds what is its own. */
extern void engine_env_begin(EngineEnv *env, void *owner);

#endif /* SFN_RUNTIME_ENGINE_ENV_H */
