package quantile

import "testing"

func TestOf(t *testing.T) {
	hundred := make([]int, 100)
	for i := range hundred {
		hundred[i] = 100 - i
	}
	for _, test := range []struct {
		values []int
		q      float64
		want   int
	}{
		{nil, 0.5, 0}, {[]int{7}, 0.01, 7}, {[]int{7}, 1, 7},
		{[]int{3, 1, 2}, 0.5, 2}, {[]int{4, 3, 2, 1}, 0.5, 2},
		{hundred, 0.5, 50}, {hundred, 0.99, 99}, {hundred, 0.991, 100}, {hundred, 1, 100},
	} {
		if got := Of(test.values, test.q); got != test.want {
			t.Errorf("quantile %v of %d values is %d, want %d", test.q, len(test.values), got, test.want)
		}
	}
}
