/*
 * random_uuid.h
 *	  A random UUID as text: request ids, names of what has none.
 */
#ifndef SFN_SETTINGS_RANDOM_UUID_H
#define SFN_SETTINGS_RANDOM_UUID_H

/* Version 4, in the current context. */
extern char *random_uuid(void);

#endif /* SFN_SETTINGS_RANDOM_UUID_H */
