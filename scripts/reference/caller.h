//go:build ignore

/*
 * caller.h holds what the reference clients in C share: their arguments, the environment of a
 * call, outcomes, reply lag, and the line of JSON that they print.
 *
 * Reply lag runs from the arrival of a command at the client's socket (SO_TIMESTAMPNS) until the
 * reply has been written. Both ends are read from CLOCK_REALTIME. It is the delay that the client
 * itself adds to a session. The brackets of its distribution are those of loadgen/engine/lags.go.
 */
#ifndef CALLER_H
#define CALLER_H

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	MAX_OPEN = 1000000,
	MAX_TIMEOUT_MS = 600000,
	ENVIRONMENT_SIZE = 640,        /* one environment has about 500 bytes */
	CONNECT_TIMEOUT_MS = 2000,     /* MAX_AGI_CONNECT in Asterisk's res_agi.c */
	FIRST_COMMAND_MS = 10000,      /* loadgen.DefaultLimits; Asterisk has no such limit */
	STALL_MS = 30000,              /* a server that is silent for so long has failed */
	SLOW_MS = 1000,                /* a call that waits longer for its first command is slow */
	BRACKETS_PER_OCTAVE = 16,
	BRACKETS = 32 * BRACKETS_PER_OCTAVE,
};

/* The outcomes are those of analysis/record, except the ones that need a schedule or another client. */
enum outcome {
	ANSWERED,
	REFUSED,
	UNREACHABLE,
	CONNECT_TIMEOUT,
	CLOSED,
	RESET,
	SILENT,
	PROTOCOL_ERROR,
	LOCAL_EXHAUSTION,
	OUTCOMES,
};

static const char *const outcome_names[OUTCOMES] = {
	"answered", "refused", "unreachable",    "connect-timeout",  "closed",
	"reset",    "silent",  "protocol-error", "local-exhaustion",
};

/* The environment of one call, ready to be sent. */
struct words {
	uint16_t len;
	char text[ENVIRONMENT_SIZE];
};

static struct {
	const char *host;
	int port, open, rounds, first_command_ms;
	bool single_write, sendmmsg;
	const char *connects; /* the file for a line per call; NULL for none */
	struct sockaddr_in server;
} options;

/* The results of all rounds. Threads may add to the lags at the same time. */
static struct {
	int64_t outcomes[OUTCOMES], slow, wall_ns, cpu_ns;
	_Atomic int64_t lags, lag_sum_ns, lag_max_ns, unstamped;
	_Atomic uint32_t brackets[BRACKETS];
} results;

#define die(...)                                                                                                       \
	(fprintf(stderr, "%s: ", program_invocation_short_name), fprintf(stderr, __VA_ARGS__), fputc('\n', stderr),    \
	 exit(1))

static inline int64_t read_clock_ns(clockid_t clock)
{
	struct timespec t;
	clock_gettime(clock, &t);
	return t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
}

static inline int64_t now_ns(void) { return read_clock_ns(CLOCK_MONOTONIC); }

static inline int64_t process_cpu_ns(void)
{
	struct rusage u;
	getrusage(RUSAGE_SELF, &u);
	return (u.ru_utime.tv_sec + u.ru_stime.tv_sec) * INT64_C(1000000000) +
	       (u.ru_utime.tv_usec + u.ru_stime.tv_usec) * INT64_C(1000);
}

/* Returns the peak of the resident memory. ru_maxrss is no use: it starts at the peak of the parent process. */
static inline int64_t peak_resident_bytes(void)
{
	char line[256];
	int64_t kib = -1;
	FILE *f = fopen("/proc/self/status", "r");
	if (!f)
		die("/proc/self/status: %s", strerror(errno));
	while (fgets(line, sizeof line, f) && sscanf(line, "VmHWM: %" SCNd64, &kib) != 1)
		;
	fclose(f);
	return kib * 1024;
}

/* Makes the environment that Asterisk sends; the number makes it unique. */
static inline void make_words(struct words *w, int64_t number)
{
	int n = snprintf(w->text, sizeof w->text,
			 "agi_network: yes\nagi_network_script: reference\n"
			 "agi_request: agi://%s:%d/reference\nagi_channel: PJSIP/trunk-%08" PRIx64 "\n"
			 "agi_language: en\nagi_type: PJSIP\nagi_uniqueid: %" PRId64 ".%" PRId64 "\n"
			 "agi_version: 22.5.0\nagi_callerid: 1555%07" PRId64 "\nagi_calleridname: unknown\n"
			 "agi_callingpres: 0\nagi_callingani2: 0\nagi_callington: 0\nagi_callingtns: 0\n"
			 "agi_dnid: 18005550100\nagi_rdnis: unknown\nagi_context: from-trunk\n"
			 "agi_extension: 18005550100\nagi_priority: 1\nagi_enhanced: 0.0\n"
			 "agi_accountcode: \nagi_threadid: %" PRId64 "\n\n",
			 options.host, options.port, number, INT64_C(1750000000) + number / 100, number,
			 number % 10000000, INT64_C(139910000000000) + number * 4096);
	if (n < 0 || (size_t)n >= sizeof w->text)
		die("an environment has %d bytes; at most %zu fit", n, sizeof w->text - 1);
	w->len = (uint16_t)n;
}

