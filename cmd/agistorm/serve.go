package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"agistorm/loadgen"
	"agistorm/scenarios"
	"agistorm/target"
	"agistorm/target/metrics"
	"agistorm/target/spec"
	"agistorm/target/work"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	given                     func(flag string) bool
	listen, like              string
	backlog                   spec.Backlog
	strict                    bool
	atLeast                   int
	work, scriptFile, metrics string
	format                    string
	script, stalls, restarts  []string
	config                    target.Config
}

func init() { verbs = append(verbs, newServe) }

func newServe(e *env) *cobra.Command {
	o := &serveOptions{format: formatText, backlog: spec.Max(), config: target.DefaultConfig()}
	c := &cobra.Command{
		Use:   "serve",
		Short: "run the built-in target alone, in the foreground",
		Example: `  agistorm serve
  agistorm serve --like starpy --work 20ms
  agistorm serve --listen 127.0.0.1:0 --behaviour pool:16 --backlog 128 --work "exponential 5ms"
  agistorm serve --strict-backlog --at-least 1 --stall 2s@5s`,
		Long: `Run the built-in target alone, in the foreground.

SIGINT and SIGTERM end it. SIGUSR1 lets it listen again on the same socket, which applies a raised somaxconn; so does
SIGHUP without a controlling terminal. In a terminal SIGHUP ends it.`,
		GroupID: groupMeasure,
		RunE:    func(c *cobra.Command, args []string) error { return o.run(c.Context(), e, args) },
	}
	o.given = c.Flags().Changed
	o.listenFlags(c.Flags())
	o.sessionFlags(c.Flags())
	choiceFlag(c, &o.format, "format", "format of the summary at the end", formatText, formatJSON)
	choiceFlag(c, &o.config.Engine, "engine", "the server's engine", loadgen.Auto, loadgen.Epoll, loadgen.Portable)
	return c
}

// listenFlags define how the server listens and takes calls.
func (o *serveOptions) listenFlags(f *pflag.FlagSet) {
	f.StringVar(&o.listen, "listen", "127.0.0.1:4573",
		"`address` to listen on; the default one is reached from this host only")
	f.StringVar(&o.like, "like", "", "take behaviour and backlog of a well-known `server`: "+likeNames()+
		"; \"list\" explains them, and for which scripts each stands")
	f.Var(&parsed[spec.Behaviour]{
		text: o.config.Behaviour.String(), kind: "behaviour", to: &o.config.Behaviour, parse: spec.ParseBehaviour,
	}, "behaviour", "how calls are accepted and served: "+behaviourForms())
	f.Var(&parsed[spec.Backlog]{text: o.backlog.String(), kind: "backlog", to: &o.backlog, parse: spec.ParseBacklog},
		"backlog", "backlog passed to listen(): max (2,147,483,647; the kernel clamps it), a number, "+
			"or "+otherPolicies())
	f.BoolVar(&o.strict, "strict-backlog", false,
		"exit with an error if the kernel kept less than was asked; max needs --at-least")
	f.IntVar(&o.atLeast, "at-least", 0, "the least effective backlog that --strict-backlog accepts")
	f.StringArrayVar(&o.stalls, "stall", nil, "accept nothing for a time after a time, such as 2s@5s; repeatable")
	f.StringArrayVar(&o.restarts, "restart", nil,
		"close the listener for a time after a time, such as 500ms@5s; repeatable")
	f.StringVar(&o.metrics, "metrics", "", "`address` that shows metrics to Prometheus, at /metrics")
}

// sessionFlags define what a session does, and its limits.
func (o *serveOptions) sessionFlags(f *pflag.FlagSet) {
	limits := &o.config.Limits
	f.StringVar(&o.work, "work", o.config.Work.String(), "work of each call before its first command: "+work.Form)
	f.Uint64Var(&o.config.Seed, "seed", o.config.Seed, "seed of the work")
	f.StringArrayVar(&o.script, "command", o.config.Script,
		"an AGI `command` of the script; repeatable (default two: "+strings.Join(o.config.Script, "; ")+")")
	f.Lookup("command").DefValue = "[]" // pflag would print a list of Go's
	f.StringVar(&o.scriptFile, "script", "", "`file` of the script, one command per line")
	f.IntVar(&limits.Sessions, "max-sessions", limits.Sessions,
		"connections open at once, where the behaviour sets no limit; more wait in the kernel")
	f.IntVar(&limits.LineBytes, "max-line", limits.LineBytes, "longest line of an environment, in bytes")
	f.IntVar(&limits.EnvLines, "max-lines", limits.EnvLines, "most lines of an environment")
	f.DurationVar(&limits.EnvTime, "env-time", limits.EnvTime, "longest time to read an environment")
	f.DurationVar(&limits.ScriptTime, "script-time", limits.ScriptTime, "longest time for all commands and their "+
		"replies")
	f.DurationVar(&o.config.Drain, "drain", o.config.Drain, "longest time for open sessions at the end")
}

