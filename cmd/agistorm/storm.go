package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/netip"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"agistorm/loadgen"
	"agistorm/loadgen/caller"
	"agistorm/reports/lists"
	"agistorm/reports/words"
	"agistorm/scenarios"
	"agistorm/scenarios/arrival"
	"agistorm/scenarios/lab"
)

// stormOptions are the flags of storm.
type stormOptions struct {
	output, arrival, rate, engine string
	calls, workers                int
	duration                      time.Duration
	seed                          uint64
	limits                        caller.Limits
	client                        caller.Client
	variables                     []string
	sources                       []netip.Addr
	share                         loadgen.Share
	startAt                       string
	allowRemote                   bool
	pid                           int
	repeats, warmups              int
	pause, wait                   time.Duration
	gates                         []string
	drops                         bool
	view                          view

	// given reports whether a flag was.
	given func(name string) bool
}

func init() { verbs = append(verbs, newStorm) }

func newStorm(e *env) *cobra.Command {
	o := &stormOptions{
		arrival: "burst", engine: loadgen.Auto, limits: caller.DefaultLimits(),
		client: caller.Client{Name: caller.Asterisk},
	}
	c := &cobra.Command{
		Use:   "storm agi://HOST[:PORT][/SCRIPT] | tcp://HOST:PORT",
		Short: "storms at a server that is already running",
		Long: `Storm a FastAGI server that is already running, or with tcp:// any server that listens, which is only
connected to. The server runs the script of each call.`,
		Example: `  agistorm storm agi://127.0.0.1:4573/script
  agistorm storm localhost -n 500 --arrival "asterisk 4" --gate "lost == 0"
  agistorm storm agi://127.0.0.1/script --rate 200/s --duration 10s --gate "p99(first-command) < 500ms"
  agistorm storm tcp://127.0.0.1:8080 -n 2000 --duration 1s --repeats 5 --wait 30s
  agistorm storm agi://192.0.2.1/script --allow-remote -n 100 -o after`,
		GroupID: groupMeasure,
		RunE:    func(c *cobra.Command, args []string) error { return o.run(c.Context(), e, args) },
	}
	o.given = c.Flags().Changed
	o.loadFlags(c.Flags())
	o.clientFlags(c)
	o.runFlags(c)
	return c
}

// loadFlags define how many calls come, and when.
func (o *stormOptions) loadFlags(f *pflag.FlagSet) {
	f.IntVarP(&o.calls, "calls", "n", 1000, "calls of the storm; evenly in --duration, if that is given alone; "+
		"with --rate, --arrival or a trace the most")
	f.StringVar(&o.arrival, "arrival", o.arrival, "arrival of the calls: "+arrival.Forms())
	f.StringVar(&o.rate, "rate", "", "`RATE` of arrival, such as 500/s: short for --arrival \"constant RATE\"")
	f.DurationVar(&o.duration, "duration", 0, "duration of the arrivals")
	timeoutFlags(f, &o.limits, "")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the callers' identities and of random arrivals")
}

// timeoutFlags are the same on every verb that has them, but for their defaults.
func timeoutFlags(f *pflag.FlagSet, to *caller.Limits, defaults string) {
	f.DurationVar(&to.Connect, "connect-timeout", to.Connect,
		"longest wait for a connection, for each address of the server; Asterisk's is 2s"+defaults)
	f.DurationVar(&to.FirstCommand, "first-command-timeout", to.FirstCommand,
		"longest wait from the end of the environment to the first command; Asterisk has no such limit"+defaults)
	f.DurationVar(&to.Session, "session-timeout", to.Session,
		"longest wait from the connect to the server's close; Asterisk has no such limit"+defaults)
}

// clientFlags define what each client does.
func (o *stormOptions) clientFlags(c *cobra.Command) {
	f := c.Flags()
	choiceFlag(c, &o.client.Name, "client", "kind of client; "+clientHelp(), caller.Names(nil)...)
	f.StringArrayVar(&o.client.Args, "arg", nil, "an `argument` of the AGI application, agi_arg_1 and on; repeatable")
	f.StringArrayVar(&o.variables, "variable", nil, "a channel variable `NAME=VALUE` that GET VARIABLE finds; "+
		"repeatable")
	f.StringArrayVar(&o.client.MissingFiles, "missing-file", nil,
		"a sound `file` that does not exist, by the name that the script gives; repeatable (default: all exist)")
	f.DurationVar(&o.client.Think, "think", 0, "pause before each answer")
	f.DurationVar(&o.client.HangUpAfter, "hang-up-after", 0,
		"time from the connect to the caller's hang-up; 0 is never, for connect-only at once")
}

