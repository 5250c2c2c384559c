/*
 * processes.h
 *	  Several processes that share the addresses.
 */
#ifndef SFN_GATEWAY_PROCESSES_H
#define SFN_GATEWAY_PROCESSES_H

/* Comes back in each that is to serve; with --processes, the first only looks after those and ends with them. */
extern void processes_begin(void);

#endif /* SFN_GATEWAY_PROCESSES_H */
