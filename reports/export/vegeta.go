package export

import (
	"bufio"
	"fmt"
	"io"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"agistorm/analysis"
	"agistorm/reports/words"
)

// VegetaJSON writes every attempt as vegeta's encoder does; a storm of a setting is an attack.
func VegetaJSON(w io.Writer, s *analysis.Summary) error { return results(w, s, vegeta.NewJSONEncoder) }

// VegetaCSV does it in vegeta's CSV.
func VegetaCSV(w io.Writer, s *analysis.Summary) error { return results(w, s, vegeta.NewCSVEncoder) }

// VegetaGob does it in vegeta's binary form.
func VegetaGob(w io.Writer, s *analysis.Summary) error { return results(w, s, vegeta.NewEncoder) }

func results(w io.Writer, s *analysis.Summary, encoder func(io.Writer) vegeta.Encoder) error {
	out := bufio.NewWriterSize(w, 1<<16)
	encode := encoder(out)
	for c, r := range s.Storms() {
		attack := fmt.Sprintf("%s, storm %d", c.Label, r.N) + words.SimulatedIf(s.Run, ", ", "")
		for i := range r.Raw.Attempts {
			l := r.Raw.Storm.Line(&r.Raw.Attempts[i])
			err := encode(&vegeta.Result{
				Attack: attack,
				Seq:    uint64(i), // without a gap from 0, else vegeta plot waits for the missing one
				Code:   l.Code, Timestamp: l.Timestamp, Latency: l.Latency, BytesOut: l.BytesOut, BytesIn: l.BytesIn,
				Error: l.Error, Method: l.Method, URL: l.URL,
			})
			if err != nil {
				return err
			}
		}
	}
	return out.Flush()
}
