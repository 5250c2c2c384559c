/*
 * crowd.h
 *	  The role whose work fills a database's executors, and the room that is made beside it.
 *
 * Where more is due than a turn does, the role that has used most of it is the crowd.  Work of other roles is light when
 * their use is small beside that.  While light work comes, executors make room: the permanent one passes the crowd over,
 * so that it is free for what is light, turns are short, and only so many helpers share turns as leave a processor free.
 */
#ifndef SFN_SHARED_CROWD_H
#define SFN_SHARED_CROWD_H

#include "postgres.h"

typedef struct Crowd
{
	Oid role;
	int64 machine; /* that it has used most for: a hint for those who look for others */
} Crowd;

/* Of this executor's database: more is due than a turn did, and most of what it did was theirs.  False: it is no crowd. */
extern bool crowd_note(const Crowd *crowd);

/* Light work was done beside it. */
extern void crowd_note_light(void);

/* Is that role's work light beside it? */
extern bool is_light_beside(const Crowd *crowd, Oid role);

/* Is room to be made, and beside whom? */
extern bool crowd_makes_room(Crowd *crowd);

/* This executor's shared turn begins, or has ended; it did something. */
extern void crowd_turn(bool does_something);

/* The permanent one: is there a helper that sees to it? */
extern bool crowd_has_helper(void);

/* A helper: a processor is free beside those that come first. */
extern bool crowd_wants_helper(void);

#endif /* SFN_SHARED_CROWD_H */
