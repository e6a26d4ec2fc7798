package scenarios

import (
	"strings"
	"testing"

	"agistorm/scenarios/axis"
)

func TestGates(t *testing.T) {
	const head = "name: x\nstorm: {calls: 5}\nsysctls: {net.ipv4.tcp_syncookies: 0}\nsettings:\n" +
		"  - {somaxconn: 128, backlog: max}\n" +
		"  - {somaxconn: max, backlog: 5, client: single-write, sysctls: {net.ipv4.tcp_syncookies: 1}}\n" +
		"  - {somaxconn: '064', backlog: '7'}\n"
	for gate, want := range map[string]string{
		"lost == 0":                            "",
		"somaxconn=128: lost > 0":              "",
		"somaxconn=64: lost > 0":               "",
		"somaxconn=064: lost > 0":              "somaxconn is 128, max or 64 here, not 064",
		"backlog=5: p99(connect) < 1s":         "",
		"client=single-write: lost == 0":       "",
		"net.ipv4.tcp_syncookies=1: lost == 0": "",
		"somaxconn=max, backlog=5: lost < 1%":  "",
		"somaxconn=max, backlog=max: lost == 0": `gates[0]: "somaxconn=max, backlog=max: lost == 0" selects no setting: ` +
			`no setting is all of that at once; there are somaxconn=128, backlog=max; somaxconn=max, backlog=5`,
		"client=asterisk: lost == 0":     "", // the storm's, of the settings that leave it out
		"client=connect-only: lost == 0": "client is asterisk or single-write here, not connect-only",
		"lost < 6": `gates[0]: "lost < 6": of 5 calls this always holds: want a limit that a ` +
			`run can meet, and miss`,
		"connected == 0": "want answered",
		"lots == 0": "gates[0]: gate \"lots == 0\", at 1: there is no metric lots; " +
			"did you mean lost?",
		"cell=somaxconn-128_backlog-max_asterisk: late==0": "",
	} {
		_, err := Parse("x.yaml", []byte(head+"gates: ['"+gate+"']\n"))
		switch {
		case want == "" && err != nil:
			t.Errorf("%s: %v", gate, err)
		case want != "" && (err == nil || !strings.Contains(err.Error(), want)):
			t.Errorf("%s: %v, want %q", gate, err, want)
		case want != "" && !strings.Contains(err.Error(), "x.yaml:8:"):
			t.Errorf("%s: %v, want its line", gate, err)
		}
	}
}

// A cell's key names a folder of the run directory: nothing in it leads out of that.
func TestKeyIsNoPath(t *testing.T) {
	s := axis.Values{"somaxconn": "128", "backlog": "max", "net.ipv4.x": "../../y"}
	if got := s.Key(); got != "somaxconn-128_backlog-max_x-..-..-y" {
		t.Errorf("%s", got)
	}
}
