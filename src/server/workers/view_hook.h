/*
 * view_hook.h
 *	  Conditions on execution_arn reach the keys below the views.
 */
#ifndef SFN_WORKERS_VIEW_HOOK_H
#define SFN_WORKERS_VIEW_HOOK_H

extern void view_hook_install(void);

#endif /* SFN_WORKERS_VIEW_HOOK_H */
