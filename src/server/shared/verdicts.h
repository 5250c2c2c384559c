/*
 * verdicts.h
 *	  What the workers have learnt about SQL functions and states: may this one share a turn?
 *
 * A function runs alone until it has proved fast there.  One that then took too
 * long in shared turns several times in a row must prove itself again, longer; one
 * that needs what a shared turn does not allow stays alone until it is redefined.  The verdicts are
 * hints in shared memory: losing one costs a turn, nothing else.
 *
 * A state shares turns until its own work, without that of its task, has taken a turn's share; from then on it is done
 * in turns of its own until it is done there in less than half of that.
 */
#ifndef SFN_SHARED_VERDICTS_H
#define SFN_SHARED_VERDICTS_H

#include "postgres.h"

#include "storage/lwlock.h"

/* For shared_memory.c. */
extern Size verdicts_size(void);
extern void verdicts_attach(void *part, bool is_new, LWLock *lock);

/* ---- for whoever runs SQL tasks; nothing is locked, and without preload no function may share ---- */

/* Identity of a function's present definition (changes with CREATE OR REPLACE). */
extern uint64 verdict_key(Oid function);
extern uint64 verdict_key_of_text(const char *statement);

extern bool verdict_may_share(uint64 key);
/* Somebody runs it alone for the first time; false: whoever asks is sent to do so, if nothing is known of it. */
extern bool verdict_is_on_trial(uint64 key);
extern void verdict_ran_alone(uint64 key, int64 microseconds);
extern void verdict_shared_turn(uint64 key);   /* without trouble */
extern void verdict_took_too_long(uint64 key); /* in a shared turn: time or lock */
extern void verdict_is_restricted(uint64 key); /* in a shared turn: not allowed there */

/* ---- for the runtime ---- */

/* A state of a revision, by its number, that is entered or resumed. */
extern bool verdict_state_is_heavy(int64 revision, int state, bool is_entered);
/* It took so long, alone or until it was given up in a shared turn. */
extern void verdict_state_took(int64 revision, int state, bool is_entered, int64 microseconds);

#endif /* SFN_SHARED_VERDICTS_H */