// clientHelp says how the clients differ from the default one.
func clientHelp() string {
	return strings.Join(lists.Map(caller.Kinds[1:], func(k caller.Kind) string { return k.Name + " " + k.Help }), ", ")
}

// runFlags define where the storm comes from, and what becomes of the result.
func (o *stormOptions) runFlags(c *cobra.Command) {
	f := c.Flags()
	f.StringVarP(&o.output, "output", "o", "", "run `directory` to create (default agistorm-storm-TIME)")
	f.Var(&parsed[[]netip.Addr]{kind: "addresses", to: &o.sources, parse: caller.ParseSources}, "sources",
		"client addresses, such as 127.0.0.0/24 or a list with commas: more ports, and many Asterisk hosts")
	f.IntVar(&o.repeats, "repeats", 1, "storms")
	warmupFlag(f, &o.warmups)
	f.DurationVar(&o.pause, "pause", time.Second,
		"longest wait before a further storm: until the accept queue is empty and the kernel's counters rest")
	f.DurationVar(&o.wait, "wait", 0, "longest wait for a server that is starting, such as 30s (default: none)")
	f.IntVar(&o.workers, "workers", 0,
		"processes that play the storm (default: as few as the limit of open files allows)")
	f.Var(&parsed[loadgen.Share]{kind: "K/N", to: &o.share, parse: parseShare}, "worker",
		"this machine's share of a storm that N machines play, K from 0; needs --start-at")
	f.StringVar(&o.startAt, "start-at", "", "first instant of the storm: a `time` such as 2026-11-23T10:00:00Z, or "+
		"+30s")
	engineFlag(c, &o.engine)
	f.IntVar(&o.pid, "pid", 0, "`PID` of a process in the server's network namespace, such as a container's: "+
		"the accept queue is sampled there (root)")
	dropsFlag(f, &o.drops)
	gateFlag(c, &o.gates)
	f.BoolVar(&o.allowRemote, "allow-remote", false, "storm an address that is not this host's loopback")
	o.view.flags(c)
}

// warmupFlag is the same on every verb that has it.
func warmupFlag(f *pflag.FlagSet, to *int) {
	f.IntVar(to, "warmup", 0, "storms before the first, of each setting, that are recorded and not judged")
}

// dropsFlag is the same on every verb that has it.
func dropsFlag(f *pflag.FlagSet, to *bool) {
	f.BoolVar(to, "drops", false, "count the reasons with which this host's kernel drops packets (root); a SYN at a "+
		"full accept queue has none")
}

// engineFlag is the same on every verb that has it.
func engineFlag(c *cobra.Command, to *string) {
	choiceFlag(c, to, "engine", "the generator's engine", loadgen.Auto, loadgen.Epoll, loadgen.Portable)
}

func (o *stormOptions) run(ctx context.Context, e *env, args []string) error {
	options, err := o.options(ctx, e, args)
	if err != nil {
		return err
	}
	schedule, err := options.Load.Schedule()
	if err != nil {
		return err
	}
	dir, err := e.runDir(o.output, lab.StormCell)
	if err != nil {
		return err
	}
	progress := newProgress(e, o.view.quiet, firstLive)
	if !o.view.quiet {
		progress.say(append(traceLines(arrival.TraceOf(schedule)), o.warnings(schedule, options)...)...)
		options.Live = progress.live
	}
	if o.repeats+o.warmups > 1 {
		options.Progress = progress.sweep
	}
	run, err := lab.Storm(ctx, dir, *options)
	o.view.progress = progress
	return o.view.finish(e, dir, run, err)
}

// warnings are what the user of a real server must know before the storm.
func (o *stormOptions) warnings(schedule arrival.Schedule, options *lab.StormOptions) []string {
	if !options.Load.Client.Kind().SpeaksAGI {
		return nil
	}
	n := schedule.Len() * (o.repeats + o.warmups)
	return []string{fmt.Sprintf("The server runs the script of each call: up to %s times.", words.Count(n))}
}

