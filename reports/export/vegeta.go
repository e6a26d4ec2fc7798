package export

import (
	"bufio"
	"fmt"
	"io"

	vegeta "github.com/tsenart/vegeta/v12/lib"

	"agistorm/analysis"
	"agistorm/reports/plain"
	"agistorm/reports/words"
)

// VegetaJSON writes every attempt as vegeta's encoder does; a storm of a setting is an attack.
func VegetaJSON(w io.Writer, s *analysis.Summary) error {
	return results(w, s, vegeta.NewJSONEncoder, plain.Line)
}

// VegetaCSV does it in vegeta's CSV.
func VegetaCSV(w io.Writer, s *analysis.Summary) error {
	return results(w, s, vegeta.NewCSVEncoder, cell)
}

// VegetaGob does it in vegeta's binary form.
func VegetaGob(w io.Writer, s *analysis.Summary) error {
	return results(w, s, vegeta.NewEncoder, plain.Line)
}

// results writes every attempt, each text as the form may have it.
func results(
	w io.Writer, s *analysis.Summary, encoder func(io.Writer) vegeta.Encoder, text func(string) string,
) error {
	out := bufio.NewWriterSize(w, 1<<16)
	encode := encoder(out)
	for c, r := range s.Storms() {
		attack := text(fmt.Sprintf("%s, storm %d", c.Label, r.N) + words.SimulatedIf(s.Run, ", ", ""))
		for i := range r.Raw.Attempts {
			l := r.Raw.Storm.Line(&r.Raw.Attempts[i])
			err := encode(&vegeta.Result{
				Attack: attack,
				Seq:    uint64(i), // without a gap from 0, else vegeta plot waits for the missing one
				Code:   l.Code, Timestamp: l.Timestamp, Latency: l.Latency, BytesOut: l.BytesOut, BytesIn: l.BytesIn,
				Error: text(l.Error), Method: l.Method, URL: text(l.URL),
			})
			if err != nil {
				return err
			}
		}
	}
	return out.Flush()
}
