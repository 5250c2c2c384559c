/*
 * random_uuid.h
 *	  A random UUID as text: request ids, names of what has none.
 */
#ifndef SFN_SETTINGS_RANDOM_UUID_H
#define SFN_SETTINGS_RANDOM_UUID_H

/* Version 4, in the current context. */
extern char *random_uuid(void);

/* The one that the front of several databases has given the change that is being made, else a random one. */
extern char *change_uuid(void);

#endif /* SFN_SETTINGS_RANDOM_UUID_H */
