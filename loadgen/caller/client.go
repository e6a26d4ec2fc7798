// Package caller describes the client, its limits and its addresses. It makes no connection.
package caller

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"agistorm/analysis/record"
)

// Clients by name.
const (
	// Asterisk is the client that storms are played as: it writes the environment line by line with Nagle on,
	// and gives up a connect after its limit (res_agi.c).
	Asterisk = "asterisk"
	// SingleWrite sends the same, but the whole environment in one write, with TCP_NODELAY, as other client
	// libraries do.
	SingleWrite = "single-write"
	// ConnectOnly suits any TCP server: it sends nothing, and closes its side after a while.
	ConnectOnly = record.ConnectOnly
)

// Kind is what distinguishes a client from the others.
type Kind struct {
	Name string
	// Help says what the client does, behind its name; empty for the default one.
	Help string
	// SpeaksAGI is false for a client that sends nothing.
	SpeaksAGI bool
	// LineByLine clients write each line of the environment by itself.
	LineByLine bool
	// NoDelay clients set TCP_NODELAY.
	NoDelay bool
}

// Kinds lists the clients, the default one first.
var Kinds = []Kind{
	{Name: Asterisk, SpeaksAGI: true, LineByLine: true},
	{Name: SingleWrite, Help: "sends one write with TCP_NODELAY", SpeaksAGI: true, NoDelay: true},
	{Name: ConnectOnly, Help: "suits any TCP server"},
}

// Names lists the clients of which that holds; nil is all of them.
func Names(holds func(Kind) bool) (names []string) {
	for _, k := range Kinds {
		if holds == nil || holds(k) {
			names = append(names, k.Name)
		}
	}
	return names
}

// Client is the behaviour of the calling side.
type Client struct {
	// Name is that of one of the Kinds; empty is the first.
	Name string
	// Args are agi_arg_1, agi_arg_2 … of every call. None may hold a line break.
	Args []string
	// Variables that GET VARIABLE finds, beside the environment, and before it. They are not to change.
	Variables map[string]string
	// MissingFiles are the sounds and recordings that the caller's Asterisk cannot open, by the names that
	// scripts give; every other exists.
	MissingFiles []string
	// Think is the pause before each answer, 0 to MaxThink; Asterisk itself needs none.
	Think time.Duration
	// HangUpAfter is when the caller hangs up, from the connection, up to MaxThink; 0 is never, but LeastStay
	// for ConnectOnly.
	HangUpAfter time.Duration
}

// MaxThink bounds what a caller may think, and how long he stays.
const MaxThink = 10 * time.Minute

// MaxArgs is the most arguments that Asterisk hands on to a script (MAX_ARGS in res_agi.c, less the
// script's name).
const MaxArgs = 127

// Check returns an error with the right values if the client has a wrong one.
func (c Client) Check() error {
	switch {
	case c.Name != "" && c.Kind().Name != c.Name:
		return fmt.Errorf("client %q: want %s", c.Name, strings.Join(Names(nil), ", "))
	case c.Think < 0 || c.Think > MaxThink:
		return fmt.Errorf("think time %v: want 0 to %v", c.Think, MaxThink)
	case c.HangUpAfter < 0 || c.HangUpAfter > MaxThink:
		return fmt.Errorf("hang-up after %v: want 0 (never) to %v", c.HangUpAfter, MaxThink)
	case len(c.Args) > MaxArgs:
		return fmt.Errorf("%d arguments: Asterisk hands on %d at most", len(c.Args), MaxArgs)
	}
	return c.checkWords()
}

// Fit returns what the client does that does not fit into an attempt's limits: else they would end every
// call.
func (c Client) Fit(l Limits) error {
	for _, does := range []struct {
		what string
		d    time.Duration
	}{{"think time", c.Think}, {"hang-up after", c.HangUpAfter}} {
		if does.d >= l.Session {
			return fmt.Errorf("%s %v: want less than the session timeout, %v, which would end the call first",
				does.what, does.d, l.Session)
		}
	}
	return nil
}

func (c Client) checkWords() error {
	if !c.Kind().SpeaksAGI && (len(c.Args) > 0 || len(c.Variables) > 0 || len(c.MissingFiles) > 0 || c.Think > 0) {
		return fmt.Errorf("client %s says nothing: it has no arguments, variables, files or think time", c.Name)
	}
	for i, arg := range c.Args {
		if !isOneLine(arg) {
			return fmt.Errorf("argument %d, %q: a line break would end a line of the environment", i+1, arg)
		}
	}
	for name, value := range c.Variables {
		if name == "" || !isOneLine(name+value) {
			return fmt.Errorf("variable %q=%q: want NAME=VALUE without a line break", name, value)
		}
	}
	for _, file := range c.MissingFiles {
		if file == "" || !isOneLine(file) {
			return fmt.Errorf("missing file %q: want a name as the script gives it, such as hello-world", file)
		}
	}
	return nil
}

func isOneLine(text string) bool { return !strings.ContainsAny(text, "\r\n\x00") }

// LeastStay is how long a client that sends nothing keeps its connection: so long a server that does not want it
// has to close it.
const LeastStay = 100 * time.Millisecond

// Stay returns when the caller hangs up, from the connection; 0 is never. Without AGI that is LeastStay at least,
// as far as the session timeout lets it.
func (c Client) Stay(l Limits) time.Duration {
	if c.Kind().SpeaksAGI {
		return c.HangUpAfter
	}
	return max(c.HangUpAfter, min(LeastStay, l.Session/2))
}

// Kind of the client; the default one where its name is not known.
func (c Client) Kind() Kind {
	return Kinds[max(0, slices.IndexFunc(Kinds, func(k Kind) bool { return k.Name == c.Name }))]
}
