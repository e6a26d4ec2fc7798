package near

import "testing"

func TestMatch(t *testing.T) {
	names := []string{"thread", "pool", "prefork", "fork", "async"}
	for name, want := range map[string]string{
		"threads": "thread", "thraed": "thread", "pol": "pool", "forks": "fork", "asinc": "async", "pool": "pool",
		"": "", "x": "", "po": "", "elephant": "", "asynchronous": "",
	} {
		if got := Match(name, names); got != want {
			t.Errorf("%q: %q, want %q", name, got, want)
		}
	}
	if got := Match("pool", nil); got != "" {
		t.Errorf("of none: %q", got)
	}
}

func TestDistance(t *testing.T) {
	for pair, want := range map[[2]string]int{
		{"", ""}: 0, {"lost", ""}: 4, {"lost", "lots"}: 2, {"kitten", "sitting"}: 3,
	} {
		if got := distance(pair[0], pair[1]); got != want {
			t.Errorf("%v: %d, want %d", pair, got, want)
		}
	}
}