/* Returns the end of the part that goes out in the next write(2): a line, or all of it with --single-write. */
static inline const char *write_end(const char *p, const char *end)
{
	return options.single_write ? end : (const char *)memchr(p, '\n', (size_t)(end - p)) + 1;
}

/* Makes the socket of a call. Asterisk sets no option; Nagle's algorithm stays on unless --single-write. */
static inline int make_socket(int number)
{
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		die("socket %d of %d: %s", number + 1, options.open, strerror(errno));
	if (setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) < 0)
		die("SO_TIMESTAMPNS: %s", strerror(errno));
	if (options.single_write && setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) < 0)
		die("TCP_NODELAY: %s", strerror(errno));
	return fd;
}

static inline bool is_exhaustion(int error)
{
	return error == EADDRNOTAVAIL || error == EADDRINUSE || error == EMFILE || error == ENFILE ||
	       error == ENOBUFS || error == ENOMEM || error == EAGAIN;
}

/* Judges a failed connect by its errno, as loadgen/outcome.go does. */
static inline enum outcome failed_connect(int error)
{
	if (error == ECONNREFUSED)
		return REFUSED;
	if (error == ETIMEDOUT)
		return CONNECT_TIMEOUT;
	if (error == ECONNRESET || error == ECONNABORTED || error == EPIPE)
		return RESET;
	return is_exhaustion(error) ? LOCAL_EXHAUSTION : UNREACHABLE;
}

/* Judges a failed read or write by its errno, as loadgen/outcome.go does. */
static inline enum outcome failed_session(int error) { return is_exhaustion(error) ? LOCAL_EXHAUSTION : RESET; }

/*
 * Reads what has come. *arrived is when the last segment of it arrived at the socket, in ns of
 * CLOCK_REALTIME, or 0 where the kernel did not stamp it.
 */
static inline ssize_t receive_stamped(int fd, char *in, size_t size, int64_t *arrived)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(sizeof(struct timespec))];
	} control;
	struct iovec part = {in, size};
	struct msghdr message = {
		.msg_iov = &part, .msg_iovlen = 1, .msg_control = &control, .msg_controllen = sizeof control};
	ssize_t n = recvmsg(fd, &message, 0);
	*arrived = 0;
	if (n <= 0)
		return n;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&message); c; c = CMSG_NXTHDR(&message, c)) {
		struct timespec t;
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&t, CMSG_DATA(c), sizeof t);
		*arrived = t.tv_sec * INT64_C(1000000000) + t.tv_nsec;
	}
	return n;
}

/* Returns the bracket of a time; see Bracket in loadgen/engine/lags.go. */
static inline int bracket(int64_t ns)
{
	uint64_t us = ns < 0 ? 0 : (uint64_t)ns / 1000;
	if (us < BRACKETS_PER_OCTAVE)
		return (int)us;
	int shift = 59 - __builtin_clzll(us); /* so that us >> shift has five bits */
	int i = shift * BRACKETS_PER_OCTAVE + (int)(us >> shift);
	return i < BRACKETS ? i : BRACKETS - 1;
}

/* Returns the shortest time beyond a bracket, in ns. */
static inline int64_t bracket_end(int i)
{
	if (i < BRACKETS_PER_OCTAVE)
		return (i + 1) * INT64_C(1000);
	int shift = i / BRACKETS_PER_OCTAVE - 1;
	return ((int64_t)(i % BRACKETS_PER_OCTAVE + BRACKETS_PER_OCTAVE + 1) << shift) * 1000;
}

/* Adds the lag of a reply that has just been written. */
static inline void add_lag(int64_t arrived)
{
	if (!arrived) {
		atomic_fetch_add_explicit(&results.unstamped, 1, memory_order_relaxed);
		return;
	}
	int64_t lag = read_clock_ns(CLOCK_REALTIME) - arrived;
	if (lag < 0)
		lag = 0; /* the clock was set back */
	atomic_fetch_add_explicit(&results.brackets[bracket(lag)], 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&results.lags, 1, memory_order_relaxed);
	atomic_fetch_add_explicit(&results.lag_sum_ns, lag, memory_order_relaxed);
	int64_t most = results.lag_max_ns;
	while (lag > most && !atomic_compare_exchange_weak(&results.lag_max_ns, &most, lag))
		; /* another thread has just set another maximum: compare with that one */
}

