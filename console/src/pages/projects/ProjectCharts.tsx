import { sums } from '../../lib/money'
import { months } from '../../lib/time'
import { MonthChart, type ChartSeries } from '../../ui/chart/MonthChart'
import type { ProjectRow } from './useProjects'

const MOST = 5 // series with a colour of their own; the others are one series

/** One chart per currency: the cost by month, stacked by project. */
export function ProjectCharts({ rows }: { rows: readonly ProjectRow[] }) {
  const charges = rows.flatMap((row) => row.charges ?? [])
  const seen = charges.map(({ month }) => month).toSorted()
  if (seen.length === 0) return null
  const span = months(seen[0]!, seen.at(-1)!)
  const currencies = sums(charges.map(({ cost }) => cost)).map(({ currency }) => currency)
  const unknown = Map.groupBy(charges.filter(({ cost }) => !cost), ({ month }) => month)
  const notes = new Map([...unknown].map(([month, those]) => [month, `${those.length} not stated`]))
  return (
    <div className="charts">
      {currencies.map((currency) => (
        <MonthChart key={currency} title="Cost by month" currency={currency} months={span} series={seriesOf(rows, currency)} notes={notes} />
      ))}
    </div>
  )
}

function seriesOf(rows: readonly ProjectRow[], currency: string): ChartSeries[] {
  const those = rows.filter(({ total }) => total.some((money) => money.currency === currency))
  const own = those.length > MOST + 1 ? those.slice(0, MOST) : those
  const others = those.slice(own.length)
  const series = own.map((row) => ({ key: row.id, label: labelOf(row, rows), amounts: amountsOf([row], currency) }))
  if (others.length === 0) return series
  return [...series, { key: 'others', tone: MOST, label: `${others.length} other projects`, amounts: amountsOf(others, currency) }]
}

function amountsOf(rows: readonly ProjectRow[], currency: string): Map<string, string> {
  const stated = rows.flatMap(({ charges }) => charges ?? []).filter(({ cost }) => cost?.currency === currency)
  return new Map([...Map.groupBy(stated, ({ month }) => month)].map(([month, those]) => [month, sums(those.map(({ cost }) => cost))[0]!.amount]))
}

/** The name of a project, with its account if another one has the same name. */
function labelOf({ id, name, account }: ProjectRow, rows: readonly ProjectRow[]): string {
  const isShared = rows.some((row) => row.id !== id && row.name === name)
  return isShared || !name ? `${name ?? 'not named'} · ${account.name}` : name
}
