//go:build ignore

/*
 * server: the cheapest FastAGI server for a benchmark of its clients.
 *
 *   server [--accept-only] [ADDRESS [PORT]]
 *
 * One thread, one epoll, a backlog of INT_MAX, which the kernel cuts to net.core.somaxconn.
 * Of each connection it reads the environment up to the empty line, sends one command, reads
 * one line of reply and closes. It listens on 127.0.0.1 and a free port by default, and
 * prints the port. It ends with its standard input where that is a pipe, else by a signal.
 *
 * With --accept-only it closes each connection as soon as it has accepted it: no server is faster.
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <limits.h>
#include <netinet/in.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

enum {
	MAX_EVENTS = 1024,
	/*
	 * So many bytes of an environment (of about 500) make the first read worth while; a wake-up for
	 * each line would cost the client more than the server. More would stop the client: from the
	 * 17th line on, Nagle's algorithm waits for the acknowledgement that comes with a read.
	 */
	FIRST_READ = 256,
};

/* What is known of a connection, by its descriptor. */
struct conn {
	char last;      /* the last byte that was read, 0 before the first */
	bool commanded; /* the environment is over, the command is out */
};

static struct conn *conns;
static int epfd, listener;
static bool accept_only;

static _Noreturn void die(const char *format, ...)
{
	va_list args;
	va_start(args, format);
	fputs("server: ", stderr);
	vfprintf(stderr, format, args);
	fputc('\n', stderr);
	exit(1);
}

static void watch(int fd)
{
	struct epoll_event event = {.events = EPOLLIN, .data.fd = fd};
	if (epoll_ctl(epfd, EPOLL_CTL_ADD, fd, &event) < 0)
		die("epoll_ctl: %s", strerror(errno));
}

static void listen_on(const char *host, int port)
{
	struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	socklen_t size = sizeof address;
	int on = 1, low = FIRST_READ;
	if (inet_pton(AF_INET, host, &address.sin_addr) != 1)
		die("address %s: want an IPv4 address", host);
	listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (listener < 0)
		die("socket: %s", strerror(errno));
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	setsockopt(listener, SOL_SOCKET, SO_RCVLOWAT, &low, sizeof low); /* its connections inherit it */
	if (bind(listener, (struct sockaddr *)&address, size) < 0 || listen(listener, INT_MAX) < 0 ||
	    getsockname(listener, (struct sockaddr *)&address, &size) < 0)
		die("listening on %s:%d: %s", host, port, strerror(errno));
	watch(listener);
	printf("%d\n", ntohs(address.sin_port));
	fflush(stdout);
}

/* Accepts all that wait. */
static void accept_all(void)
{
	for (;;) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);
		if (fd >= 0 && accept_only) {
			close(fd);
		} else if (fd >= 0) {
			conns[fd] = (struct conn){0};
			watch(fd);
		} else if (errno == EAGAIN) {
			return;
		} else if (errno != EINTR && errno != ECONNABORTED) {
			die("accept4: %s", strerror(errno));
		}
	}
}

/* Whether the bytes end the environment. The client waits after its empty line, so that is where they end. */
static bool environment_over(struct conn *c, const char *in, ssize_t n)
{
	bool over = in[n - 1] == '\n' && (n > 1 ? in[n - 2] : c->last) == '\n';
	c->last = in[n - 1];
	return over;
}

/* Takes what a connection sends one step further; whatever is odd ends it. */
static void serve(int fd)
{
	static char in[16384];
	static const char command[] = "VERBOSE \"agistorm\" 1\n";
	struct conn *c = &conns[fd];
	ssize_t n = read(fd, in, sizeof in);
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0 && !c->commanded) {
		int one = 1;
		if (!c->last)
			setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &one, sizeof one);
		if (!environment_over(c, in, n))
			return;
		c->commanded = true;
		if (write(fd, command, sizeof command - 1) == sizeof command - 1)
			return;
	} else if (n > 0 && in[n - 1] != '\n') {
		return; /* the reply is not whole */
	}
	close(fd);
}

/* Asks the scheduler not to interrupt a client when it wakes this server up (sched(7)). */
static void stand_back(void)
{
	struct sched_param none = {0};
	if (sched_setscheduler(0, SCHED_BATCH, &none) < 0)
		fprintf(stderr, "server: SCHED_BATCH: %s; it may interrupt its clients\n", strerror(errno));
}

/* Room for as many connections as this process may have descriptors. */
static void make_room(void)
{
	struct rlimit limit;
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("getrlimit: %s", strerror(errno));
	limit.rlim_cur = limit.rlim_max < 1048576 ? limit.rlim_max : 1048576;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("setrlimit: %s", strerror(errno));
	if (!(conns = calloc(limit.rlim_cur, sizeof *conns)))
		die("no memory for %ju connections", (uintmax_t)limit.rlim_cur);
}

int main(int argc, char **argv)
{
	static struct epoll_event events[MAX_EVENTS];
	struct stat input;
	char *end = "";
	if (argc > 1 && strcmp(argv[1], "--accept-only") == 0) {
		accept_only = true;
		argc--;
		argv++;
	}
	long port = argc > 2 ? strtol(argv[2], &end, 10) : 0;
	if (argc > 3 || *end || port < 0 || port > 65535)
		die("usage: server [--accept-only] [ADDRESS [PORT]], with PORT from 0 to 65535");
	signal(SIGPIPE, SIG_IGN);
	stand_back();
	make_room();
	if ((epfd = epoll_create1(EPOLL_CLOEXEC)) < 0)
		die("epoll_create1: %s", strerror(errno));
	if (fstat(STDIN_FILENO, &input) == 0 && S_ISFIFO(input.st_mode))
		watch(STDIN_FILENO);
	listen_on(argc > 1 ? argv[1] : "127.0.0.1", (int)port);
	for (;;) {
		int n = epoll_wait(epfd, events, MAX_EVENTS, -1);
		if (n < 0 && errno != EINTR)
			die("epoll_wait: %s", strerror(errno));
		for (int i = 0; i < n; i++) {
			if (events[i].data.fd == STDIN_FILENO)
				return 0;
			if (events[i].data.fd == listener)
				accept_all();
			else
				serve(events[i].data.fd);
		}
	}
}
