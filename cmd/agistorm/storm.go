package main

import (
	"context"
	"fmt"
	"net"
	"net/netip"
	"strings"

	"github.com/spf13/pflag"

	"agistorm/loadgen"
	"agistorm/scenarios/arrival"
	"agistorm/scenarios/lab"
)

// stormOptions are the flags of storm.
type stormOptions struct {
	output, arrival, engine string
	calls                   int
	seed                    uint64
	limits                  loadgen.Limits
	allowRemote             bool
	view                    view
}

func stormFlags(f *pflag.FlagSet) func(context.Context, *env, []string) error {
	o := &stormOptions{}
	limits := loadgen.DefaultLimits()
	f.IntVarP(&o.calls, "calls", "n", 1000, "calls of the storm")
	f.StringVar(&o.arrival, "arrival", "burst", "when they come: "+arrival.Forms())
	f.StringVarP(&o.output, "output", "o", "", "run `directory` to make (default agistorm-storm-TIME)")
	f.DurationVar(&o.limits.Connect, "connect-limit", limits.Connect, "patience of a connect; Asterisk's is 2s")
	f.DurationVar(&o.limits.FirstCommand, "first-command-limit", limits.FirstCommand, "patience from the connect to the first command")
	f.DurationVar(&o.limits.Session, "session-limit", limits.Session, "patience from the connect to the server's close")
	f.Uint64Var(&o.seed, "seed", 1, "seed of the callers' identities")
	f.StringVar(&o.engine, "engine", "auto", "the generator's engine: auto, epoll or portable")
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
	run, err := lab.Storm(ctx, dir, *options)
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
	if len(args) != 1 {
		return nil, usagef("storm takes one URL, agi://HOST[:PORT][/SCRIPT], got %d", len(args))
	}
	if err := o.limits.Check(); err != nil {
		return nil, usageError{err}
	}
	engine, err := parseEngine(o.engine)
	if err != nil {
		return nil, err
	}
	schedule, err := arrival.Parse(o.arrival, o.calls, o.seed)
	if err != nil {
		return nil, usageError{err}
	}
	url, err := parseURL(args[0])
	if err != nil {
		return nil, usageError{err}
	}
	address, err := o.resolve(ctx, e, url)
	if err != nil {
		return nil, err
	}
	return &lab.StormOptions{
		Config: loadgen.Config{
			Address: address, Host: url.authority, Script: url.script,
			Schedule: schedule, Limits: o.limits, Engine: engine, Seed: o.seed,
		},
		URL:     args[0],
		Version: fullVersion(),
		Command: append([]string{"agistorm"}, e.args...),
	}, nil
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
	if u.host == "" {
		return agiURL{}, fmt.Errorf("%q: has no host", url)
	}
	return u, nil
}

// resolve finds the address, and refuses one that is not this host's own unless told.
func (o *stormOptions) resolve(ctx context.Context, e *env, url agiURL) (netip.AddrPort, error) {
	number, err := net.DefaultResolver.LookupPort(ctx, "tcp", url.port)
	if err != nil || number < 1 {
		return netip.AddrPort{}, usagef("port %q: want 1 to 65535", url.port)
	}
	found, err := net.DefaultResolver.LookupNetIP(ctx, "ip", url.host)
	if err != nil {
		return netip.AddrPort{}, fmt.Errorf("host %q: %w", url.host, err)
	}
	address := netip.AddrPortFrom(found[0].Unmap(), uint16(number))
	if address.Addr().IsLoopback() {
		return address, nil
	}
	if !o.allowRemote {
		return netip.AddrPort{}, usagef("%s is not this host's loopback: a storm at another machine needs --allow-remote, and the consent of whoever runs it", address)
	}
	fmt.Fprintf(e.stderr, "Storming %s: %d calls, %s, each an honest TCP connection.\n", address, o.calls, o.arrival)
	return address, nil
}
