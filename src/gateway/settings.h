/*
 * settings.h
 *	  What the gateway is told: by its command line, else by the environment, else by a file.
 */
#ifndef SFN_GATEWAY_SETTINGS_H
#define SFN_GATEWAY_SETTINGS_H

#include "base/port.h"

#define MAX_PROCESSES 64

typedef struct Settings
{
	const char *db;              /* libpq's connection string */
	const char *databases;       /* names, with commas; "": that of db */
	const char *listen;          /* address:port, separated by commas */
	const char *auth;            /* sigv4, or none:<role> */
	const char *hosts;           /* names that clients may call it by, beside addresses and localhost */
	const char *cors_origins;    /* of pages that may call it, with commas */
	const char *trusted_proxies; /* addresses and networks whose X-Forwarded-* count */
	const char *login_db;        /* where passwords are tried, beside port and database */
	const char *web;             /* a folder with the files of the page; "": those in the program */
	const char *role;            /* that its sessions work as; "": that which they log in as */
	const char *tls_cert;
	const char *tls_key;
	const char *log;            /* text or json */
	const char *log_level;      /* info or warning */
	const char *base_path;      /* what all paths begin with; "": nothing */
	const char *metrics_listen; /* addresses of their own for health and metrics; "": the others */
	const char *config;         /* a file with further options; "": none */
	int processes;
	int connections;
	int sync_connections;
	int max_body;      /* bytes */
	int activity_wait; /* seconds */
	int key_cache;     /* seconds that a key is known */
	int max_clients;
	int per_ip;            /* connections of one address, unless it is a loopback address */
	int client_timeout;    /* seconds for a request to come, a third of them for its head */
	int drain;             /* seconds for calls under way when it is told to stop */
	bool debug_signatures; /* tells what should have been signed; on loopback only */
	bool checks_region;    /* signatures have to be for the database's region */
	bool is_strict;        /* off loopback: only with TLS, and not as a superuser */
	bool only_checks;      /* says what is wrong with the settings and ends */
	const char *open_role; /* of none:<role>; NULL: requests are signed */
	bool is_on_loopback;   /* all addresses are */
	bool logs_good;        /* also requests that were answered without an error */
} Settings;

extern Settings settings;

/* Reads them; says what is wrong and ends the program. */
extern void settings_read(int argc, char **argv);

/* Says what is wrong with them and ends the program; by its exit code whoever started it knows not to try again. */
pg_noreturn extern void settings_refuse(const char *format, const char *value);

#endif /* SFN_GATEWAY_SETTINGS_H */
