import { unmask } from '../../gql'
import type { Verdict } from '../../gql/graphql'
import { Badge } from '../../ui/Badge'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Table, type Column } from '../../ui/Table'
import { agreeing, type Check, CHECKS, Figure, readChecks, REASONS, verdictText, verdictTone } from './check'
import { LineFragment, nameOfLine } from './line'
import type { Contents } from './useContents'

/** How the figures of the invoice agree with each other. */
export function Checks({ contents }: { contents: Contents }) {
  const { loading, causesOf, again } = contents
  const checks = readChecks(contents)
  const causes = causesOf('reconciliation')
  const agreed = agreeing(checks)
  const rest = checks.filter((check) => !agreed.includes(check))
  const columns = columnsOf(subjectsOf(contents))
  return (
    <div id="checks">
      <Section title="Does it add up" note="The provider's figures, compared with each other. Nothing is rounded." busy={loading}>
        {loading && <Skeleton lines={4} what="the checks" />}
        {causes.length > 0 && <Problem title="The figures could not be compared." causes={causes} retry={again} />}
        {rest.length > 0 && <Table caption="Figures that differ or cannot be compared" columns={columns} rows={rest} rowKey={keyOf} />}
        {agreed.length > 0 && (
          <details className="agreed" open={rest.length === 0}>
            <summary>
              {agreed.length} {agreed.length === 1 ? 'check agrees' : 'checks agree'}
            </summary>
            <Table caption="Figures that agree" columns={columns} rows={agreed} rowKey={keyOf} />
          </details>
        )}
      </Section>
    </div>
  )
}

const keyOf = ({ code, subject, verdict }: Check) => `${code} ${subject} ${verdict}`

/** The names of the line items, by id: checks name what they are about by its id. */
function subjectsOf({ invoice }: Contents): ReadonlyMap<string, string> {
  const lines = unmask(LineFragment, invoice?.lineItems?.edges.map(({ node }) => node) ?? [])
  return new Map(lines.map((line) => [line.id, nameOfLine(line)]))
}

// The parts of a check that agree or cannot be compared are one outcome: that of the part which differs most.
const WHERE: Readonly<Partial<Record<Verdict, string>>> = { ROUNDING: 'at most at ', NOT_EVALUABLE: 'such as ' }

const columnsOf = (subjects: ReadonlyMap<string, string>): readonly Column<Check>[] => [
  {
    key: 'check',
    header: 'Check',
    cell: ({ code, subject, verdict }) => (
      <>
        {CHECKS[code]}
        {verdict !== 'EXACT' && subjects.has(subject) && (
          <small className="below">
            {WHERE[verdict]}
            {subjects.get(subject)}
          </small>
        )}
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
