/*
 * engine_env.c
 *	  What the engine asks of the server whoever runs it: the time, random numbers, limits.
 */
#include "postgres.h"

#include "common/pg_prng.h"

#include "runtime/engine_env.h"
#include "settings/clock.h"
#include "settings/guc.h"

static TimestampTz
env_now(EngineEnv *env)
{
	(void) env;
	return sfn_now();
}

static double
env_random(EngineEnv *env)
{
	(void) env;
	return pg_prng_double(&pg_global_prng_state);
}

void
engine_env_begin(EngineEnv *env, void *owner)
{
	*env = (EngineEnv){.now = env_now,
					   .random = env_random,
					   .max_payload_bytes = sfn_max_payload_size,
					   .max_history_events = sfn_max_history_events,
					   .max_map_concurrency = sfn_max_map_concurrency,
					   .region = sfn_region,
					   .owner = owner};
}
