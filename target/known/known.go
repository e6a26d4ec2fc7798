// Package known lists well-known servers: how each is recognised, and where its backlog is set.
package known

import (
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// Server is one way in which a well-known server gets its backlog.
type Server struct {
	// Kind is its code in records; it keeps its meaning for good.
	Kind string
	// Name of the server, or of the language and its way to listen.
	Name string
	// Setting as it is typed, with Number in the place of the backlog. Empty where there is none; Instead is then
	// what to do.
	Setting string
	Instead string
	// File where it stands.
	File string
	// Live is how it takes effect.
	Live string
	// Default is what the server gives listen(2) by itself.
	Default string
	// Idiom is what programs often give it instead, as the documentation of their language does.
	Idiom string
	// Follows: it gives listen(2) all that net.core.somaxconn allows, so that only the sysctl has to change.
	Follows bool

	// by reports whether a process is such a server.
	by func(*Process) bool
}

// Usual returns what the server gives listen(2) by itself; false where that is not a number.
func (s *Server) Usual() (int, bool) {
	number, _, _ := strings.Cut(s.Default, ",")
	n, err := strconv.Atoi(number)
	return n, err == nil
}

// Passes reports whether the server gives listen(2) that backlog by itself, or by a common example.
func (s *Server) Passes(backlog int) bool {
	usual, ok := s.Usual()
	return ok && usual == backlog || s.Idiom == strconv.Itoa(backlog)
}

// PassesAll reports whether by itself the server gives listen(2) all that net.core.somaxconn allows.
func (s *Server) PassesAll() bool { return s.Follows || s.Default == allOfSomaxconn }

// OneOfSeveral reports whether its language has several ways to listen, each with a backlog of its own: which of them a
// program takes is not known.
func (s *Server) OneOfSeveral() bool {
	return slices.ContainsFunc(Servers, func(o Server) bool { return o.Kind != s.Kind && o.alike(s.Kind) })
}

// Usual returns the kinds of server that give listen(2) that backlog by themselves.
func Usual(backlog int) (kinds []string) {
	for i := range Servers {
		if n, ok := Servers[i].Usual(); ok && n == backlog {
			kinds = append(kinds, Servers[i].Kind)
		}
	}
	return kinds
}

// Number stands for the backlog in Server.Setting.
const Number = "{N}"

// SettingOf returns the setting with a backlog as it is typed; empty where there is none.
func (s *Server) SettingOf(backlog int) string {
	return withNumber(s.Setting, backlog)
}

// FileOf returns where a setting with a backlog stands.
func (s *Server) FileOf(backlog int) string { return withNumber(s.File, backlog) }

// Advice returns what to do for a backlog where there is no setting; empty where there is one.
func (s *Server) Advice(backlog int) string { return withNumber(s.Instead, backlog) }

func withNumber(text string, backlog int) string {
	return strings.ReplaceAll(text, Number, strconv.Itoa(backlog))
}

// Process is what /proc has of a process that listens.
type Process struct {
	PID int
	// Name is its comm, and Program the name of the file that it runs; empty where that cannot be read.
	Name, Program string
	Argv          []string
	// Go: the program is built by Go.
	Go bool
}

// Kinds returns the kinds of server that the process may be. Several are ways to listen of one language: where
// some of them have the effective backlog by themselves or by an idiom, it is one of those.
func Kinds(p *Process, effective int) []string {
	var all, usual []string
	for i := range Servers {
		s := &Servers[i]
		if !s.by(p) || len(all) > 0 && !s.alike(all[0]) {
			continue
		}
		all = append(all, s.Kind)
		if s.Passes(effective) {
			usual = append(usual, s.Kind)
		}
	}
	if len(usual) > 0 {
		return usual
	}
	return all
}

// alike reports whether both kinds are ways to listen of one language, such as python-asyncio and
// python-socketserver.
func (s *Server) alike(kind string) bool {
	language, _, several := strings.Cut(s.Kind, "-")
	other, _, _ := strings.Cut(kind, "-")
	return several && language == other
}

// Of returns the server of a kind; nil without one.
func Of(kind string) *Server {
	i := slices.IndexFunc(Servers, func(s Server) bool { return s.Kind == kind })
	if i < 0 {
		return nil
	}
	return &Servers[i]
}

// program recognises a server by the file that it runs or by its comm.
func program(pattern string) func(*Process) bool {
	re := regexp.MustCompile(`^(?:` + pattern + `)$`)
	return func(p *Process) bool { return re.MatchString(p.Program) || p.Program == "" && re.MatchString(p.Name) }
}

// script recognises a server by what an interpreter runs: the name of one of its arguments, as far as the first
// file, or the title that the server has given itself.
func script(interpreter, pattern string) func(*Process) bool {
	is, re := program(interpreter), regexp.MustCompile(`^(?:`+pattern+`)$`)
	return func(p *Process) bool {
		if re.MatchString(p.Name) {
			return true
		}
		for i, arg := range p.Argv {
			if i > 0 && !is(p) {
				return false
			}
			title, _, _ := strings.Cut(arg, " ")
			if re.MatchString(strings.TrimSuffix(path.Base(title), ":")) {
				return true
			}
			if i > 0 && !strings.HasPrefix(arg, "-") {
				return false
			}
		}
		return false
	}
}

func builtByGo(p *Process) bool { return p.Go }
