package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"agistorm/loadgen"
	"agistorm/scenarios/arrival"
	"agistorm/scenarios/lab"
)

// stormOptions are the flags of storm.
type stormOptions struct {
	output, arrival, rate, engine string
	calls, workers                int
	duration                      time.Duration
	seed                          uint64
	limits                        loadgen.Limits
	client                        loadgen.Client
	variables                     []string
	sources, worker, startAt      string
	allowRemote                   bool
	pid                           int
	gates                         []string
	view                          view

	// given tells which flags were.
	given func(name string) bool
}

func stormFlags(f *pflag.FlagSet) func(context.Context, *env, []string) error {
	o := &stormOptions{given: f.Changed}
	limits := loadgen.DefaultLimits()
	f.IntVarP(&o.calls, "calls", "n", 1000, "calls of the storm; with --duration or a trace the most, and no default")
	f.StringVar(&o.arrival, "arrival", "burst", "when they come: "+arrival.Forms())
	f.StringVar(&o.rate, "rate", "", "`RATE` at which they come, such as 500/s: short for --arrival \"constant RATE\"")
	f.DurationVar(&o.duration, "duration", 0, "how long they come")
	f.StringVarP(&o.output, "output", "o", "", "run `directory` to make (default agistorm-storm-TIME)")
	f.DurationVar(&o.limits.Connect, "connect-limit", limits.Connect, "patience of a connect, for each address of the server; Asterisk's is 2s")
	f.DurationVar(&o.limits.FirstCommand, "first-command-limit", limits.FirstCommand,
		"longest wait from the first words, right after the connect, to the first command; Asterisk has no such limit")
	f.DurationVar(&o.limits.Session, "session-limit", limits.Session,
		"longest wait from the connect to the server's close; Asterisk has no such limit")
	f.StringVar(&o.client.Name, "client", loadgen.Asterisk, "who calls: asterisk, single-write (one write, TCP_NODELAY) or connect-only (any TCP server)")
	f.StringArrayVar(&o.client.Args, "arg", nil, "an `argument` of the AGI application, agi_arg_1 and on; may be given again")
	f.StringArrayVar(&o.variables, "variable", nil, "a channel variable `NAME=VALUE` that GET VARIABLE finds; may be given again")
	f.StringArrayVar(&o.client.MissingFiles, "missing-file", nil,
		"a sound `file` that does not exist, by the name that the script gives; repeatable (default: all exist)")
	f.DurationVar(&o.client.Think, "think", 0, "pause before each answer")
	f.DurationVar(&o.client.HangUpAfter, "hang-up-after", 0, "the caller hangs up so long after the connect; 0 is never, for connect-only at once")
	f.StringVar(&o.sources, "sources", "", "client `addresses`, such as 127.0.0.0/24 or a list with commas: more ports, and many Asterisk hosts")
	f.IntVar(&o.workers, "workers", 0, "processes that play the storm (default as few as the limit of open files allows)")
	f.StringVar(&o.worker, "worker", "", "this machine's share `K/N` of a storm that N machines play, K from 0; needs --start-at")
	f.StringVar(&o.startAt, "start-at", "", "first instant of the storm: a `time` such as 2026-11-23T10:00:00Z, or +30s")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the callers' identities and of random arrivals")
	f.StringVar(&o.engine, "engine", "auto", "the generator's engine: auto, epoll or portable")
	f.IntVar(&o.pid, "pid", 0, "`PID` of a process whose network namespace the server is in, such as a container's: its accept queue is watched there (root)")
	gateFlag(f, &o.gates)
	f.BoolVar(&o.allowRemote, "allow-remote", false, "storm an address that is not this host's loopback")
	o.view.flags(f)
	return o.run
}

func (o *stormOptions) run(ctx context.Context, e *env, args []string) error {
	options, err := o.options(ctx, e, args)
	if err != nil {
		return err
	}
	dir, err := runDir(o.output, lab.StormCell)
	if err != nil {
		return err
	}
	live := newLiveView(e, o.view.quiet)
	if !o.view.quiet {
		options.Live = live.show
	}
	run, err := lab.Storm(ctx, dir, *options)
	live.clear()
	if run == nil {
		removeEmpty(dir)
		return err
	}
	return o.view.finish(e, dir, err)
}