/* Returns the lag that the share q of all replies does not exceed; see Quantile in analysis/record/lag.go. */
static inline int64_t lag_quantile(double q)
{
	int64_t rank = (int64_t)(q * (double)(results.lags - 1)) + 1;
	for (int i = 0; i < BRACKETS; i++)
		if ((rank -= results.brackets[i]) <= 0)
			return bracket_end(i) < results.lag_max_ns ? bracket_end(i) : results.lag_max_ns;
	return results.lag_max_ns;
}

static inline int parse_number(const char *what, const char *text, long most)
{
	char *end;
	errno = 0;
	long n = strtol(text, &end, 10);
	if (errno || end == text || *end || n < 1 || n > most)
		die("%s %s: want a number from 1 to %ld", what, text, most);
	return (int)n;
}

/* Reads one option and returns how many arguments it took; 0 where there is none. */
static inline int parse_option(int argc, char **argv, bool can_sendmmsg)
{
	if (strcmp(argv[0], "--single-write") == 0) {
		options.single_write = true;
		return 1;
	}
	if (can_sendmmsg && strcmp(argv[0], "--sendmmsg") == 0) {
		options.sendmmsg = true;
		return 1;
	}
	if (argc > 1 && strcmp(argv[0], "--first-command-timeout") == 0) {
		options.first_command_ms = parse_number(argv[0], argv[1], MAX_TIMEOUT_MS);
		return 2;
	}
	return 0;
}

/* Reads the arguments. Only client has --sendmmsg and CONNECTS. */
static inline void parse_arguments(int argc, char **argv, const char *usage, bool is_client)
{
	int taken;
	options.first_command_ms = FIRST_COMMAND_MS;
	argc--;
	argv++;
	while (argc > 0 && (taken = parse_option(argc, argv, is_client)) > 0) {
		argc -= taken;
		argv += taken;
	}
	if (argc != 4 && !(is_client && argc == 5))
		die("usage: %s", usage);
	if (options.sendmmsg && options.single_write)
		die("--sendmmsg and --single-write exclude each other");
	options.host = argv[0];
	options.port = parse_number("port", argv[1], 65535);
	options.open = parse_number("open", argv[2], MAX_OPEN);
	options.rounds = parse_number("rounds", argv[3], MAX_OPEN);
	options.connects = argc == 5 ? argv[4] : NULL;
	options.server.sin_family = AF_INET;
	options.server.sin_port = htons((uint16_t)options.port);
	if (inet_pton(AF_INET, options.host, &options.server.sin_addr) != 1)
		die("address %s: want an IPv4 address", options.host);
}

/*
 * Prepares the process: as many descriptors as it may have, and time stamps that are on before the
 * first call. The kernel switches them on by deferred work when the first socket asks (net/core/dev.c,
 * net_enable_timestamp), and off with the last; the socket here stays open.
 */
static inline void prepare_process(void)
{
	struct rlimit limit;
	struct timespec moment = {.tv_nsec = 20000000};
	int on = 1, fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	signal(SIGPIPE, SIG_IGN);
	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("getrlimit: %s", strerror(errno));
	limit.rlim_cur = limit.rlim_max;
	if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
		die("setrlimit: %s", strerror(errno));
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &on, sizeof on) < 0)
		die("SO_TIMESTAMPNS: %s", strerror(errno));
	nanosleep(&moment, NULL);
}

/* Prints the line of JSON; see measure.Result. */
static inline void print_results(void)
{
	printf("{\"sessions\":%" PRId64 ",\"answered\":%" PRId64 ",\"slow\":%" PRId64 ",\"outcomes\":{",
	       (int64_t)options.open * options.rounds, results.outcomes[ANSWERED], results.slow);
	const char *separator = "";
	for (int i = 0; i < OUTCOMES; i++) {
		if (results.outcomes[i] == 0)
			continue;
		printf("%s\"%s\":%" PRId64, separator, outcome_names[i], results.outcomes[i]);
		separator = ",";
	}
	printf("},\"reply_lag\":");
	if (results.lags == 0)
		printf("null");
	else
		printf("{\"count\":%" PRId64 ",\"sum_ns\":%" PRId64 ",\"max_ns\":%" PRId64 ",\"p50_ns\":%" PRId64
		       ",\"p99_ns\":%" PRId64 "}",
		       results.lags, results.lag_sum_ns, results.lag_max_ns, lag_quantile(0.5), lag_quantile(0.99));
	printf(",\"unstamped_replies\":%" PRId64 ",\"wall_ns\":%" PRId64 ",\"cpu_ns\":%" PRId64
	       ",\"maxrss_bytes\":%" PRId64 "}\n",
	       results.unstamped, results.wall_ns, results.cpu_ns, peak_resident_bytes());
}

#endif
