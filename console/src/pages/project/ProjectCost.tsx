import { failures } from '../../graph/failures'
import { periodText, type Period } from '../../lib/period'
import { monthOf, months, periodName } from '../../lib/time'
import { Amount, Sums } from '../../ui/Amount'
import { MonthChart, type ChartSeries } from '../../ui/chart/MonthChart'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { Stat, Stats } from '../../ui/Stat'
import { type Charge, type ProjectSpend, useProjectSpend } from './useProject'

interface Props {
  id: string
  period: Period
  newest: Charge | undefined // undefined: there is none, or it is not read yet
}

/** The cost of a project in a period, in all and by month. */
export function ProjectCost({ id, period, newest }: Props) {
  const { spend, error, loading, again } = useProjectSpend(id, period)
  if (error && !loading) return <Problem title="The cost could not be loaded." causes={failures(error)} retry={again} />
  if (!spend) return <Loading />
  const unpriced = spend.totals.reduce((count, total) => count + total.unpriced, 0)
  return (
    <>
      <Stats>
        <Stat label="Cost" note={`${periodText(period)}${unpriced ? `; ${unpriced} amounts are not stated` : ''}`}>
          <Sums money={spend.totals.flatMap(({ billed }) => billed ?? [])} />
        </Stat>
        {newest && (
          <Stat label="On the newest invoice" note={periodName(newest.invoice.period)}>
            <Amount money={newest.cost} />
          </Stat>
        )}
      </Stats>
      <Section title="Cost by month" note="By product, as far as the invoices state it." busy={loading}>
        <Charts spend={spend} />
      </Section>
    </>
  )
}

function Charts({ spend: { rows, totals } }: { spend: ProjectSpend }) {
  const seen = rows.flatMap(({ month }) => (month ? [monthOf(month)] : [])).toSorted()
  if (seen.length === 0) return <p className="note">No month has a known cost.</p>
  const span = months(seen[0]!, seen.at(-1)!)
  return (
    <div className="charts">
      {totals.flatMap(({ billed }) => billed?.currency ?? []).map((currency) => (
        <MonthChart key={currency} title="Cost by month" currency={currency} months={span} series={seriesOf(rows, currency)} notes={notesOf(rows)} />
      ))}
    </div>
  )
}

function seriesOf(rows: ProjectSpend['rows'], currency: string): ChartSeries[] {
  const stated = rows.filter(({ billed }) => billed?.currency === currency)
  return [...Map.groupBy(stated, ({ product }) => product ?? '')].toSorted().map(([product, those]) => ({
    key: product,
    label: product || 'Product not stated',
    amounts: new Map(those.flatMap(({ month, billed }) => (month && billed ? [[monthOf(month), billed.amount] as const] : []))),
  }))
}

function notesOf(rows: ProjectSpend['rows']): Map<string, string> {
  const unpriced = rows.filter((row) => row.unpriced > 0 && row.month)
  return new Map([...Map.groupBy(unpriced, ({ month }) => monthOf(month!))].map(([month, those]) => [month, `${those.reduce((count, row) => count + row.unpriced, 0)} not stated`]))
}

const Loading = () => (
  <>
    <div className="stat card">
      <Skeleton lines={2} what="the cost" />
    </div>
    <Section title="Cost by month">
      <div className="chart-place">
        <Skeleton lines={5} what="the months" />
      </div>
    </Section>
  </>
)