// options checks everything that the user gave before anything is made or sent.
func (o *stormOptions) options(ctx context.Context, e *env, args []string) (*lab.StormOptions, error) {
	if err := o.view.check(); err != nil {
		return nil, err
	}
	if err := checkOutput(o.output, o.given("output")); err != nil {
		return nil, err
	}
	if o.workers < 0 || o.workers > loadgen.MaxWorkers {
		return nil, usagef("workers %d: want 1 to %d", o.workers, loadgen.MaxWorkers)
	}
	if o.pid < 0 {
		return nil, usagef("pid %d: want the number of a process", o.pid)
	}
	if len(args) != 1 {
		return nil, usagef("storm takes one URL, agi://HOST[:PORT][/SCRIPT], got %d", len(args))
	}
	url, err := parseURL(args[0])
	if err != nil {
		return nil, usageError{err}
	}
	load, err := o.load(url)
	if err != nil {
		return nil, usageError{err}
	}
	if err := o.checkGates(load); err != nil {
		return nil, usageError{err}
	}
	startAt, err := o.start(time.Now())
	if err != nil {
		return nil, usageError{err}
	}
	if load.Addresses, err = o.resolve(ctx, e, url); err != nil {
		return nil, err
	}
	load.Addresses = load.Sources.Reach(load.Addresses)
	if err := load.Sources.Fit(load.Addresses); err != nil {
		return nil, usageError{err}
	}
	return &lab.StormOptions{
		Load:    *load,
		Workers: o.workers,
		StartAt: startAt,
		PID:     o.pid,
		Gates:   o.gates,
		URL:     args[0],
		Version: fullVersion(),
		Command: e.command,
	}, nil
}

// load is the storm as the flags have it, without the server's addresses.
func (o *stormOptions) load(url agiURL) (*lab.Load, error) {
	l := &lab.Load{
		Host: url.authority, Script: url.script, Arrival: o.arrival, Calls: o.calls, Duration: o.duration,
		Seed: o.seed, Limits: o.limits, Client: o.client,
	}
	var err error
	if l.Arrival, err = o.when(); err != nil {
		return nil, err
	}
	if !o.given("calls") && (o.duration != 0 || strings.HasPrefix(strings.TrimSpace(l.Arrival), "trace")) {
		l.Calls = 0
	}
	var errs [6]error
	l.Engine, errs[0] = loadgen.ParseEngine(o.engine)
	l.Client.Variables, errs[1] = parseVariables(o.variables)
	l.Share, errs[2] = o.share()
	if o.sources != "" {
		l.Sources.Addrs, errs[3] = loadgen.ParseSources(o.sources)
	}
	errs[4] = o.limits.Check()
	if errs[5] = l.Client.Check(); errs[5] == nil {
		errs[5] = l.Client.Fit(l.Limits)
	}
	if errs[5] == nil {
		_, errs[5] = l.Schedule()
	}
	for _, err := range errs {
		if err != nil {
			return nil, err // one clear line: the first
		}
	}
	return l, nil
}

// when is the arrival that --arrival and --rate ask for.
func (o *stormOptions) when() (string, error) {
	switch {
	case o.given("duration") && o.duration <= 0:
		return "", fmt.Errorf("duration %v: want a time above 0s", o.duration)
	case o.given("calls") && o.calls < 1:
		return "", fmt.Errorf("calls %d: want 1 to %d", o.calls, arrival.MaxCalls)
	case !o.given("rate"):
		return o.arrival, nil
	case o.given("arrival"):
		return "", errors.New("--rate and --arrival both say when calls come: give one of them")
	}
	constant := "constant " + o.rate
	if _, err := arrival.Parse(constant, arrival.Options{Calls: 1}); err != nil {
		return "", fmt.Errorf("rate %q: want calls in a time, such as 500/s or 50/100ms", o.rate)
	}
	return constant, nil
}

func parseVariables(list []string) (map[string]string, error) {
	known := map[string]string{}
	for _, text := range list {
		name, value, ok := strings.Cut(text, "=")
		if !ok || name == "" {
			return nil, fmt.Errorf("variable %q: want NAME=VALUE", text)
		}
		known[name] = value
	}
	return known, nil
}

// share reads K/N; without one it is the whole storm.
func (o *stormOptions) share() (loadgen.Share, error) {
	if o.worker == "" {
		return loadgen.Share{}, nil
	}
	first, second, ok := strings.Cut(o.worker, "/")
	k, err := strconv.Atoi(first)
	n, err2 := strconv.Atoi(second)
	if !ok || err != nil || err2 != nil {
		return loadgen.Share{}, fmt.Errorf("worker %q: want K/N, such as 0/3, 1/3 and 2/3 on three machines", o.worker)
	}
	share := loadgen.Share{K: k, N: n}
	if err := share.Check(); err != nil {
		return share, fmt.Errorf("worker %q: %w", o.worker, err)
	}
	if n > 1 && (o.startAt == "" || o.startAt[0] == '+') {
		return share, errors.New("--worker needs --start-at with a time such as 2026-11-23T10:00:00Z, the same on all machines")
	}
	return share, nil
}

