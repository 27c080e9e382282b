import { monthName } from '../../lib/time'
import { Sum } from '../Amount'
import { toneOf, type ChartSeries } from './MonthChart'
import type { Stack } from './stack'

interface Props {
  currency: string
  stack: Stack
  series: readonly ChartSeries[]
  note: string | undefined
  at: number // the middle of its month, as a fraction of the chart's width
}

/** The numbers of the month under the pointer. The table has them for everyone else. */
export function Readout({ currency, stack, series, note, at }: Props) {
  const money = (amount: { toFixed: () => string }) => ({ currency, amount: amount.toFixed() })
  return (
    <div className="readout" aria-hidden="true" data-end={at > 0.5 || undefined} style={{ '--at': at } as React.CSSProperties}>
      <strong>{monthName(stack.month)}</strong>
      {stack.parts.toReversed().map((part) => (
        <div key={part.series}>
          <span className="key" data-series={toneOf(series[part.series]!, part.series)}>
            {series[part.series]?.label}
          </span>
          <Sum money={money(part.amount)} />
        </div>
      ))}
      <div className="sum-line">
        <span>{stack.total ? 'Total' : 'No amount is known'}</span>
        {stack.total && <Sum money={money(stack.total)} />}
      </div>
      {note && <small>{note}</small>}
    </div>
  )
}
