package metrics

import (
	"bytes"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"agistorm/target"
	"agistorm/target/engine"
	"agistorm/target/metrics/openmetrics"
	"agistorm/target/metrics/openmetrics/strict"
	"agistorm/target/metrics/scrape"
	"agistorm/target/probe"
	"agistorm/target/spec"
)

func render(t *testing.T, s *Snapshot) string {
	t.Helper()
	var out bytes.Buffer
	if err := s.Write(&out); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

func TestWrite(t *testing.T) {
	drops, waiting := uint32(3), 40
	s := Snapshot{
		Counts:    target.Counts{Accepted: 100, RefusedCommands: 2, AcceptErrors: 1},
		Queue:     &probe.QueueState{Depth: 17, Limit: 128, Drops: &drops},
		Waiting:   &waiting,
		Discarded: 9,
		Kernel:    map[string]uint64{"ListenOverflows": 5, "ListenDrops": 6, "TcpActiveOpens": 7},
	}
	s.By[engine.Open], s.By[engine.Served], s.By[engine.HungUp] = 10, 70, 5
	s.By[engine.Gone], s.By[engine.Rejected] = 11, 4
	got := render(t, &s)
	for _, line := range []string{
		"# TYPE agistorm_connections_accepted counter\n" +
			"# HELP agistorm_connections_accepted Connections that accept(2) returned.\n" +
			"agistorm_connections_accepted_total 100\n",
		"agistorm_sessions_served_total 70\n", "agistorm_sessions_hung_up_total 5\n", "agistorm_sessions_open 10\n",
		`agistorm_sessions_failed_total{kind="gone"} 11` + "\n", `agistorm_sessions_failed_total{kind="rejected"} 4` + "\n",
		`agistorm_sessions_failed_total{kind="env-timeout"} 0` + "\n",
		"agistorm_commands_refused_total 2\n", "agistorm_accept_errors_total 1\n", "agistorm_queue_discarded_total 9\n",
		"agistorm_accept_queue_depth 17\n", "agistorm_accept_queue_limit 128\n", "agistorm_accept_queue_drops_total 3\n",
		"agistorm_accept_queue_connections 40\n", "agistorm_netns_listen_overflows_total 5\n",
		"agistorm_netns_listen_drops_total 6\n",
	} {
		if !strings.Contains(got, line) {
			t.Errorf("no %q in\n%s", line, got)
		}
	}
	if strings.Contains(got, `kind="served"`) || strings.Contains(got, `kind="open"`) ||
		strings.Contains(got, "ActiveOpens") {
		t.Errorf("too much in\n%s", got)
	}
}

// TestGrammar: a strict reader takes all of it.
func TestGrammar(t *testing.T) {
	all, err := strict.Parse(render(t, &Snapshot{}))
	if err != nil || len(all) < 8 {
		t.Errorf("%d samples, %v", len(all), err)
	}
}

// TestNotKnown: what the system does not report is absent, not 0.
func TestNotKnown(t *testing.T) {
	if text := render(t, &Snapshot{}); strings.Contains(text, "accept_queue") || strings.Contains(text, "netns") {
		t.Errorf("it claims to know\n%s", text)
	}
}

func TestHandler(t *testing.T) {
	l, err := target.Listen("127.0.0.1:0", spec.Max(), 1)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	s, err := target.NewServer(l, target.DefaultConfig())
	if err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithCancel(t.Context())
	done := make(chan error, 1)
	go func() { done <- s.Serve(ctx) }()
	socket, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer scrape.Serve(socket, Page(l, s))()
	answer, err := http.Get("http://" + socket.Addr().String() + scrape.Path)
	if err != nil {
		t.Fatal(err)
	}
	defer answer.Body.Close()
	body, err := io.ReadAll(answer.Body)
	if err != nil || answer.Header.Get("Content-Type") != openmetrics.ContentType ||
		!bytes.HasSuffix(body, []byte("# EOF\n")) {
		t.Errorf("%v, %v\n%s", err, answer.Header, body)
	}
	if l.Kept().Effective != nil && !bytes.Contains(body, []byte("agistorm_accept_queue_limit ")) {
		t.Errorf("no queue in\n%s", body)
	}
	stop()
	if err := <-done; err != nil {
		t.Error(err)
	}
}
