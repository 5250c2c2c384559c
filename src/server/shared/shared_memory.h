/*
 * shared_memory.h
 *	  What sfn keeps in the server's shared memory: a table of parts, of which each belongs to one file.
 */
#ifndef SFN_SHARED_SHARED_MEMORY_H
#define SFN_SHARED_SHARED_MEMORY_H

#include "postgres.h"

/* For the library that is preloaded, once: asks for the memory and has every part set up in it. */
extern void shared_memory_install_hooks(void);

#endif /* SFN_SHARED_SHARED_MEMORY_H */
