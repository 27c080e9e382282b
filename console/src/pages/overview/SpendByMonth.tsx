import type { MaskedCoverage } from '../../graph/coverage'
import { providersOf } from '../../graph/accounts'
import { combinedRows, type SpendRow } from '../../graph/spend'
import { hrefOf } from '../../lib/address'
import { written } from '../../lib/money'
import { periodText, type Period, usePeriodParameters } from '../../lib/period'
import { firstOf, lastOf, monthOf, months } from '../../lib/time'
import { Sum } from '../../ui/Amount'
import { EmptyList } from '../../ui/CoverageNotes'
import { Link } from '../../ui/Link'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'
import { type ChartSeries, MonthChart } from '../../ui/chart/MonthChart'
import type { Overview } from './useOverview'

/** The spend of the period: its sum, and a chart for each currency, stacked by provider. */
export function SpendByMonth({ overview, period }: { overview: Overview; period: Period }) {
  const { parts, awaited, outdated } = overview
  const parameters = usePeriodParameters()
  const rows = combinedRows(parts.map(({ spend }) => spend.rows), ['MONTH', 'PROVIDER'])
  const totals = combinedRows(parts.map(({ spend }) => spend.totals), [])
  const coverage = parts.flatMap(({ spend }): MaskedCoverage => spend.coverage)
  return (
    <Section
      title="Spend by month"
      note={`${periodText(period)}. Posted invoices, by the month in which their period starts.`}
      actions={<Link href={hrefOf('spend', { ...parameters, by: 'MONTH', then: 'PROVIDER' })}>Break down</Link>}
      busy={awaited.length > 0}
    >
      {parts.length === 0 && awaited.length > 0 && <Skeleton lines={8} what="the spend" />}
      {parts.length > 0 && rows.length === 0 && <Empty overview={overview} period={period} coverage={coverage} />}
      {rows.length > 0 && (
        <>
          <Totals totals={totals} order={currenciesIn(rows)} href={hrefOf('invoices', parameters)} />
          <div className="charts" data-outdated={outdated || undefined}>
            <Charts rows={rows} providers={providersOf(overview.accounts)} />
          </div>
        </>
      )}
    </Section>
  )
}

function Empty({ overview: { awaited, again }, period, coverage }: { overview: Overview; period: Period; coverage: MaskedCoverage }) {
  if (awaited.length > 0) return <Skeleton lines={8} what="the spend" />
  return (
    <>
      <EmptyList coverage={coverage} what="posted invoices in this period" retry={again} />
      {period.preset === 'month' && <p className="note">The invoices of a month are posted after its end. Until then, see “This month to date”.</p>}
    </>
  )
}

function Totals({ totals, order, href }: { totals: readonly SpendRow[]; order: readonly string[]; href: string }) {
  const money = order.flatMap((code) => totals.find(({ currency }) => currency === code)?.billed ?? [])
  const unpriced = totals.reduce((count, { unpriced: some }) => count + some, 0)
  return (
    <p className="period-total">
      <span>Billed</span>
      {money.map((one) => (
        <Link key={one.currency} href={href}>
          <Sum money={one} />
        </Link>
      ))}
      {unpriced > 0 && (
        <span className="note">
          {unpriced} {unpriced === 1 ? 'amount is' : 'amounts are'} not stated, and in no sum.
        </span>
      )}
    </p>
  )
}

const hrefOfMonth = (month: string) => hrefOf('invoices', { period: 'custom', from: firstOf(month), to: lastOf(month) })

/** One chart per currency, each with all months of the rows, stacked by provider. */
function Charts({ rows, providers }: { rows: readonly SpendRow[]; providers: readonly string[] }) {
  const seen = rows.map(({ month }) => monthOf(month!))
  const span = months(seen[0]!, seen.at(-1)!)
  const currencies = currenciesIn(rows)
  return currencies.map((currency) => (
    <MonthChart
      key={currency}
      title="Spend by month"
      currency={currency}
      months={span}
      series={seriesOf(rows, currency, providers)}
      notes={notesOf(rows, currency)}
      monthHref={hrefOfMonth}
    />
  ))
}

/** A provider has the same colour in every currency. */
function seriesOf(rows: readonly SpendRow[], currency: string, providers: readonly string[]): ChartSeries[] {
  const stated = rows.filter(({ billed }) => billed?.currency === currency)
  return [...Map.groupBy(stated, ({ provider }) => provider?.id ?? '')]
    .toSorted(([one], [other]) => (one < other ? -1 : 1))
    .map(([key, those]) => ({
      key,
      tone: providers.indexOf(key),
      label: those[0]?.provider?.name ?? 'Not stated',
      amounts: new Map(those.map(({ month, billed }) => [monthOf(month!), billed!.amount])),
    }))
}

/** What the bar of a month lacks: amounts that are not stated, and what a provider billed in a currency that is not its usual one. */
function notesOf(rows: readonly SpendRow[], currency: string): Map<string, string> {
  const usual = new Map([...Map.groupBy(rows, ({ provider }) => provider?.id)].map(([id, those]) => [id, currenciesIn(those)[0]]))
  const usualRows = rows.filter(({ provider }) => usual.get(provider?.id) === currency)
  return new Map(
    [...Map.groupBy(usualRows, ({ month }) => monthOf(month!))].flatMap(([month, those]) => {
      const unpriced = those.reduce((count, row) => count + row.unpriced, 0)
      const others = those.filter((row) => row.billed && row.currency !== currency)
      const notes = [
        ...(unpriced > 0 ? [`${unpriced} ${unpriced === 1 ? 'amount is' : 'amounts are'} not stated`] : []),
        ...others.map((row) => `${row.provider?.name} billed ${written(row.billed!)}`),
      ]
      return notes.length ? [[month, notes.join('; ')] as const] : []
    }),
  )
}

/** The currencies of the rows, that with the most rows first. */
function currenciesIn(rows: readonly SpendRow[]): string[] {
  const counted = Map.groupBy(rows.filter(({ currency }) => currency), ({ currency }) => currency!)
  return [...counted].toSorted(([one, some], [other, more]) => more.length - some.length || (one < other ? -1 : 1)).map(([code]) => code)
}
