package words

import "testing"

func TestRecorded(t *testing.T) {
	for want, r := range map[string]Recorded{
		"a.rec: 1,000 calls from 1 host.": {File: "a.rec", Calls: 1000, Hosts: 1},
		"a.rec: 1 call from 2 hosts, 2 retransmitted SYNs, 3 SYNs lost because the capture's buffer was full, " +
			"1 oldest SYN dropped because the file was full.": {
			File: "a.rec", Calls: 1, Hosts: 2, Retransmitted: 2, Lost: 3, Dropped: 1,
		},
	} {
		if got := r.String(); got != want {
			t.Errorf("%s\nwant %s", got, want)
		}
	}
	if got := RecordingBegins("a.rec", true); got != "Recording SYNs in a.rec, with the addresses of hosts." {
		t.Error(got)
	}
}
