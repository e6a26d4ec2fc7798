package gate

import (
	"testing"

	"agistorm/analysis"
)

// TestPhantomBound: a lower bound of phantoms is enough to fail, and never to pass; of a client that only connects
// they are lost calls, too.
func TestPhantomBound(t *testing.T) {
	for gate, want := range map[string]Status{
		"phantom == 0": Failed, "phantom < 5": Failed, "phantom < 50": Inconclusive, "phantom > 5": Inconclusive,
		"lost < 5": Failed, "lost < 50": Inconclusive, "connected > 0": Inconclusive,
	} {
		s := sample()
		bound := 7
		for r := range analysis.Each(s.Cells[0].Repeats) {
			r.Phantoms, r.PhantomsAtLeast, r.OnlyConnects, r.Lost = nil, &bound, true, 7
		}
		v, err := Judge(s, "run", conditions(t, "somaxconn=4096: "+gate))
		if err != nil || v.Status != want {
			t.Errorf("%s: %+v, %v, want %s", gate, v, err, want)
		}
	}
}
