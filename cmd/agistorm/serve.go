package main

import (
	"context"
	"fmt"
	"io"
	"strconv"
	"time"

	"github.com/spf13/pflag"

	"agistorm/scenarios"
	"agistorm/target"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	listen, backlog, behaviour string
	work                       time.Duration
	script                     []string
}

func serveFlags(f *pflag.FlagSet) func(context.Context, *env, []string) error {
	o, defaults := &serveOptions{}, target.DefaultConfig()
	f.StringVar(&o.listen, "listen", "127.0.0.1:4573", "`address` to listen on; other machines reach it only if you say so")
	f.StringVar(&o.backlog, "backlog", "max", "what listen(2) is given: max (2147483647, the kernel cuts it) or a number")
	f.StringVar(&o.behaviour, "behaviour", defaults.Behaviour.String(), "how calls are served: pool:N (N handlers, the rest waits in the kernel) or thread (one each)")
	f.DurationVar(&o.work, "work", defaults.Work, "work of each call before its first command")
	f.StringArrayVar(&o.script, "command", defaults.Script, "an AGI command of the script; repeat the flag for more")
	return o.run
}

func (o *serveOptions) run(ctx context.Context, e *env, args []string) error {
	if len(args) > 0 {
		return usagef("serve takes no argument, got %q", args[0])
	}
	config, backlog, err := o.config()
	if err != nil {
		return usageError{err}
	}
	listener, err := target.Listen(o.listen, backlog)
	if err != nil {
		return err
	}
	defer listener.Close()
	server, err := target.NewServer(listener, config)
	if err != nil {
		return usageError{err}
	}
	announce(e.stdout, listener, config)
	if err := server.Serve(ctx); err != nil {
		return err
	}
	summarise(e.stdout, server.Counts())
	return nil
}

func (o *serveOptions) config() (target.Config, target.Backlog, error) {
	backlog, err := target.ParseBacklog(o.backlog)
	if err != nil {
		return target.Config{}, 0, err
	}
	behaviour, err := target.ParseBehaviour(o.behaviour)
	if err != nil {
		return target.Config{}, 0, err
	}
	if o.work < 0 || o.work > scenarios.MaxLimit {
		return target.Config{}, 0, fmt.Errorf("work %v: want 0s to %v", o.work, scenarios.MaxLimit)
	}
	config := target.DefaultConfig()
	config.Behaviour, config.Work, config.Script, config.Logged = behaviour, o.work, o.script, 0
	return config, backlog, nil
}

// announce says what was asked, what the system allows and what the kernel kept.
func announce(w io.Writer, l *target.Listener, c target.Config) {
	fmt.Fprintf(w, "Serving agi://%s: %s, %v of work a call.\n", l.Addr(), c.Behaviour.Words(), c.Work)
	fmt.Fprintf(w, "Backlog: asked %d, somaxconn %s, effective %s.\n", int(l.Asked), known(l.Somaxconn), known(l.Effective))
	if effective := l.Effective; effective != nil {
		fmt.Fprintf(w, "The accept queue holds %d connections.\n", *effective+1)
	}
}

func known(n *int) string {
	if n == nil {
		return "not known on this system"
	}
	return strconv.Itoa(*n)
}

func summarise(w io.Writer, c target.Counts) {
	fmt.Fprintf(w, "Accepted %d, served %d, failed %d.\n", c.Accepted, c.Served, c.Failed)
}
