// Package reports writes what a run shows as documents: a page, Markdown for a pull
// request, a table for a terminal, JSON, and HdrHistogram logs. Each form begins with
// the verdict. The same Summary always gives the same bytes.
//
// Of a number that is not known every form shows "–", never 0.
package reports