// earliest is how long before its first instant a storm must be told of it: its sockets are made meanwhile.
const earliest = time.Second

// latest bounds how long a storm waits for its first instant.
const latest = 24 * time.Hour

// start is the storm's first instant, zero for at once.
func (o *stormOptions) start(now time.Time) (time.Time, error) {
	if o.startAt == "" {
		return time.Time{}, nil
	}
	at, err := time.Parse(time.RFC3339Nano, o.startAt)
	if wait, ok := strings.CutPrefix(o.startAt, "+"); ok {
		var d time.Duration
		d, err = time.ParseDuration(wait)
		at = now.Add(d)
	}
	switch {
	case err != nil:
		return at, fmt.Errorf("start at %q: want a time such as 2026-11-23T10:00:00Z, or +30s", o.startAt)
	case at.Before(now.Add(earliest)):
		return at, fmt.Errorf("start at %s: that is too early, it is %s now: leave at least %v", o.startAt, now.UTC().Format(time.RFC3339), earliest)
	case at.After(now.Add(latest)):
		return at, fmt.Errorf("start at %s: that is more than %v from now", o.startAt, latest)
	}
	return at, nil
}

// agiPort is FastAGI's own (res_agi.c, AGI_PORT).
const agiPort = "4573"

// agiURL is agi://AUTHORITY/SCRIPT taken apart.
type agiURL struct {
	authority, host, port, script string
}

// parseURL takes agi://host[:port][/script][?query] apart as res_agi.c does: the scheme in any case, the
// host up to the first slash, the script all the rest, undecoded.
func parseURL(url string) (agiURL, error) {
	if len(url) < 6 || !strings.EqualFold(url[:6], "agi://") {
		return agiURL{}, fmt.Errorf("%q: want agi://HOST[:PORT][/SCRIPT]", url)
	}
	u := agiURL{}
	u.authority, u.script, _ = strings.Cut(url[6:], "/")
	if strings.ContainsAny(url, "\r\n\x00") {
		return agiURL{}, fmt.Errorf("%q: a line break would end a line of the environment", url)
	}
	var err error
	if u.host, u.port, err = net.SplitHostPort(u.authority); err != nil {
		u.host, u.port = strings.Trim(u.authority, "[]"), agiPort
	}
	if strings.Count(u.authority, ":") > 1 && u.authority[0] != '[' {
		return agiURL{}, fmt.Errorf("%q: an IPv6 address stands in brackets, as in agi://[::1]:4573/script", url)
	}
	if u.host == "" {
		return agiURL{}, fmt.Errorf("%q: has no host", url)
	}
	return u, nil
}

// resolve finds the server's addresses, and refuses those that are not this host's own unless told.
func (o *stormOptions) resolve(ctx context.Context, e *env, url agiURL) ([]netip.AddrPort, error) {
	number, err := net.DefaultResolver.LookupPort(ctx, "tcp", url.port)
	if err != nil || number < 1 {
		return nil, usagef("port %q: want 1 to 65535", url.port)
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", url.host)
	if err != nil {
		return nil, fmt.Errorf("host %q: %w", url.host, err)
	}
	var addresses []netip.AddrPort
	remote := false
	for _, ip := range found[:min(len(found), loadgen.MaxAddresses)] {
		addresses = append(addresses, netip.AddrPortFrom(ip.Unmap(), uint16(number)))
		remote = remote || !ip.IsLoopback()
	}
	if !remote {
		return addresses, nil
	}
	names := addressList(addresses)
	if !o.allowRemote {
		return nil, usagef("%s is not this host's loopback: a storm at another machine needs --allow-remote, and the consent of whoever runs it", names)
	}
	fmt.Fprintf(e.stderr, "Storming %s: %s, each call an honest TCP connection.\n", names, o.words())
	return addresses, nil
}

// words say how much will be sent.
func (o *stormOptions) words() string {
	text := o.arrival
	if o.rate != "" {
		text = "constant " + o.rate
	}
	if o.duration > 0 {
		text += fmt.Sprintf(" for %v", o.duration)
	}
	trace := strings.HasPrefix(strings.TrimSpace(o.arrival), "trace") // has as many calls as lines
	if o.duration == 0 && !trace || o.given("calls") {
		text = fmt.Sprintf("%d calls, %s", o.calls, text)
	}
	if o.worker != "" {
		text += ", share " + o.worker
	}
	return text
}

func addressList(addresses []netip.AddrPort) string {
	names := make([]string, len(addresses))
	for i, a := range addresses {
		names[i] = a.String()
	}
	return strings.Join(names, " and then ")
}
