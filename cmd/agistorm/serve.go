package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"strings"
	"time"

	"github.com/spf13/pflag"

	"agistorm/scenarios"
	"agistorm/target"
	"agistorm/target/metrics"
	"agistorm/target/work"
)

// serveOptions are the flags of serve.
type serveOptions struct {
	flags                             *pflag.FlagSet
	listen, backlog, behaviour, like  string
	strict                            bool
	atLeast                           int
	work, scriptFile, metrics, format string
	script, stalls, restarts          []string
	config                            target.Config
}

func serveFlags(f *pflag.FlagSet) func(context.Context, *env, []string) error {
	o := &serveOptions{flags: f, config: target.DefaultConfig()}
	limits := &o.config.Limits
	f.StringVar(&o.listen, "listen", "127.0.0.1:4573", "`address` to listen on; other machines reach it only if you say so")
	f.StringVar(&o.like, "like", "", "take behaviour and backlog of a well-known `server`: "+likeNames()+
		"; \"list\" explains them, and for which scripts each stands")
	f.StringVar(&o.behaviour, "behaviour", o.config.Behaviour.String(), "how calls are taken and served: "+behaviourForms())
	f.StringVar(&o.backlog, "backlog", "max", "what listen(2) is given: max (2147483647, the kernel cuts it), a number, or "+otherPolicies())
	f.BoolVar(&o.strict, "strict-backlog", false, "end with an error if the kernel kept less than was asked; max needs --at-least")
	f.IntVar(&o.atLeast, "at-least", 0, "the least effective backlog that --strict-backlog accepts")
	f.StringVar(&o.work, "work", o.config.Work.String(), "work of each call before its first command: "+work.Form)
	f.Uint64Var(&o.config.Seed, "seed", o.config.Seed, "seed of the work")
	f.StringArrayVar(&o.script, "command", o.config.Script, "an AGI `command` of the script; repeat the flag for more (default two: "+strings.Join(o.config.Script, "; ")+")")
	f.Lookup("command").DefValue = "[]" // pflag would print a list of Go's
	f.StringVar(&o.scriptFile, "script", "", "`file` of the script, a command a line")
	f.StringArrayVar(&o.stalls, "stall", nil, "accept nothing for a time after a time, e.g. 2s@5s; may be repeated")
	f.StringArrayVar(&o.restarts, "restart", nil, "close the listener for a time after a time, e.g. 500ms@5s; may be repeated")
	f.IntVar(&limits.Sessions, "max-sessions", limits.Sessions, "connections open at once, where the behaviour does not say; more wait in the kernel")
	f.IntVar(&limits.LineBytes, "max-line", limits.LineBytes, "bytes of a line of an environment")
	f.IntVar(&limits.EnvLines, "max-lines", limits.EnvLines, "lines of an environment")
	f.DurationVar(&limits.EnvTime, "env-time", limits.EnvTime, "time for an environment")
	f.DurationVar(&limits.ScriptTime, "script-time", limits.ScriptTime, "time for all commands and their replies")
	f.DurationVar(&o.config.Drain, "drain", o.config.Drain, "time for open sessions once it is told to stop")
	f.StringVar(&o.metrics, "metrics", "", "`address` that shows metrics to Prometheus, at /metrics")
	f.StringVar(&o.format, "format", "text", "the summary at the end: text or json")
	f.StringVar(&o.config.Engine, "engine", o.config.Engine, "what serves: auto, epoll or portable")
	return o.run
}

func (o *serveOptions) run(ctx context.Context, e *env, args []string) error {
	if len(args) > 0 {
		return usagef("serve takes no argument, got %q", args[0])
	}
	if o.like == likeList {
		return listLikes(e.stdout)
	}
	backlog, err := o.parse()
	if err != nil {
		return usageError{err}
	}
	for flag, address := range map[string]string{"listen": o.listen, "metrics": o.metrics} {
		if _, _, err := net.SplitHostPort(address); err != nil && address != "" {
			return usagef("%s %q: want HOST:PORT, such as 127.0.0.1:4573", flag, address)
		}
	}
	listener, err := target.Listen(o.listen, backlog, o.config.Behaviour.Sockets())
	if err != nil {
		return err
	}
	defer listener.Close()
	server, err := target.NewServer(listener, o.config)
	if err != nil {
		return usageError{err}
	}
	if o.strict {
		if err := o.checkKept(listener.Kept()); err != nil {
			return err
		}
	}
	stop, err := o.showMetrics(listener, server)
	if err != nil {
		return err
	}
	defer stop()
	return o.serve(ctx, e, listener, server)
}

