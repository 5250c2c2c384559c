/*
 * main.c
 *	  sfn-gateway: the AWS Step Functions API over HTTP, in front of PostgreSQL with sfn.
 *
 * One thread and one loop: clients (http.c), the database (pool.c), requests that wait
 * for a task (polls.c).  SIGTERM ends it when what is under way is done, a second one at
 * once; SIGHUP has it read its certificates again.
 */
#include <signal.h>
#include <sys/epoll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "gateway/confine.h"
#include "gateway/http.h"
#include "gateway/log.h"
#include "gateway/metrics.h"
#include "gateway/password_login.h"
#include "gateway/peers.h"
#include "gateway/polls.h"
#include "gateway/pool.h"
#include "gateway/processes.h"
#include "gateway/routes.h"
#include "gateway/sessions.h"
#include "gateway/settings.h"
#include "gateway/watch.h"

static int stop_signals;
static int64 stop_at; /* at the latest */

static void
signal_came(Watch *watch, uint32 events)
{
	struct signalfd_siginfo info;

	(void) events;
	if (read(watch->fd, &info, sizeof(info)) != sizeof(info))
		return;
	if (info.ssi_signo == SIGHUP)
	{
		http_reload_certificates();
		return;
	}
	if (stop_signals++ > 0)
		_exit(1);
	stop_at = loop_now() + settings.drain * SECOND;
	log_line("stop", "no new requests; those under way are answered");
	notify_manager("STOPPING=1");
	routes_drain();
	http_stop_listening();
	polls_end();
	watch_end();
}

static void
take_signals(void)
{
	static Watch watch = {.fd = -1, .ready = signal_came};
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigprocmask(SIG_BLOCK, &signals, NULL);
	signal(SIGPIPE, SIG_IGN);
	loop_watch(&watch, signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK), EPOLLIN);
}

static bool
is_done(void)
{
	return stop_signals > 0 && (http_requests() == 0 || loop_now() >= stop_at);
}

int
main(int argc, char **argv)
{
	arena_use(arena_new());
	settings_read(argc, argv);
	peers_begin();
	if (settings.only_checks)
		return 0;
	confine();
	metrics_begin();
	sessions_begin();
	processes_begin();
	loop_begin();
	take_signals();
	pool_begin();
	http_begin();
	notify_manager("READY=1");
	while (!is_done())
	{
		int wait = Min(pool_tend(), polls_tend());

		wait = Min(wait, watch_tend());
		password_login_tend();
		wait = Min(wait, http_run());
		if (settings.processes > 1)
			metrics_publish();
		log_flush();
		loop_wait(wait);
	}
	log_line("stop", http_requests() == 0 ? "done" : "some requests were not answered");
	_exit(0);
}
