package analysis

import "agistorm/analysis/record"

// loDropped are the packets that lo dropped since the queue behind it, host-wide
// net.core.netdev_max_backlog, was full.
const loDropped = "lo.rx_dropped"

// linkDropped are the packets that the interfaces at both ends of a link dropped when they were to send them. What else
// a link drops has no counter of a time.
const linkDropped = "agi0.tx_dropped"

// gain is what a counter gained during the storm; false where the kernel lacks it or it went down.
func gain(k *record.Kernel, name string) (int64, bool) {
	d, ok := k.Delta(name)
	return int64(d), ok && int64(d) >= 0
}

// gained holds the counters that gained something, nil without the kernel's account. What
// went down is a gauge (TcpCurrEstab), not a counter.
func gained(k *record.Kernel) record.Counters {
	if k == nil {
		return nil
	}
	counters := record.Counters{}
	for name := range k.After {
		if d, ok := gain(k, name); ok && d > 0 {
			counters[name] = uint64(d)
		}
	}
	return counters
}
