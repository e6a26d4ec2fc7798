package lab

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"agistorm/analysis/record"
	"agistorm/scenarios"
	"agistorm/scenarios/axis"
)

// trySettings sets every setting up once, before the first storm, and the link: what this machine refuses of
// the last is not to be found when all others are measured. It finds what a setting has of a sysctl that only
// others give, and gives up a link that was not asked for.
func (s *sandbox) trySettings(ctx context.Context) error {
	links := map[string]bool{}
	for i := range s.run.Cells {
		cell := &s.run.Cells[i]
		order := cellOrder{
			Isolated: true, Sysctls: s.sysctlsOf(*cell), Swept: s.swept, Server: s.serverOrder(*cell, ""),
		}
		if link := fmt.Sprint(s.plans[cell.ID].Link, s.plans[cell.ID].RTT); !links[link] {
			links[link] = true
			s.linkUp(&order, s.plans[cell.ID])
			var err error
			if order.Storm.Sources, err = s.sources(s.plans[cell.ID]); err != nil {
				return err
			}
		}
		found, err := trySetting(ctx, s.place.mode, order)
		switch {
		case ctx.Err() != nil:
			return ctx.Err()
		case err != nil:
			return fmt.Errorf("%w: setting %s: %w", ErrCannotStart, cell.ID, err)
		case found.NoLink != "":
			s.onLoopback(record.Note{Code: record.NoteLinkRefused, Error: found.NoLink})
		}
		fillIn(cell, s.swept, found.Sysctls)
		if err := s.tried(cell, found.Server); err != nil {
			return err
		}
	}
	return checkInForce(s.options.Scenario, s.run.Cells)
}

// fillIn gives a cell the values in force of the sysctls that other settings give. What the kernel lacks
// stays absent.
func fillIn(cell *record.Cell, swept []string, inForce map[string]string) {
	for _, name := range swept {
		value, known := inForce[name]
		if _, given := cell.Sysctls[name]; !given && known {
			cell.Sysctls[name] = value
		}
	}
}

// checkInForce finds, with all sysctls known, settings that are alike, and gates that no setting meets.
func checkInForce(s *scenarios.Scenario, cells []record.Cell) error {
	seen := map[string]int{}
	var sysctls []map[string]string
	for i, c := range cells {
		key := fmt.Sprint(c.Axes())
		if first, twice := seen[key]; twice {
			return inputf("%w: settings %s and %s are the same here: %s", ErrCannotStart, cells[first].ID, c.ID,
				whatIsLeftOut(s.Settings[first], s.Settings[i], c.Sysctls))
		}
		seen[key] = i
		sysctls = append(sysctls, c.Sysctls)
	}
	if err := s.CheckGates(sysctls); err != nil {
		return inputf("%w: %w", ErrCannotStart, err)
	}
	return nil
}

// whatIsLeftOut returns the values of what one of two settings leaves out and the other gives.
func whatIsLeftOut(a, b, inForce map[string]string) string {
	var words []string
	for _, name := range slices.Sorted(maps.Keys(scenarios.Over(a, b))) {
		_, first := a[name]
		if _, second := b[name]; first != second {
			words = append(words, fmt.Sprintf("%s is %s where it is left out", name, inForce[name]))
		}
	}
	return strings.Join(words, ", ")
}

// sweptBy are the sysctls that any setting of a scenario gives, in order.
func sweptBy(s *scenarios.Scenario) []string {
	var all []axis.Values
	for _, setting := range s.Settings {
		_, sysctls := setting.Split()
		all = append(all, sysctls)
	}
	return axis.Names(all...)
}
