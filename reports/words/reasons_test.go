package words

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"agistorm/analysis/record"
)

func TestDropReasons(t *testing.T) {
	const host = "The counts are of the whole host, whatever the packets were for."
	refused := &record.Note{Code: record.NoteReasonsRefused, Error: "permission denied"}
	const why = "only the host's root may count the kernel's drop reasons (permission denied); run it with sudo."
	for name, c := range map[string]struct {
		counted, reasons int
		lost             uint64
		missing          *record.Note
		want             []string
	}{
		"not asked for": {0, 0, 0, nil, nil},
		"counted":       {1, 2, 0, nil, []string{host, reasonsBlind}},
		"none":          {1, 0, 0, nil, []string{"No packet was dropped with a reason. " + host, reasonsBlind}},
		"lost": {2, 1, 1200, nil, []string{
			host + " At least these: 1,200 events did not fit the kernel's buffer.", reasonsBlind,
		}},
		"missing": {0, 0, 0, refused, []string{"Not counted: " + why}},
		"some":    {1, 1, 0, refused, []string{"Not counted in some storms: " + why, host, reasonsBlind}},
	} {
		if diff := cmp.Diff(c.want, DropReasons(c.counted, c.reasons, c.lost, c.missing)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

func TestDropReason(t *testing.T) {
	for name, want := range map[string]string{
		"TCP_LISTEN_OVERFLOW": "last ACK", "NO_SOCKET": "cookie", "QDISC_OVERLIMIT": "queueing", "NEIGH_FAILED": "hop",
		"TCP_RFC7323_PAWS": "timestamp",
	} {
		if got := DropReason(name); !strings.Contains(got, want) {
			t.Errorf("%s: %q", name, got)
		}
	}
	for _, other := range []string{"", "TCP_", "TCP_OFOMERGE", "0x20001", "QDISC"} {
		if got := DropReason(other); got != "" {
			t.Errorf("%s: %q", other, got)
		}
	}
}
