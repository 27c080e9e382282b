import type { MaskedCoverage } from '../../graph/coverage'
import { hrefOf } from '../../lib/address'
import { counted } from '../../lib/money'
import { day } from '../../lib/time'
import { Sum } from '../../ui/Amount'
import { EmptyList } from '../../ui/CoverageNotes'
import { Link } from '../../ui/Link'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Table, type Column } from '../../ui/Table'
import { creditsLeft, type Left } from './creditsLeft'
import type { Overview } from './useOverview'

const DAYS = 90

/** What is left of the active credits, and what of it expires soon. */
export function CreditsLeft({ overview: { parts, awaited, today, again } }: { overview: Overview }) {
  const { rows, unstated, more } = creditsLeft(parts, later(today))
  const coverage = parts.flatMap(({ credits }): MaskedCoverage => credits.coverage)
  const all = hrefOf('credits', { states: 'ACTIVE' })
  return (
    <Section
      title="Credits left"
      note={`Active on ${day(today)}, as the newest invoices state them. Credits are never added to amounts.`}
      actions={<Link href={all}>All active credits</Link>}
      busy={awaited.length > 0}
    >
      {rows.length === 0 && awaited.length > 0 && <Skeleton lines={3} what="the credits" />}
      {parts.length > 0 && awaited.length === 0 && rows.length + unstated === 0 && <EmptyList coverage={coverage} what="active credits" retry={again} />}
      {rows.length > 0 && <Table caption="Credits left" columns={COLUMNS} rows={rows} rowKey={({ key }) => key} rowHref={() => all} />}
      {(unstated > 0 || more > 0) && (
        <p className="note">
          {unstated > 0 && `${unstated} active ${unstated === 1 ? 'credit does' : 'credits do'} not state what is left. `}
          {more > 0 && `${more} more are not in these sums.`}
        </p>
      )}
    </Section>
  )
}

const COLUMNS: readonly Column<Left>[] = [
  { key: 'product', header: 'Product', cell: ({ product }) => product },
  { key: 'credits', header: 'Credits', align: 'end', cell: ({ credits }) => credits },
  { key: 'left', header: 'Left', align: 'end', cell: (left) => <Value left={left} amount={left.amount} /> },
  {
    key: 'expiring',
    header: `Expires within ${DAYS} days`,
    align: 'end',
    cell: (left) =>
      left.expiring === undefined ? (
        <span className="unknown">none</span>
      ) : (
        <>
          <Value left={left} amount={left.expiring} /> <small>from {day(left.first!)}</small>
        </>
      ),
  },
]

const Value = ({ left: { currency, unit }, amount }: { left: Left; amount: string }) =>
  currency ? <Sum money={{ amount, currency }} /> : <span className="amount">{counted({ amount, unit: unit ?? null })}</span>

function later(today: string): string {
  const end = new Date(today)
  end.setUTCDate(end.getUTCDate() + DAYS)
  return end.toISOString()
}
