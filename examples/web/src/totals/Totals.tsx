import { failures } from '../graph/failures'
import { Problem } from '../ui/Problem'
import { Skeleton } from '../ui/Skeleton'
import { Chart } from './Chart'
import { ChartTable } from './ChartTable'
import { MonthAxis } from './MonthAxis'
import { monthly, unstated, type Series } from './monthly'
import { Silent } from './Silent'
import { summary } from './summary'
import type { TotalsSoFar } from './useTotals'

/** The totals of the invoices, overall and by month. */
export function Totals({ totals }: { totals: TotalsSoFar & { again: () => void } }) {
  const { invoices, isWhole, error, again } = totals
  const series = monthly(invoices)
  const isWaiting = !isWhole && !error
  return (
    <section className="totals" aria-labelledby="totals-heading" aria-busy={isWaiting}>
      <h2 id="totals-heading">Totals by month</h2>
      {error && <Problem title="The totals could not be loaded." causes={failures(error)} retry={again} />}
      {isWaiting && invoices.length === 0 && <Skeleton lines={6} what="the totals" />}
      {(isWhole || invoices.length > 0) && (
        <p className="count" role="status">
          {summary(totals)}
        </p>
      )}
      {series.length > 0 && <Charts series={series} silent={unstated(invoices)} />}
    </section>
  )
}

function Charts({ series, silent }: { series: readonly Series[]; silent: ReadonlyMap<string, number> }) {
  const months = series[0]?.months.map(({ month }) => month) ?? []
  return (
    <div className="charts">
      {series.map((one, position) => (
        <Chart key={one.currency} series={one} position={position} />
      ))}
      <Silent months={months} silent={silent} />
      <MonthAxis months={months} />
      <ChartTable series={series} silent={silent} />
    </div>
  )
}