// serve announces the server, runs it until ctx is done, and sums up.
func (o *serveOptions) serve(ctx context.Context, e *env, l *target.Listener, s *target.Server) error {
	news := e.stdout
	if o.format == formatJSON {
		news = e.stderr
	}
	heard, hangUps := make(chan struct{}), e.hangUps() // before anybody knows of the server
	announce(news, l, &o.config, o.metrics)
	watching, forget := context.WithCancel(ctx)
	go func() {
		defer close(heard)
		listenAgain(watching, hangUps, l, func(format string, args ...any) { fmt.Fprintf(news, format, args...) })
	}()
	began := time.Now()
	s.DisturbFrom(began)
	err := s.Serve(ctx)
	forget()
	<-heard
	return errors.Join(err, summarise(e.stdout, o.format, newServeSummary(l, s, time.Since(began))))
}

// parse turns the flags into the configuration and the backlog.
func (o *serveOptions) parse() (backlog target.Backlog, err error) {
	if o.format != formatText && o.format != formatJSON {
		return backlog, fmt.Errorf("format %q: want %s or %s", o.format, formatText, formatJSON)
	}
	if o.config.Behaviour, err = target.ParseBehaviour(o.behaviour); err != nil {
		return backlog, err
	}
	if backlog, err = target.ParseBacklog(o.backlog); err != nil {
		return backlog, err
	}
	if o.like != "" {
		like, err := target.ParseLike(o.like)
		if err != nil {
			return backlog, err
		}
		if !o.flags.Changed("behaviour") {
			o.config.Behaviour = like.Behaviour
		}
		if !o.flags.Changed("backlog") {
			backlog = like.Backlog
		}
	}
	if err := o.parseStrict(backlog); err != nil {
		return backlog, err
	}
	return backlog, o.parseSession()
}

func (o *serveOptions) parseStrict(backlog target.Backlog) error {
	switch {
	case o.atLeast < 0 || o.atLeast > target.MaxBacklog:
		return fmt.Errorf("at-least %d: want 1 to %d", o.atLeast, target.MaxBacklog)
	case o.atLeast > 0 && !o.strict:
		return errors.New("--at-least means nothing without --strict-backlog")
	case o.strict && o.atLeast == 0 && backlog == target.Max():
		return errors.New("--strict-backlog with backlog max needs --at-least N: the kernel never keeps all of 2147483647 unless somaxconn is that large too")
	}
	return nil
}

// parseSession reads what concerns each call.
func (o *serveOptions) parseSession() (err error) {
	if o.config.Work, err = work.Parse(o.work, scenarios.OpenRegular); err != nil {
		return err
	}
	if o.config.Stalls, err = target.ParseDisturbances(o.stalls); err != nil {
		return fmt.Errorf("stall %w", err)
	}
	if o.config.Restarts, err = target.ParseDisturbances(o.restarts); err != nil {
		return fmt.Errorf("restart %w", err)
	}
	o.config.Script, o.config.Logged = o.script, 0
	if o.scriptFile == "" {
		return nil
	}
	if o.flags.Changed("command") {
		return errors.New("--command and --script: want one of them")
	}
	f, err := os.Open(o.scriptFile)
	if err != nil {
		return fmt.Errorf("script: %w", err)
	}
	defer f.Close()
	if o.config.Script, err = target.ReadScript(f); err != nil {
		return fmt.Errorf("script %s:%w", o.scriptFile, err)
	}
	return nil
}

// checkKept holds what the kernel kept against what was asked.
func (o *serveOptions) checkKept(k target.Kept) error {
	want := o.atLeast
	if want == 0 {
		want = k.Asked
	}
	return k.AtLeast(want)
}

// showMetrics serves them until stop is called.
func (o *serveOptions) showMetrics(l *target.Listener, s *target.Server) (stop func(), err error) {
	if o.metrics == "" {
		return func() {}, nil
	}
	socket, err := net.Listen("tcp", o.metrics)
	if err != nil {
		return nil, fmt.Errorf("metrics: %w", err)
	}
	o.metrics = socket.Addr().String()
	server := &http.Server{Handler: metrics.Handler(l, s), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 10 * time.Second, IdleTimeout: 5 * time.Second}
	done := make(chan struct{})
	go func() {
		defer close(done)
		_ = server.Serve(socket) // it ends when it is closed
	}()
	return func() {
		_ = server.Close() // nobody waits for its answers
		<-done
	}, nil
}

// listenAgain listens again at each hang-up signal, so that a limit that was raised takes hold.
func listenAgain(ctx context.Context, hangUp <-chan os.Signal, l *target.Listener, say func(string, ...any)) {
	for {
		select {
		case <-ctx.Done():
			return
		case <-hangUp:
		}
		kept, err := l.ListenAgain()
		if err != nil {
			say("SIGHUP: %v\n", err)
			continue
		}
		say("SIGHUP: listening again; %s\n", keptWords(kept))
	}
}