// options checks everything that the user gave before anything is created or sent.
func (o *stormOptions) options(ctx context.Context, e *env, args []string) (*lab.StormOptions, error) {
	options, url, err := o.checked(args)
	if err != nil {
		return nil, usageError{err}
	}
	load := &options.Load
	found, err := o.resolve(ctx, e, url, load)
	if err != nil {
		return nil, err
	}
	load.Addresses = load.Sources.Reach(found)
	if err := load.Sources.Fit(load.Addresses); err != nil {
		return nil, usageError{err}
	}
	options.Version, options.Command = fullVersion(), e.command
	return options, nil
}

// checked returns what the arguments and flags ask for, without the server's addresses. Its error is one
// clear line, about the first that is wrong.
func (o *stormOptions) checked(args []string) (options *lab.StormOptions, url agiURL, err error) {
	options = &lab.StormOptions{
		Repeats: o.repeats, Warmups: o.warmups, Pause: o.pause, Wait: o.wait,
		Workers: o.workers, PID: o.pid, Gates: o.gates, Drops: o.drops,
	}
	load := &options.Load
	for _, check := range []func() error{
		func() error { return checkOutput(o.output, o.given("output")) },
		o.checkNumbers,
		o.checkRepeats,
		func() error { url, err = oneURL(args); return err },
		func() error { return o.takeClient(url) },
		func() error { *load, err = o.load(url); return err },
		o.checkShare,
		o.limits.Check,
		func() error { return load.Client.Check() },
		func() error { return load.Client.Fit(load.Limits) },
		func() error { return o.checkGates(load) },
		func() error { options.StartAt, err = o.start(time.Now()); return err },
	} {
		if err := check(); err != nil {
			return nil, url, err
		}
	}
	options.URL = url.text
	return options, url, nil
}

// checkNumbers reports a number that is out of range.
func (o *stormOptions) checkNumbers() error {
	if o.workers < 0 || o.workers > caller.MaxWorkers {
		return fmt.Errorf("workers %d: want 1 to %d", o.workers, caller.MaxWorkers)
	}
	if o.pid < 0 {
		return fmt.Errorf("pid %d: want the number of a process", o.pid)
	}
	return nil
}

// takeClient gives a URL without AGI the client that only connects.
func (o *stormOptions) takeClient(url agiURL) error {
	if url.scheme != tcpScheme {
		return nil
	}
	if o.given("client") && o.client.Name != caller.ConnectOnly {
		return fmt.Errorf("%s is only connected to, and --client %s speaks AGI: give agi://%s",
			url.text, o.client.Name, url.authority)
	}
	o.client.Name = caller.ConnectOnly
	return nil
}

// checkRepeats checks how often to storm, and what happens between.
func (o *stormOptions) checkRepeats() error {
	switch {
	case o.repeats < 1 || o.repeats > scenarios.MaxRepeats:
		return fmt.Errorf("repeats %d: want 1 to %d", o.repeats, scenarios.MaxRepeats)
	case o.share.N > 1 && o.repeats+o.warmups > 1:
		return errors.New("--worker plays one storm, which all machines begin at --start-at: repeat it by further " +
			"storms, each with a --start-at of its own, without --repeats and --warmup")
	case o.pause < 0 || o.pause > maxPause:
		return fmt.Errorf("pause %v: want 0s to %v", o.pause, maxPause)
	case o.wait < 0:
		return fmt.Errorf("wait %v: want 0s or more", o.wait)
	}
	return checkWarmups(o.warmups)
}

// maxPause bounds the time between two storms.
const maxPause = time.Hour

func checkWarmups(n int) error {
	if n < 0 || n > scenarios.MaxRepeats {
		return usagef("warmup %d: want 0 to %d", n, scenarios.MaxRepeats)
	}
	return nil
}

// oneURL reads the only argument.
func oneURL(args []string) (agiURL, error) {
	switch len(args) {
	case 0:
		return agiURL{}, errors.New("missing URL. Example: agistorm storm agi://127.0.0.1:4573/script")
	case 1:
		return parseURL(args[0])
	}
	return agiURL{}, fmt.Errorf("storm takes one URL, got %d", len(args))
}

