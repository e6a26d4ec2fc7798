package record

// DropReasons counts the packets that the kernel freed with a drop reason (the tracepoint skb:kfree_skb), on the whole
// host and whatever they were for. A SYN at a full accept queue is freed without a reason: no count here has it
// (tcp_conn_request and tcp_rcv_state_process in the kernel's net/ipv4/tcp_input.c).
type DropReasons struct {
	// By is how often each reason occurred, in the kernel's spelling without SKB_DROP_REASON_, such as
	// TCP_LISTEN_OVERFLOW.
	By map[string]uint64 `json:"by,omitempty"`
	// Lost events did not fit the kernel's buffer: counts are then at least these.
	Lost uint64 `json:"lost,omitempty"`
	// Missing is why they could not be counted; nil where they were.
	Missing *Note `json:"missing,omitempty"`
}
