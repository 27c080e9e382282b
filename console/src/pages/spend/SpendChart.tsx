import type { SpendKey } from '../../gql/graphql'
import type { SpendRow } from '../../graph/spend'
import { months } from '../../lib/time'
import { MonthChart } from '../../ui/chart/MonthChart'
import { Ranking } from './Ranking'
import { currenciesOf, idAlong, leading, placesOf, seriesOf } from './series'

interface Props {
  title: string
  rows: readonly SpendRow[]
  keys: readonly SpendKey[]
  providers: readonly string[] // of all accounts
}

/** A chart for each currency: by month if the month is a key, else the largest values of the first key. */
export function SpendChart({ title, rows, keys, providers }: Props) {
  const along = keys.includes('MONTH') ? 'MONTH' : keys[0]!
  const other = keys.find((key) => key !== along)
  const first = other ? leading(rows, other, providers) : []
  const seen = along === 'MONTH' ? rows.map((row) => idAlong(row, along)).toSorted() : []
  return (
    <div className="charts">
      {currenciesOf(rows).map((currency) => {
        const those = rows.filter((row) => row.currency === currency)
        const series = seriesOf(those, along, other, first)
        const shared = { title, currency, series }
        if (along === 'MONTH') return <MonthChart key={currency} {...shared} months={months(seen[0]!, seen.at(-1)!)} />
        return <Ranking key={currency} {...shared} places={placesOf(those, along)} />
      })}
    </div>
  )
}