func (o *serveOptions) run(ctx context.Context, e *env, args []string) error {
	if len(args) > 0 {
		return usagef("serve takes no argument, got %q", args[0])
	}
	if o.like == likeList {
		return listLikes(e.stdout)
	}
	if err := o.parse(); err != nil {
		return usageError{err}
	}
	for flag, address := range map[string]string{"listen": o.listen, "metrics": o.metrics} {
		if _, _, err := net.SplitHostPort(address); err != nil && address != "" {
			return usagef("%s %q: want HOST:PORT, such as 127.0.0.1:4573", flag, address)
		}
	}
	if err := o.config.Check(); err != nil { // before it takes a port
		return usageError{err}
	}
	listener, err := target.Listen(o.listen, o.backlog, o.config.Behaviour.Sockets())
	if err != nil {
		return err
	}
	defer listener.Close()
	server, err := target.NewServer(listener, o.config)
	if err != nil {
		return usageError{err}
	}
	if o.strict {
		kept := listener.Kept()
		if err := kept.AtLeast(cmp.Or(o.atLeast, kept.Asked)); err != nil {
			return err
		}
	}
	socket, stop, err := showMetrics(o.metrics, metrics.Page(listener, server))
	if err != nil {
		return err
	}
	defer stop()
	o.metrics = socket.bound()
	return o.serve(ctx, e, listener, server)
}

// serve announces the server, runs it until ctx is done, and sums up.
func (o *serveOptions) serve(ctx context.Context, e *env, l *target.Listener, s *target.Server) error {
	news := e.stdout
	if o.format == formatJSON {
		news = e.stderr
	}
	listened, again := make(chan struct{}), e.relisten() // before the server is announced
	announce(news, l, &o.config, o.metrics)
	watching, forget := context.WithCancel(ctx)
	go func() {
		defer close(listened)
		listenAgain(watching, again, l, func(format string, args ...any) { fmt.Fprintf(news, format, args...) })
	}()
	began := time.Now()
	s.DisturbFrom(began)
	err := s.Serve(ctx)
	forget()
	<-listened
	return errors.Join(err, summarise(e.stdout, o.format, newServeSummary(l, s, time.Since(began))))
}

// parse fills in what depends on several flags.
func (o *serveOptions) parse() error {
	if o.like != "" {
		like, err := spec.ParseLike(o.like)
		if err != nil {
			return err
		}
		if !o.given("behaviour") {
			o.config.Behaviour = like.Behaviour
		}
		if !o.given("backlog") {
			o.backlog = like.Backlog
		}
	}
	if err := o.checkStrict(); err != nil {
		return err
	}
	return o.parseSession()
}

func (o *serveOptions) checkStrict() error {
	switch {
	case o.atLeast < 0 || o.atLeast > spec.MaxBacklog:
		return fmt.Errorf("at-least %d: want 1 to %d", o.atLeast, spec.MaxBacklog)
	case o.atLeast > 0 && !o.strict:
		return errors.New("--at-least means nothing without --strict-backlog")
	case o.strict && o.atLeast == 0 && o.backlog == spec.Max():
		return errors.New("--strict-backlog with backlog max needs --at-least N: " +
			"the kernel keeps all of it only if somaxconn is as large")
	}
	return nil
}

// parseSession reads the flags about each call.
func (o *serveOptions) parseSession() (err error) {
	if o.config.Work, err = work.Parse(o.work, scenarios.OpenRegular); err != nil {
		return err
	}
	if o.config.Stalls, err = spec.ParseDisturbances(o.stalls); err != nil {
		return fmt.Errorf("stall %w", err)
	}
	if o.config.Restarts, err = spec.ParseDisturbances(o.restarts); err != nil {
		return fmt.Errorf("restart %w", err)
	}
	o.config.Script, o.config.Logged = o.script, 0
	if o.scriptFile == "" {
		return nil
	}
	if o.given("command") {
		return errors.New("--command and --script: want one of them")
	}
	f, err := os.Open(o.scriptFile)
	if err != nil {
		return fmt.Errorf("script: %w", err)
	}
	defer f.Close()
	if o.config.Script, err = spec.ReadScript(f); err != nil {
		return fmt.Errorf("script %s:%w", o.scriptFile, err)
	}
	return nil
}

// listenAgain listens again at each signal that asks for it, which applies a raised limit.
func listenAgain(ctx context.Context, again <-chan os.Signal, l *target.Listener, say func(string, ...any)) {
	for {
		var asked string
		select {
		case <-ctx.Done():
			return
		case s := <-again:
			asked = signalName(s)
		}
		kept, err := l.ListenAgain()
		if err != nil {
			say("%s: %v\n", asked, err)
			continue
		}
		say("%s: listening again; %s\n", asked, keptWords(kept))
	}
}
