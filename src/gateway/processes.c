/*
 * processes.c
 *	  Several processes that share the addresses (SO_REUSEPORT).
 *
 * The first serves nobody: it hands on signals, and starts anew what has ended.  Each of
 * the others is a whole gateway with connections of its own; what they have in common was
 * made before: settings, the key of sessions, memory for what is counted.
 */
#include "gateway/processes.h"

#include <errno.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/port.h"
#include "gateway/confine.h"
#include "gateway/log.h"
#include "gateway/loop.h"
#include "gateway/metrics.h"
#include "gateway/settings.h"

#define REFUSES_SETTINGS 2 /* its exit code */

static struct
{
	pid_t pid;      /* 0: it is not there */
	int64 start_at; /* not before */
} children[MAX_PROCESSES];

static int stop_signals;

static sigset_t
own_signals(void)
{
	sigset_t signals;

	sigemptyset(&signals);
	sigaddset(&signals, SIGTERM);
	sigaddset(&signals, SIGINT);
	sigaddset(&signals, SIGHUP);
	sigaddset(&signals, SIGCHLD);
	return signals;
}

/* True in the child. */
static bool
start_child(int process)
{
	pid_t parent = getpid();
	pid_t pid = fork();

	if (pid == 0)
	{
		sigset_t child_gone;

		(void) prctl(PR_SET_PDEATHSIG, SIGTERM);
		if (getppid() != parent)
			_exit(1);
		sigemptyset(&child_gone);
		sigaddset(&child_gone, SIGCHLD);
		sigprocmask(SIG_UNBLOCK, &child_gone, NULL);
		unsetenv("NOTIFY_SOCKET");
		metrics_use(process);
		return true;
	}
	if (pid < 0)
	{
		log_line("processes", psprintf("could not start another: %s", strerror(errno)));
		children[process].start_at = loop_now() + SECOND;
		return false;
	}
	children[process].pid = pid;
	return false;
}

static void
tell_children(int signal)
{
	for (int i = 0; i < settings.processes; i++)
	{
		if (children[i].pid != 0)
			(void) kill(children[i].pid, signal);
	}
}

static int
count_children(void)
{
	int count = 0;

	for (int i = 0; i < settings.processes; i++)
		count += children[i].pid != 0;
	return count;
}

static void
child_gone(int process, int status)
{
	children[process].pid = 0;
	if (stop_signals > 0)
		return;
	if (WIFEXITED(status) && WEXITSTATUS(status) == REFUSES_SETTINGS)
	{
		tell_children(SIGTERM);
		_exit(REFUSES_SETTINGS);
	}
	log_line("processes", psprintf("one ended with status %d and is started again", status));
	metrics_count_restart(process);
	children[process].start_at = loop_now() + SECOND;
}

static void
reap(void)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
	{
		for (int i = 0; i < settings.processes; i++)
		{
			if (children[i].pid == pid)
				child_gone(i, status);
		}
	}
}

static void
take_signal(int signal)
{
	if (signal == SIGCHLD)
		reap();
	else if (signal == SIGHUP)
		tell_children(SIGHUP);
	else if (signal == SIGTERM || signal == SIGINT)
	{
		stop_signals++;
		notify_manager("STOPPING=1");
		tell_children(SIGTERM);
	}
}

/* True in a child. */
static bool
start_missing(void)
{
	for (int i = 0; i < settings.processes && stop_signals == 0; i++)
	{
		if (children[i].pid == 0 && loop_now() >= children[i].start_at && start_child(i))
			return true;
	}
	return false;
}

void
processes_begin(void)
{
	const struct timespec second = {.tv_sec = 1};
	sigset_t signals = own_signals();

	if (settings.processes == 1)
		return;
	sigprocmask(SIG_BLOCK, &signals, NULL);
	if (start_missing())
		return;
	notify_manager("READY=1");
	while (stop_signals == 0 || count_children() > 0)
	{
		take_signal(sigtimedwait(&signals, NULL, &second));
		if (start_missing())
			return;
	}
	_exit(0);
}
