package folklore

import "slices"

// The sources of several claims.
const (
	uwsgiPost    = "post on uWSGI's listen queue (2012)"
	somaxconnFAQ = "“You should avoid using socket.SOMAXCONN” (2013)"
	pystrix      = "pystrix, pull request 65 (2026)"
	stevens      = "Stevens, UNIX Network Programming, 4.5"
	listen2      = "listen(2)"
	phpFPM       = "php-src, pull request 731 (2014)"
	ipSysctl     = "Linux, ip-sysctl.rst"
)

// claims in the order of the issue that asked for them: what length does, how it is chosen, what a full queue
// does, what the books say.
var claims = []Claim{
	{
		Code: "128-at-100-a-second", Source: "Linux, net/core/request_sock.c, quoted in a " + uwsgiPost,
		from: []string{prompt128, pause128, pause256},
		needs: slices.Concat(impairedOf(prompt128), impairedOf(pause128), impairedOf(pause256),
			[]string{prompt128 + "_queue"}),
		judge: judgeEnough128,
	},
	{
		Code: "five-times-costs-nothing", Source: uwsgiPost,
		from: []string{"memory-of-queues"}, needs: []string{"sockets", "backlog", "grown_bytes", "entry_bytes"},
		judge: judgeCost,
	},
	{
		Code: "int-max-is-somaxconn", Source: pystrix,
		from:  []string{"kept-of-int-max"},
		needs: []string{"kept_64", "kept_4096", "kept_262144", "kept_2147483647"},
		judge: judgeIntMax,
	},
	{
		Code: "constant-misses-raise", Source: somaxconnFAQ,
		from: []string{"kept-of-constants"}, needs: []string{"limit", "kept_128", "kept_4096"},
		judge: judgeConstant,
	},
	{
		Code: "read-misses-raise", Source: pystrix,
		from: []string{"kept-after-raise"}, needs: []string{"read", "raised", "kept_read", "kept_live", "kept_again"},
		judge: judgeRead,
	},
	{
		Code: "go-falls-back", Source: "Go, net/sock_linux.go, maxListenerBacklog",
		from:  []string{"kept-by-go-4096", "kept-by-go-16777214", "kept-by-go-16777215"},
		needs: []string{"kept_4096", "kept_16777214", "kept_16777215"},
		judge: judgeGo,
	},
	{
		Code: "1024-suffices", Source: somaxconnFAQ,
		from: []string{calls1000, burst1024}, needs: slices.Concat(impairedOf(calls1000), impairedOf(burst1024)),
		judge: judge1024,
	},
	{
		Code: "large-is-pointless", Source: somaxconnFAQ,
		from:  []string{burst128, burst4096, overload128, overload4096},
		needs: answeredOf(burst128, burst4096, overload128, overload4096), judge: judgePointless,
	},
	{
		Code: "long-does-harm", Source: phpFPM,
		from:  []string{burst128, burst4096, overload128, overload4096},
		needs: answeredOf(burst128, burst4096, overload128, overload4096), judge: judgeHarm,
	},
	{
		Code: "cookies-reset", Source: ipSysctl + ", tcp_syncookies (“serious degradation”)",
		from:  []string{burst128, noCookies, oneWrite},
		needs: slices.Concat(endsOf(burst128), endsOf(noCookies), endsOf(oneWrite)),
		judge: judgeCookies,
	},
	{
		Code: "abort-fails-fast", Source: ipSysctl + ", tcp_abort_on_overflow",
		from:  []string{"answers-of-abort", burst128, abort},
		needs: []string{"each", "syn_told", "ack_told", "cookie_told", burst128 + "_known_ms", abort + "_known_ms"},
		judge: judgeAbort,
	},
	{
		Code: "full-refuses", Source: listen2 + " (“may receive an error”)",
		from: []string{"answers-when-full"}, needs: []string{"connects", "refused", "waiting"}, judge: judgeRefusal,
	},
	{
		Code: "zero-is-to-be-avoided", Source: stevens,
		from: []string{"places-of-zero"}, needs: []string{"offered", "queued"}, judge: judgeZero,
	},
	{
		Code: "sum-of-both-queues", Source: stevens,
		from: []string{"places-of-both"}, needs: []string{"backlog", "half_open", "accept_queue"}, judge: judgeSum,
	},
	{
		Code: "times-one-and-a-half", Source: stevens,
		from: []string{"places-of-five"}, needs: []string{"backlog", "offered", "queued"}, judge: judgeFudge,
	},
	{
		Code: "one-round-trip", Source: stevens,
		from: []string{"stay-in-syn-queue"}, needs: []string{"rtt_ms", "stay_ms", "held_ms"}, judge: judgeStay,
	},
	{
		Code: "listen-allocates", Source: uwsgiPost,
		from: []string{"memory-of-queues"}, needs: []string{"sockets", "backlog", "grown_bytes", "entry_bytes"},
		judge: judgeAllocation,
	},
	{
		Code: "default-is-128", Source: listen2 + ", quoted in a " + uwsgiPost,
		from: []string{"somaxconn-of-fresh"}, needs: []string{"fresh"}, judge: judgeDefault,
	},
}
