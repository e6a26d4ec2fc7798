package lab

import (
	"context"
	"errors"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"
)

const leftOut = `name: left-out
storm: {calls: 20}
repeats: 1
gates: ["net.ipv4.tcp_abort_on_overflow=HOST: lost == 0"]
settings:
  - {somaxconn: 64, backlog: max}
  - {somaxconn: 64, backlog: max, sysctls: {net.ipv4.tcp_abort_on_overflow: OTHER}}
  - {somaxconn: 64, backlog: max, sysctls: {net.ipv4.tcp_abort_on_overflow: OTHER, net.ipv4.tcp_ecn: 0}}
`

// hostAbort is the host's own tcp_abort_on_overflow, and the value that it has not.
func hostAbort(t *testing.T) (host, other string) {
	t.Helper()
	text, err := os.ReadFile("/proc/sys/net/ipv4/tcp_abort_on_overflow")
	if err != nil {
		t.Fatal(err)
	}
	if strings.TrimSpace(string(text)) == "0" {
		return "0", "1"
	}
	return "1", "0"
}

// TestLeftOutSysctls: a setting that leaves a sysctl out has the value that is in force there: the host's of those
// that matter, the fresh namespace's of others. A gate can select by it.
func TestLeftOutSysctls(t *testing.T) {
	needsNamespace(t)
	host, other := hostAbort(t)
	dir := newDir(t)
	text := strings.NewReplacer("HOST", host, "OTHER", other).Replace(leftOut)
	run, err := Sweep(t.Context(), dir, Options{Scenario: scenario(t, text), Isolation: Auto})
	if err != nil {
		t.Fatal(err)
	}
	for i, want := range []map[string]string{
		{"net.ipv4.tcp_abort_on_overflow": host, "net.ipv4.tcp_ecn": "2"},
		{"net.ipv4.tcp_abort_on_overflow": other, "net.ipv4.tcp_ecn": "2"},
		{"net.ipv4.tcp_abort_on_overflow": other, "net.ipv4.tcp_ecn": "0"},
	} {
		r, err := dir.Repeat(run.Cells[i].ID, 1)
		if err != nil {
			t.Fatal(err)
		}
		for name, value := range want {
			if got := run.Cells[i].Sysctls[name]; got != value || r.Kernel.Sysctls[name] != value {
				t.Errorf("%s: %s is %q, read back %q, want %s", run.Cells[i].ID, name, got, r.Kernel.Sysctls[name], value)
			}
		}
	}
}

// TestAlikeInForce: two settings that come out the same, and a gate that then selects none, are refused before a storm.
func TestAlikeInForce(t *testing.T) {
	host, other := hostAbort(t)
	for want, text := range map[string]string{
		"net.ipv4.tcp_abort_on_overflow is " + host + " where it is left out": strings.NewReplacer("HOST", host, "OTHER",
			host).Replace(leftOut),
		"net.ipv4.tcp_abort_on_overflow is " + host + " or " + other + " here, not 7": strings.NewReplacer("HOST", "7",
			"OTHER", other).
			Replace(leftOut),
	} {
		for _, isolation := range []Isolation{Auto, None} {
			if isolation == Auto {
				needsNamespace(t)
			}
			run, err := Sweep(t.Context(), newDir(t), Options{Scenario: scenario(t, text), Isolation: isolation})
			if run != nil || !errors.Is(err, ErrCannotStart) || !strings.Contains(err.Error(), want) {
				t.Errorf("%s: %v, %v; want %q", isolation, run, err, want)
			}
		}
	}
}

// TestNoLink runs where there is no /dev/net/tun: in a mount namespace with another /dev/net.
func TestNoLink(t *testing.T) {
	needsNamespace(t)
	out, err := exec.Command("unshare", "--user", "--map-root-user", "--mount", "sh", "-c",
		`if [ -d /dev/net ]; then mount -t tmpfs none /dev/net || exit 1; fi; exec "$0" -test.run '^TestLinkIsTried$' `+
			`-test.v`, os.Args[0]).CombinedOutput()
	switch {
	case err != nil:
		t.Fatalf("%v: %s", err, out)
	case strings.Contains(string(out), "there is a link"):
		t.Skip("this kernel has netem: it needs no /dev/net/tun")
	}
	for _, want := range []string{"storms 0: cannot start: setting somaxconn-64_backlog-max: link: ",
		"`modprobe sch_netem`, or give this user /dev/net/tun"} {
		if !strings.Contains(string(out), want) {
			t.Errorf("%s\nlacks %q", out, want)
		}
	}
}

// TestLinkIsTried prints what becomes of a sweep with a round trip; the test above reads it.
func TestLinkIsTried(t *testing.T) {
	needsNamespace(t)
	ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
	defer cancel()
	storms := 0
	far := scenario(t, "name: far\nstorm: {calls: 20}\nrtt: 20ms\nrepeats: 1\nsettings: [{somaxconn: 64, backlog: max}]\n")
	_, err := Sweep(ctx, newDir(t), Options{Scenario: far, Isolation: Auto, Progress: func(Progress) { storms++ }})
	if err == nil {
		t.Log("there is a link")
	} else {
		t.Logf("storms %d: %v", storms, err)
	}
}
