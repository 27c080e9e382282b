import { useState } from 'react'
import type { Severity } from '../../gql/graphql'
import type { MaskedCoverage } from '../../graph/coverage'
import { isLacking, readCoverage } from '../../graph/coverage'
import { hrefOf } from '../../lib/address'
import { counted } from '../../lib/money'
import { periodText, type Period } from '../../lib/period'
import { periodName } from '../../lib/time'
import { Sum } from '../../ui/Amount'
import { Badge, type Tone } from '../../ui/Badge'
import { EmptyList } from '../../ui/CoverageNotes'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Table, type Column } from '../../ui/Table'
import { CHECKS } from './checks'
import { Signed } from './Difference'
import { found, type Found } from './discrepant'
import type { Overview } from './useOverview'

const AT_FIRST = 5
const TONES: Readonly<Record<Severity, readonly [Tone, string]>> = { ERROR: ['bad', 'Error'], WARNING: ['warn', 'Warning'], INFO: ['quiet', 'Note'] }

/** What does not add up on the invoices of the period, worst first. */
export function Discrepancies({ overview, period }: { overview: Overview; period: Period }) {
  const { parts, awaited, again, outdated } = overview
  const [all, setAll] = useState(false)
  const rows = found(parts)
  const coverage = parts.flatMap(({ discrepancies }): MaskedCoverage => discrepancies.coverage)
  const isChecked = parts.length > 0 && awaited.length === 0
  const total = parts.reduce((count, { discrepancies }) => count + Math.max(discrepancies.totalCount ?? 0, discrepancies.edges.length), 0)
  return (
    <Section title="What does not add up" note={`${periodText(period)}. The figures of each invoice are compared with each other.${total > rows.length ? ` ${total - rows.length} more are not listed.` : ''}`} busy={awaited.length > 0}>
      <div id="discrepancies" className="anchor" />
      {rows.length === 0 && awaited.length > 0 && <Skeleton lines={3} what="the checks" />}
      {isChecked && rows.length === 0 && (readCoverage(coverage).some(isLacking) ? <EmptyList coverage={coverage} what="discrepancies" retry={again} /> : <AllFine />)}
      {rows.length > 0 && (
        <Table
          caption="Discrepancies"
          columns={COLUMNS}
          rows={all ? rows : rows.slice(0, AT_FIRST)}
          rowKey={({ account, invoice, check }) => [account.id, invoice?.id, check.code, check.subject, check.actual].join(' ')}
          rowHref={hrefOfRow}
          outdated={outdated}
        />
      )}
      {rows.length > AT_FIRST && (
        <button type="button" className="plain" aria-expanded={all} onClick={() => setAll(!all)}>
          {all ? 'Show the worst only' : `Show all ${rows.length}`}
        </button>
      )}
    </Section>
  )
}

const AllFine = () => <p className="fine">Every figure that can be compared agrees with the others.</p>

const hrefOfRow = ({ account, invoice }: Found) =>
  invoice ? hrefOf('invoice', { id: invoice.id }) : hrefOf('invoices', { accounts: account.id, period: 'all' })

const COLUMNS: readonly Column<Found>[] = [
  {
    key: 'check',
    header: 'Found',
    cell: ({ check }) => (
      <>
        {CHECKS[check.code]} {check.unit && <small>in {check.unit}</small>}
      </>
    ),
  },
  {
    key: 'invoice',
    header: 'Invoice',
    cell: ({ account, invoice }) => (
      <>
        {account.name}
        {invoice && <>, {periodName(invoice.period)}</>} {invoice?.number && <small>{invoice.number}</small>}
      </>
    ),
  },
  { key: 'expected', header: 'Expected', align: 'end', cell: ({ check }) => <Figure check={check} amount={check.expected} /> },
  { key: 'actual', header: 'Actual', align: 'end', cell: ({ check }) => <Figure check={check} amount={check.actual} /> },
  { key: 'difference', header: 'Difference', align: 'end', cell: ({ check }) => <Figure check={check} amount={check.difference} signed /> },
  { key: 'severity', header: 'Severity', cell: ({ check }) => <Badge tone={TONES[check.severity][0]}>{TONES[check.severity][1]}</Badge> },
]

interface FigureProps {
  check: Found['check']
  amount: string | null | undefined
  signed?: boolean
}

function Figure({ check: { currency }, amount, signed = false }: FigureProps) {
  if (amount == null) return <span className="unknown">not known</span>
  if (signed) return <Signed amount={amount} currency={currency} />
  return currency ? <Sum money={{ amount, currency }} /> : <span className="amount">{counted({ amount })}</span>
}
