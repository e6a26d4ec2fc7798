package lab

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"agistorm/analysis/model"
	"agistorm/loadgen/caller"
	"agistorm/scenarios"
	"agistorm/scenarios/axis"
	"agistorm/target/spec"
)

// modelWith is a storm of the default scenario, changed, at a backlog of 128.
func modelWith(t *testing.T, change func(*axis.Plan), kernel map[string]string) (*model.Storm, error) {
	t.Helper()
	s := scenarios.Defaults()
	s.Name, s.Storm.Calls = "test", 100
	change(&s.Plan)
	cell, plan, err := cellOf(&s, axis.Values{"somaxconn": "4096", "backlog": "128"})
	if err != nil {
		t.Fatal(err)
	}
	return modelOf(plan, cell, kernel, 3)
}

// TestModelOf: every key of a scenario that decides on a storm reaches the simulator.
func TestModelOf(t *testing.T) {
	limits := model.Client{ConnectLimit: 2 * time.Second, FirstCommandLimit: 3 * time.Second, SessionLimit: 10 * time.Second}
	base := func() *model.Storm {
		return &model.Storm{
			Client: limits, Seed: 4, Machine: model.ReferenceMachine(),
			Listener: model.Listener{Backlog: 128, Syncookies: 1, MaxSYNBacklog: 4096, LinearSYNs: 4},
			Server:   model.Server{Rules: spec.DefaultBehaviour().Rules(10_000), Sockets: 1, Commands: 2},
		}
	}
	for name, c := range map[string]struct {
		change func(*axis.Plan)
		want   func(*model.Storm)
	}{
		"the defaults": {func(*axis.Plan) {}, func(*model.Storm) {}},
		"a client of one write that thinks": {
			func(p *axis.Plan) { p.Storm.Client, p.Storm.Think = caller.SingleWrite, time.Second },
			func(m *model.Storm) { m.Client.Writes, m.Client.Think = model.OneWrite, time.Second },
		},
		"a client that only connects, and stays": {
			func(p *axis.Plan) { p.Storm.Client, p.Storm.HangUpAfter = caller.ConnectOnly, time.Second },
			func(m *model.Storm) { m.Client.Writes, m.Client.Stay = model.Nothing, time.Second },
		},
		"timeouts": {
			func(p *axis.Plan) {
				p.Storm.ConnectTimeout, p.Storm.FirstCommandTimeout, p.Storm.SessionTimeout = 1, 2, 3
			},
			func(m *model.Storm) {
				m.Client.ConnectLimit, m.Client.FirstCommandLimit, m.Client.SessionLimit = 1, 2, 3
			},
		},
		"a round trip": {
			func(p *axis.Plan) { p.RTT = 20 * time.Millisecond },
			func(m *model.Storm) { m.Link.RTT = 20 * time.Millisecond },
		},
		"sysctls": {
			func(p *axis.Plan) {
				p.Sysctls = map[string]string{
					"net.ipv4.tcp_syncookies": "0", "net.ipv4.tcp_abort_on_overflow": "1",
					"net.ipv4.tcp_max_syn_backlog": "256", "net.ipv4.tcp_syn_linear_timeouts": "0",
				}
			},
			func(m *model.Storm) {
				m.Listener = model.Listener{Backlog: 128, AbortOnOverflow: true, MaxSYNBacklog: 256}
			},
		},
		"sockets of their own, a longer script, more seed": {
			func(p *axis.Plan) {
				p.Target.Behaviour = "reuseport:4"
				p.Target.Script = append(p.Target.Script, "HANGUP")
			},
			func(m *model.Storm) {
				m.Server.Rules, m.Server.Sockets = spec.Rules{Loops: 4, OwnSockets: true, Open: 2500, Active: 2500}, 4
				m.Server.Commands = 3
			},
		},
		"a server that closes its port": {
			func(p *axis.Plan) { p.Target.Behaviour = "xinetd:50,1s" },
			func(m *model.Storm) {
				m.Server.Rules = spec.Rules{Loops: 1, Open: 10_000, Active: 10_000, Rate: 50, RateWindow: time.Second}
				m.Server.Pause = time.Second
			},
		},
		"a stall and a restart": {
			func(p *axis.Plan) { p.Target.Stalls, p.Target.Restarts = []string{"1s@2s"}, []string{"3s@4s"} },
			func(m *model.Storm) {
				m.Server.Stalls = []spec.Disturbance{{For: time.Second, At: 2 * time.Second}}
				m.Server.Restarts = []spec.Disturbance{{For: 3 * time.Second, At: 4 * time.Second}}
			},
		},
		"sources and callers' words, which do not matter": {
			func(p *axis.Plan) { p.Storm.Sources, p.Storm.Args, p.Storm.Workers = "127.0.0.0/24", []string{"a"}, 4 },
			func(*model.Storm) {},
		},
	} {
		want := base()
		c.want(want)
		got, err := modelWith(t, c.change, simulatedDefaults())
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		got.Starts, got.Server.Work = nil, nil
		if diff := cmp.Diff(want, got, cmpopts.EquateEmpty()); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// TestModelOfSchedule: arrivals and work are those of the sweep, by the same seed.
func TestModelOfSchedule(t *testing.T) {
	m, err := modelWith(t, func(p *axis.Plan) {
		p.Storm.Arrival, p.Storm.Calls, p.Target.Work = "constant 100/s", 50, "exponential 20ms"
	}, simulatedDefaults())
	if err != nil {
		t.Fatal(err)
	}
	if m.Starts.Len() != 50 || m.Starts.At(2) != 20*time.Millisecond {
		t.Errorf("%d starts, the third at %v, want 50 and 20ms", m.Starts.Len(), m.Starts.At(2))
	}
	var sum time.Duration
	for call := range uint64(1000) {
		sum += m.Server.Work(call)
	}
	if sum < 18*time.Second || sum > 22*time.Second {
		t.Errorf("1,000 calls of 20 ms take %v", sum)
	}
}

// TestModelOfOldKernel: what a recorded kernel lacks is 0, not today's default.
func TestModelOfOldKernel(t *testing.T) {
	m, err := modelWith(t, func(*axis.Plan) {}, map[string]string{"net.ipv4.tcp_syncookies": "1"})
	if err != nil || m.Listener.LinearSYNs != 0 {
		t.Errorf("%d linear SYNs, %v, want 0", m.Listener.LinearSYNs, err)
	}
}

// TestSimulable: what the simulator cannot play is refused in one line that says what would be right.
func TestSimulable(t *testing.T) {
	for want, change := range map[string]func(*axis.Plan){
		"hang-up-after 1s: a simulated asterisk caller stays": func(p *axis.Plan) { p.Storm.HangUpAfter = time.Second },
		"sysctl net.ipv4.tcp_fin_timeout: the simulator does not know it; it knows " +
			"net.ipv4.tcp_syncookies": func(p *axis.Plan) {
			p.Sysctls = map[string]string{"net.ipv4.tcp_fin_timeout": "1"}
		},
		"sysctl net.ipv4.tcp_syncookies = 2: the simulator knows 0 to 1": func(p *axis.Plan) {
			p.Sysctls = map[string]string{"net.ipv4.tcp_syncookies": "2"}
		},
		`script "PLAY music": a simulated script has AGI commands only`: func(p *axis.Plan) {
			p.Target.Script = []string{"PLAY music"}
		},
	} {
		_, err := modelWith(t, change, simulatedDefaults())
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
			t.Errorf("%v, want %q", err, want)
		}
	}
}
