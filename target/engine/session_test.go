package engine

import (
	"bytes"
	"strings"
	"testing"
	"time"
)

var testScript = &Script{
	Commands:  [][]byte{[]byte("NOOP\n"), []byte("SET VARIABLE A 1\n")},
	LineBytes: 100, EnvLines: 5, EnvTime: time.Second, ScriptTime: time.Second,
}

const env = "agi_network: yes\nagi_channel: x\n\n"

// converse plays a session whose client sends all in parts of that size, and receives all at once. It
// gives what the server said.
func converse(s *Session, input string, part int) (said string) {
	s.Begin(testScript)
	var out bytes.Buffer
	for {
		switch s.Need() {
		case Bytes:
			if input == "" {
				s.End(Gone)
				continue
			}
			n := min(part, len(input))
			s.Take([]byte(input[:n]))
			input = input[n:]
		case Work:
			s.Worked()
		case Room:
			n := min(part, len(s.Output()))
			out.Write(s.Output()[:n])
			s.Sent(n)
		case Nothing:
			return out.String()
		}
	}
}

func TestSession(t *testing.T) {
	both := "NOOP\nSET VARIABLE A 1\n"
	for _, c := range []struct {
		name, input, said string
		fate              Fate
		refused           int
	}{
		{"all is well", env + "200 result=1\n200 result=1\n", both, Served, 0},
		{"and the last word", env + "200 result=1\n200 result=1\nHANGUP\n", both, Served, 0},
		{"still at work", env + "100 result=0 Trying...\n200 result=1\n200 result=1\n", both, Served, 0},
		{"refused", env + "510 Invalid or unknown command\n" +
			"520-Invalid command syntax.  Proper usage follows:\nUsage\n520 End of proper usage.\n", both, Served, 2},
		{"nothing said", "", "", Gone, 0},
		{"half an environment", "agi_network: yes\n", "", Gone, 0},
		{"one reply", env + "200 result=1\n", both, Gone, 0},
		{"hung up", env + "200 result=1\nHANGUP\n", both, HungUp, 0},
		{"dead channel", env + "511 Command Not Permitted on a dead channel or intercept routine\n", "NOOP\n", HungUp, 0},
		{"long line", strings.Repeat("x", 101), "", LongLine, 0},
		{"many lines", strings.Repeat("a: b\n", 6), "", ManyLines, 0},
		{"not AGI", "GET / HTTP/1.1\n", "", Broken, 0},
		{"not a reply", env + "hello\n", "NOOP\n", Broken, 0},
	} {
		for _, part := range []int{1, 7, 1000} {
			var s Session
			said := converse(&s, c.input, part)
			if s.Fate() != c.fate || said != c.said || s.Refused() != c.refused {
				t.Errorf("%s, in parts of %d: %v, %d refused, said %q; want %v, %d, %q", c.name, part, s.Fate(),
					s.Refused(), said, c.fate, c.refused, c.said)
			}
		}
	}
}

func TestSessionExpires(t *testing.T) {
	var s Session
	s.Begin(testScript)
	s.Expire()
	if s.Fate() != EnvTimeout {
		t.Errorf("within the environment: %v", s.Fate())
	}
	s.Begin(testScript)
	s.Take([]byte(env))
	if !s.EnvironmentRead() || s.Need() != Work {
		t.Errorf("after the environment: environmentRead %v, need %v", s.EnvironmentRead(), s.Need())
	}
	s.Worked()
	s.Expire()
	if s.Fate() != ScriptTimeout {
		t.Errorf("within the script: %v", s.Fate())
	}
	s.End(Served)
	if s.Fate() != ScriptTimeout {
		t.Errorf("it ended twice, at last as %v", s.Fate())
	}
}

// FuzzSession: whatever a client says, and in which parts, the session ends, in the same way.
func FuzzSession(f *testing.F) {
	f.Add(env+"200 result=1\n200 result=1\n", 3)
	f.Add(env+"520-Usage\nmore\n520 End\n", 1)
	f.Add("agi_network: y\x00s\r\n", 2)
	f.Fuzz(func(t *testing.T, input string, part int) {
		var whole, parts Session
		said := converse(&whole, input, max(1, len(input)+100))
		if got := converse(&parts, input, max(1, part)); got != said || whole.Fate() != parts.Fate() ||
			whole.Refused() != parts.Refused() {
			t.Errorf("in parts of %d: %v, %q; whole: %v, %q", part, parts.Fate(), got, whole.Fate(), said)
		}
		if whole.Fate() == Open {
			t.Error("it is open still")
		}
	})
}
