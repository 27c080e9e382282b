import { useId, useState } from 'react'
import { written } from '../../lib/money'
import { monthName } from '../../lib/time'
import { Bars } from './Bars'
import { ChartTable } from './ChartTable'
import { Readout } from './Readout'
import { stacked, type Stack } from './stack'

export interface ChartSeries {
  readonly key: string
  readonly label: string
  readonly tone?: number // its colour, from 0; by default its place
  readonly amounts: ReadonlyMap<string, string> // by month as YYYY-MM; a month without an entry is not known
}

/** The number of the colour of a series. There are six. */
export const toneOf = ({ tone }: ChartSeries, place: number) => (tone ?? place) % 6

export interface MonthChartProps {
  title: string
  currency: string // of all amounts
  months: readonly string[] // YYYY-MM, in order
  series: readonly ChartSeries[] // from the axis outwards
  notes?: ReadonlyMap<string, string> // what the amounts of a month lack
  monthHref?: (month: string) => string // where the months of the table lead to
}

const NONE: ReadonlyMap<string, string> = new Map()

/** Amounts in one currency by month, stacked by series, with the same numbers as a table. */
export function MonthChart({ title, currency, months, series, notes = NONE, monthHref }: MonthChartProps) {
  const id = useId()
  const [asTable, setAsTable] = useState(false)
  const stacks = stacked(months, series)
  return (
    <figure className="chart" aria-labelledby={id}>
      <figcaption id={id}>
        <span className="unseen">{title} in</span> <b>{currency}</b>
      </figcaption>
      <Legend series={series} isLacking={notes.size > 0} />
      <button type="button" className="plain" aria-expanded={asTable} aria-controls={`${id}-table`} onClick={() => setAsTable(!asTable)}>
        {asTable ? 'Hide the table' : 'Show as a table'}
      </button>
      <Plot title={title} currency={currency} stacks={stacks} series={series} notes={notes} />
      <div id={`${id}-table`} className="chart-table" hidden={!asTable}>
        <ChartTable title={`${title} in ${currency}`} currency={currency} stacks={stacks} series={series} notes={notes} monthHref={monthHref} />
      </div>
    </figure>
  )
}

interface PlotProps {
  title: string
  currency: string
  stacks: readonly Stack[]
  series: readonly ChartSeries[]
  notes: ReadonlyMap<string, string>
}

function Plot({ title, currency, stacks, series, notes }: PlotProps) {
  const [pointed, setPointed] = useState<number>()
  const stack = pointed === undefined ? undefined : stacks[pointed]
  const highest = stacks.reduce<Stack | undefined>((high, one) => (one.total && !high?.total?.gte(one.total) ? one : high), undefined)
  const text = highest?.total
    ? `${stacks.length} months. The highest is ${monthName(highest.month)} with ${written({ amount: highest.total.toFixed(), currency })}.`
    : `${stacks.length} months without an amount.`
  return (
    <div className="plot" dir="ltr" onPointerLeave={() => setPointed(undefined)}>
      <Bars label={`${title} in ${currency}. ${text}`} currency={currency} stacks={stacks} tones={series.map(toneOf)} notes={notes} pointed={pointed} point={setPointed} />
      {stack && <Readout currency={currency} stack={stack} series={series} note={notes.get(stack.month)} at={(pointed! + 0.5) / stacks.length} />}
    </div>
  )
}

const Legend = ({ series, isLacking }: { series: readonly ChartSeries[]; isLacking: boolean }) => (
  <ul className="legend">
    {series.map((one, index) => (
      <li key={one.key} data-series={toneOf(one, index)}>
        {one.label}
      </li>
    ))}
    {isLacking && <li className="lacking">Not all amounts: see the table</li>}
  </ul>
)
