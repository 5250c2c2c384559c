/*
 * status.h
 *	  What sfn.workers shows, and the functions of operation.
 */
#ifndef SFN_STATUS_H
#define SFN_STATUS_H

#include "postgres.h"

/* The line for postgresql.conf that preloads sfn. */
extern const char *preload_line(void);

/* An error when there can be no workers. */
extern void require_preload(void);

#endif /* SFN_STATUS_H */
