package rawsock

import (
	"encoding/binary"
	"slices"
	"testing"
	"time"
)

// aBlock is a block of the ring with two packets, by the kernel's structures.
func aBlock() []byte {
	block := make([]byte, 512)
	put := func(at int, value uint32) { binary.NativeEndian.PutUint32(block[at:], value) }
	put(blockPackets, 2)
	put(blockFirst, blockHeader)
	at := blockHeader
	for i, bytes := range []string{"first", "second"} {
		put(at+packetSeconds, uint32(100+i))
		put(at+packetNanos, 5)
		put(at+packetCaptured, uint32(len(bytes)))
		put(at+packetLength, 40)
		binary.NativeEndian.PutUint16(block[at+packetNetwork:], 96)
		copy(block[at+96:], bytes)
		if i == 0 {
			put(at+packetNext, 104)
		}
		at += 104
	}
	return block
}

type received struct {
	at     time.Duration
	bytes  string
	length int
}

func parsed(block []byte) (list []received) {
	parseBlock(block, func(at time.Duration, packet []byte, length int) {
		list = append(list, received{at, string(packet), length})
	})
	return list
}

func TestParseBlock(t *testing.T) {
	want := []received{{100*time.Second + 5, "first", 40}, {101*time.Second + 5, "second", 40}}
	if got := parsed(aBlock()); !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
	if got := parsed(aBlock()[:blockHeader+104+50]); !slices.Equal(got, want[:1]) {
		t.Errorf("of a block that is cut: %v, want %v", got, want[:1])
	}
}

// FuzzParseBlock: whatever is in the memory, nothing beyond it is read.
func FuzzParseBlock(f *testing.F) {
	f.Add(aBlock())
	f.Add([]byte{})
	f.Fuzz(func(t *testing.T, block []byte) {
		if n := len(parsed(block)); n > len(block) {
			t.Errorf("%d packets in %d bytes", n, len(block))
		}
	})
}