// load returns the storm that the flags ask for.
func (o *stormOptions) load(url agiURL) (l lab.Load, err error) {
	l = lab.Load{
		Host: url.authority, Script: url.script, Calls: o.calls, Duration: o.duration,
		Seed: o.seed, Limits: o.limits, Client: o.client, Engine: o.engine, Share: o.share,
		Sources: loadgen.Sources{Addrs: o.sources},
	}
	if l.Arrival, err = o.when(); err != nil {
		return l, err
	}
	if !o.given("calls") && (o.duration != 0 || arrival.IsTrace(l.Arrival)) {
		l.Calls = 0
	}
	l.Client.Variables, err = parseVariables(o.variables)
	return l, err
}

// when returns the arrival that --arrival and --rate ask for.
func (o *stormOptions) when() (string, error) {
	switch {
	case o.given("duration") && o.duration <= 0:
		return "", fmt.Errorf("duration %v: want a time above 0s", o.duration)
	case o.given("calls") && o.calls < 1:
		return "", fmt.Errorf("calls %d: want 1 to %d", o.calls, arrival.MaxCalls)
	case !o.given("rate") && !o.given("arrival") && o.given("calls") && o.given("duration"):
		return fmt.Sprintf("constant %d/%v", o.calls, o.duration), nil
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

// parseShare reads K/N.
func parseShare(text string) (loadgen.Share, error) {
	first, second, ok := strings.Cut(text, "/")
	k, err := strconv.Atoi(first)
	n, err2 := strconv.Atoi(second)
	if !ok || err != nil || err2 != nil {
		return loadgen.Share{}, fmt.Errorf("worker %q: want K/N, such as 0/3, 1/3 and 2/3 on three machines", text)
	}
	share := loadgen.Share{K: k, N: n}
	if err := share.Check(); err != nil {
		return share, fmt.Errorf("worker %q: %w", text, err)
	}
	return share, nil
}

// checkShare reports an instant that machines cannot share.
func (o *stormOptions) checkShare() error {
	if o.share.N > 1 && (o.startAt == "" || o.startAt[0] == '+') {
		return errors.New("--worker needs --start-at with a time such as 2026-11-23T10:00:00Z, the same on all " +
			"machines")
	}
	return nil
}

// earliest is the least time to a storm's first instant: its sockets are opened meanwhile.
const earliest = time.Second

// latest bounds how long a storm waits for its first instant.
const latest = 24 * time.Hour

// start returns the storm's first instant, zero for at once.
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
		return at, fmt.Errorf("start at %s: that is too early, it is %s now: leave at least %v",
			o.startAt, now.UTC().Format(time.RFC3339), earliest)
	case at.After(now.Add(latest)):
		return at, fmt.Errorf("start at %s: that is more than %v from now", o.startAt, latest)
	}
	return at, nil
}

// resolve finds the server's addresses, and refuses those that are not this host's own without
// --allow-remote.
func (o *stormOptions) resolve(ctx context.Context, e *env, url agiURL, load *lab.Load) ([]netip.AddrPort, error) {
	number, err := net.DefaultResolver.LookupPort(ctx, "tcp", url.port)
	if err != nil || number < 1 {
		return nil, usagef("port %q: want 1 to 65535", url.port)
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", url.host)
	if err != nil {
		return nil, fmt.Errorf("host %q: %w", url.host, err)
	}
	found = found[:min(len(found), loadgen.MaxAddresses)]
	addresses := lists.Map(found,
		func(ip netip.Addr) netip.AddrPort { return netip.AddrPortFrom(ip.Unmap(), uint16(number)) })
	if !slices.ContainsFunc(found, func(ip netip.Addr) bool { return !ip.IsLoopback() }) {
		return addresses, lab.LoopbackUp()
	}
	names := strings.Join(lists.Map(addresses, netip.AddrPort.String), " and then ")
	if !o.allowRemote {
		return nil, usagef("%s is not this host's loopback: a storm at another machine needs --allow-remote, "+
			"and the consent of its owner", names)
	}
	schedule, err := load.Schedule()
	if err == nil {
		fmt.Fprintf(e.stderr, "Storming %s: %s, each call an honest TCP "+
			"connection.\n", names, load.Share.Part(schedule))
	}
	return addresses, err
}
