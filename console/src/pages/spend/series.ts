import Big from 'big.js'
import type { SpendKey } from '../../gql/graphql'
import { type SpendRow, valueOf } from '../../graph/spend'
import { sum } from '../../lib/money'
import type { ChartSeries } from '../../ui/chart/MonthChart'
import { absenceOf, nameIn } from './keys'

const MOST = 5 // series with a colour of their own; the rest is one more

const REST = 'rest'
const NONE = '' // the id of a key without a value

const idIn = (row: SpendRow, key: SpendKey) => valueOf(row, key) ?? `${NONE}${row.because ?? ''}`
const labelIn = (row: SpendRow, key: SpendKey) => nameIn(row, key) ?? capital(absenceOf(row, key))
const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

/** The currencies of the rows, that with the most rows first. */
export function currenciesOf(rows: readonly SpendRow[]): string[] {
  const counted = Map.groupBy(rows.filter(({ currency }) => currency), ({ currency }) => currency!)
  return [...counted].toSorted(([one, some], [other, more]) => more.length - some.length || (one < other ? -1 : 1)).map(([code]) => code)
}

/** The values of a key that get their own colour: all providers, else those with the largest amounts. */
export function leading(rows: readonly SpendRow[], key: SpendKey, providers: readonly string[]): readonly string[] {
  if (key === 'PROVIDER' && providers.length <= MOST + 1) return providers
  const sizes = [...Map.groupBy(rows.filter(({ billed }) => billed), (row) => idIn(row, key))].map(([id, those]) => ({ id, size: sizeOf(those) }))
  const ranked = sizes.toSorted((one, other) => other.size.cmp(one.size)).map(({ id }) => id)
  return ranked.length > MOST + 1 ? ranked.slice(0, MOST) : ranked
}

/** How much a chart shows of these rows, for the order of colours only: no sum over currencies is shown. */
const sizeOf = (rows: readonly SpendRow[]) => rows.reduce((size, { billed }) => (size.gt(new Big(billed!.amount).abs()) ? size : new Big(billed!.amount).abs()), new Big('0'))

/** The amounts of one currency by the values of `along`, as one series for each value of `key`. */
export function seriesOf(rows: readonly SpendRow[], along: SpendKey, key: SpendKey | undefined, first: readonly string[]): ChartSeries[] {
  if (!key) return [{ key: 'billed', label: 'Billed', tone: 0, amounts: amountsOf(rows, along) }]
  const place = (row: SpendRow) => first.indexOf(idIn(row, key))
  const groups = Map.groupBy(rows, (row) => (place(row) < 0 ? REST : idIn(row, key)))
  return [...groups]
    .map(([id, those]) => ({
      key: id,
      label: id === REST ? `${new Set(those.map((row) => idIn(row, key))).size} others` : labelIn(those[0]!, key),
      tone: id === REST ? MOST : place(those[0]!),
      amounts: amountsOf(those, along),
    }))
    .toSorted((one, other) => one.tone - other.tone)
}

function amountsOf(rows: readonly SpendRow[], along: SpendKey): ReadonlyMap<string, string> {
  const groups = Map.groupBy(rows.filter(({ billed }) => billed), (row) => idAlong(row, along))
  return new Map([...groups].map(([id, those]) => [id, sum(those.map(({ billed }) => billed!.amount))!.toFixed()]))
}

/** The id of a place on the axis; a month is YYYY-MM. */
export const idAlong = (row: SpendRow, key: SpendKey) => (key === 'MONTH' ? row.month!.slice(0, 7) : idIn(row, key))

/** The places of an axis with their names. */
export const placesOf = (rows: readonly SpendRow[], key: SpendKey): ReadonlyMap<string, string> =>
  new Map(rows.filter(({ billed }) => billed).map((row) => [idAlong(row, key), labelIn(row, key)]))
