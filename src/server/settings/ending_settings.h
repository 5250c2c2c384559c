/*
 * ending_settings.h
 *	  Settings by which anybody can end the process that he is in: not for tasks.
 */
#ifndef SFN_SETTINGS_ENDING_SETTINGS_H
#define SFN_SETTINGS_ENDING_SETTINGS_H

/* From now on only superusers set them in this process, or whoever could before. */
extern void ending_settings_guard(bool is_guarded);

#endif /* SFN_SETTINGS_ENDING_SETTINGS_H */
