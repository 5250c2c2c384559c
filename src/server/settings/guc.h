/*
 * guc.h
 *	  The settings (one row each in guc.c).
 */
#ifndef SFN_SETTINGS_GUC_H
#define SFN_SETTINGS_GUC_H

extern bool sfn_allow_bare_tokens;
extern bool sfn_direct_inserts;
extern bool sfn_dump_secrets;
extern bool sfn_enabled;
extern char *sfn_gateway;
extern char *sfn_gateway_auth;
extern int sfn_gateway_activity_wait;
extern int sfn_gateway_connections;
extern char *sfn_gateway_cors_origins;
extern char *sfn_gateway_databases;
extern char *sfn_gateway_hosts;
extern int sfn_gateway_max_body;
extern bool sfn_gateway_region_check;
extern char *sfn_gateway_role;
extern bool sfn_gateway_superusers;
extern int sfn_gateway_sync_connections;
extern char *sfn_gateway_tls_cert;
extern char *sfn_gateway_tls_key;
extern char *sfn_gateway_trusted_proxies;
extern char *sfn_gateway_url;
extern char *sfn_region;
extern char *sfn_account_id;
extern int sfn_cancel_grace;      /* ms */
extern int sfn_ddl_grace;         /* ms */
extern int sfn_history_retention; /* minutes; -1: for ever */
extern char *sfn_http_allowed_hosts;
extern char *sfn_http_ca_file;
extern int sfn_http_connect_timeout; /* ms */
extern int sfn_http_max_requests;
extern int sfn_http_request_timeout; /* ms */
extern int sfn_job_poll_rate;
extern int sfn_jsonata_max_depth; /* of sfn.jsonata(); 0: as the stack has it */
extern int sfn_max_history_events;
extern int sfn_max_long_tasks;
extern int sfn_max_map_concurrency;
extern int sfn_max_payload_size; /* bytes */
extern int sfn_max_rules_per_role;
extern int sfn_max_transition_memory; /* kB */
extern int sfn_max_transition_time;   /* ms */
extern int sfn_max_workers;
extern int sfn_poll_interval; /* ms: the longest sleep of an executor */
extern char *sfn_schedule_driver;
#define SCHEDULE_DRIVER_OWN "own"
extern int sfn_shard_id; /* -1: none */
extern char *sfn_task_search_path;
extern char *sfn_test_mocks;
extern int sfn_test_mocks_changes; /* how often it was set */
extern char *sfn_test_now;

extern void guc_define(void);

#endif /* SFN_SETTINGS_GUC_H */
