package lab

import "testing"

func TestThreadsOf(t *testing.T) {
	const status = "Name:\tx\nUid:\t12\t0\t0\t0\nThreads:\t7\nSigQ:\t1/2\n"
	if own, other := threadsOf(status, 12), threadsOf(status, 1); own != 7 || other != 0 || threadsOf("", 12) != 0 {
		t.Errorf("%d and %d, want 7 and 0", own, other)
	}
}
