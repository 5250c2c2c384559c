/*
 * confine.h
 *	  What the process gives up, and what it tells who started it.
 */
#ifndef SFN_GATEWAY_CONFINE_H
#define SFN_GATEWAY_CONFINE_H

#include "base/port.h"

/* No privileges to gain, no memory to be read; started by the server, no files but what it needs, no signals to others. */
extern void confine(void);

/* A line for systemd, such as "READY=1", where it wants that (Type=notify). */
extern void notify_manager(const char *line);

#endif /* SFN_GATEWAY_CONFINE_H */
