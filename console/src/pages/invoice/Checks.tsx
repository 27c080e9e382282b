import { unmask } from '../../gql'
import { Badge } from '../../ui/Badge'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Table, type Column } from '../../ui/Table'
import { type Check, CHECKS, Figure, readChecks, REASONS, verdictText, verdictTone } from './check'
import { LineFragment, nameOfLine } from './line'
import type { Contents } from './useContents'

/** How the figures of the invoice agree with each other. */
export function Checks({ contents }: { contents: Contents }) {
  const { loading, causesOf, again } = contents
  const checks = readChecks(contents)
  const causes = causesOf('reconciliation')
  return (
    <div id="checks">
      <Section title="Does it add up" note="The provider's figures, compared with each other. Nothing is rounded." busy={loading}>
        {loading && <Skeleton lines={4} what="the checks" />}
        {causes.length > 0 && <Problem title="The figures could not be compared." causes={causes} retry={again} />}
        {checks.length > 0 && (
          <Table caption="Checks" columns={columnsOf(subjectsOf(contents))} rows={checks} rowKey={({ code, subject, verdict }) => `${code} ${subject} ${verdict}`} />
        )}
      </Section>
    </div>
  )
}

/** The names of the line items, by id: checks name what they are about by its id. */
function subjectsOf({ invoice }: Contents): ReadonlyMap<string, string> {
  const lines = unmask(LineFragment, invoice?.lineItems?.edges.map(({ node }) => node) ?? [])
  return new Map(lines.map((line) => [line.id, nameOfLine(line)]))
}

const columnsOf = (subjects: ReadonlyMap<string, string>): readonly Column<Check>[] => [
  {
    key: 'check',
    header: 'Check',
    cell: ({ code, subject }) => (
      <>
        {CHECKS[code]}
        {subjects.has(subject) && <small className="below">{subjects.get(subject)}</small>}
      </>
    ),
  },
  { key: 'verdict', header: 'Result', cell: ({ verdict }) => <Badge tone={verdictTone(verdict)}>{verdictText(verdict)}</Badge> },
  { key: 'expected', header: 'Should be', align: 'end', cell: (check) => <Figure value={check.expected} check={check} /> },
  { key: 'actual', header: 'Is', align: 'end', cell: (check) => <Figure value={check.actual} check={check} /> },
  { key: 'difference', header: 'Difference', align: 'end', cell: (check) => <Figure value={check.difference} check={check} /> },
  {
    key: 'note',
    header: 'Note',
    cell: ({ reason, unit, verdict, tolerance, currency }) => (
      <small>
        {reason && REASONS[reason]} {unit && verdict !== 'EXACT' && `Counts ${unit}.`}{' '}
        {verdict === 'WITHIN_TOLERANCE' && tolerance && `The tolerance is ${currency ?? ''} ${tolerance}.`}
      </small>
    ),
  },
]
