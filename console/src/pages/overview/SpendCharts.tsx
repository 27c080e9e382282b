import { graphql, unmask, type FragmentType } from '../../gql'
import type { SpendChartFragment as Row } from '../../gql/graphql'
import { monthOf, months } from '../../lib/time'
import { MonthChart, type ChartSeries } from '../../ui/chart/MonthChart'

const SpendChartFragment = graphql(`
  fragment SpendChart on SpendRow {
    month
    provider {
      id
      name
    }
    currency
    billed {
      amount
      currency
    }
    unpriced
  }
`)

/** One chart per currency, each with all months of the rows, stacked by provider. */
export function SpendCharts(props: { rows: readonly FragmentType<typeof SpendChartFragment>[] }) {
  const rows = unmask(SpendChartFragment, props.rows)
  const seen = rows.flatMap(({ month }) => (month ? [monthOf(month)] : [])).toSorted()
  const span = seen.length ? months(seen[0]!, seen.at(-1)!) : []
  const currencies = [...new Set(rows.flatMap(({ currency }) => currency ?? []))].toSorted()
  const providers = [...new Set(rows.flatMap(({ provider }) => provider?.id ?? []))].toSorted()
  return (
    <div className="charts">
      {currencies.map((currency) => (
        <MonthChart key={currency} title="Spend by month" currency={currency} months={span} series={seriesOf(rows, currency, providers)} notes={notesOf(rows)} />
      ))}
    </div>
  )
}

/** A provider has the same colour in every currency. */
function seriesOf(rows: readonly Row[], currency: string, providers: readonly string[]): ChartSeries[] {
  const stated = rows.filter(({ billed }) => billed?.currency === currency)
  return [...Map.groupBy(stated, ({ provider }) => provider?.id ?? '')].map(([key, those]) => ({
    key,
    tone: providers.indexOf(key),
    label: those[0]?.provider?.name ?? 'Not stated',
    amounts: new Map(those.flatMap(({ month, billed }) => (month && billed ? [[monthOf(month), billed.amount] as const] : []))),
  }))
}

function notesOf(rows: readonly Row[]): Map<string, string> {
  const unpriced = Map.groupBy(rows.filter((row) => row.unpriced > 0), ({ month }) => monthOf(month ?? ''))
  return new Map(
    [...unpriced].map(([month, those]) => {
      const count = those.reduce((sum, row) => sum + row.unpriced, 0)
      return [month, `${count} ${count === 1 ? 'amount is' : 'amounts are'} not stated`]
    }),
  )
}
