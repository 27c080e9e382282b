import { written } from '../lib/money'
import { monthName } from '../lib/time'
import type { Series } from './monthly'

/** The chart's numbers as a table, for screen readers and for exact values. */
export function ChartTable({ series, silent }: { series: readonly Series[]; silent: ReadonlyMap<string, number> }) {
  const months = series[0]?.months ?? []
  return (
    <details className="numbers">
      <summary>The numbers as a table</summary>
      <div className="scroll" role="region" aria-label="Totals by month, as a table" tabIndex={0}>
        <table>
          <thead>
            <tr>
              <th scope="col">Month</th>
              {series.map(({ currency }) => (
                <th key={currency} scope="col">
                  {currency}
                </th>
              ))}
              <th scope="col">No total stated</th>
            </tr>
          </thead>
          <tbody>
            {months.map(({ month }, index) => (
              <tr key={month}>
                <th scope="row">{monthName(month)}</th>
                {series.map((one) => {
                  const total = one.months[index]?.total
                  return <td key={one.currency}>{total ? written(total.toFixed()) : <span className="unknown">none</span>}</td>
                })}
                <td>{silent.get(month) ?? ''}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </details>
  )
}
