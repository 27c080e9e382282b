import { parts } from '../../lib/money'
import { monthName } from '../../lib/time'
import { Table, type Column } from '../Table'
import type { ChartSeries } from './MonthChart'
import type { Stack } from './stack'

interface Props {
  title: string
  currency: string
  stacks: readonly Stack[]
  series: readonly ChartSeries[]
  notes: ReadonlyMap<string, string>
  monthHref: ((month: string) => string) | undefined
}

/** The numbers of a chart as a table. */
export function ChartTable({ title, currency, stacks, series, notes, monthHref }: Props) {
  const columns: Column<Stack>[] = [
    { key: 'month', header: 'Month', cell: ({ month }) => monthName(month) },
    ...series.map((one, index): Column<Stack> => ({
      key: one.key,
      header: one.label,
      align: 'end',
      cell: (stack) => <Digits amount={stack.parts.find(({ series: place }) => place === index)?.amount.toFixed()} currency={currency} />,
    })),
    { key: '\u03a3', header: 'Total', align: 'end', cell: ({ total }) => <Digits amount={total?.toFixed()} currency={currency} /> },
  ]
  const noted: Column<Stack> = { key: 'note', header: 'Not included', cell: ({ month }) => notes.get(month) ?? '' }
  return <Table caption={title} columns={notes.size ? [...columns, noted] : columns} rows={stacks} rowKey={({ month }) => month} rowHref={monthHref && (({ month }) => monthHref(month))} />
}

function Digits({ amount, currency }: { amount: string | undefined; currency: string }) {
  if (amount === undefined) return <span className="unknown">none</span>
  const { whole, fraction } = parts(amount, currency)
  return (
    <span className="amount">
      {whole}
      {fraction && <span className="fraction">{fraction}</span>}
    </span>
  )
}
