// Package record is the contract "what was seen": the types and the files of a
// run directory. Whatever measures writes it, whatever judges reads it, and
// neither needs the other.
//
// A run directory holds
//
//	run.json                       what was run, where, with which settings
//	cells/CELL/repeat-N/           one storm in one cell:
//	    attempts.jsonl             one line an attempt, readable by `vegeta report`
//	    storm.json                 the generator's account of itself
//	    queue.jsonl                accept-queue depth over time
//	    kernel.json                sysctls read back, counters before and after
//	    counters.jsonl             what the kernel's counters had gained, over time
//	    target.json                what the server asked for, accepted and served
//	    files.json                 those of the above that were written, with sizes in bytes and SHA-256, and of
//	                               which cell and repeat they are
//
// A record may come from anywhere: it is read beneath its directory only, sizes and counts are bounded before memory is
// taken for them, and errors name places and keys, not what stands there.
//
// All instants inside a repeat are offsets in nanoseconds from the storm's start.
// Every file, and every repeat as a whole, is there complete or not at all.
package record
