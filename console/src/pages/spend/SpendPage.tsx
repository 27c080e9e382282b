import { failures } from '../../graph/failures'
import { useAccounts } from '../../graph/accounts'
import { choose, useParams } from '../../lib/address'
import { periodText, usePeriod } from '../../lib/period'
import { CoverageNotes, EmptyList } from '../../ui/CoverageNotes'
import { MultiSelect } from '../../ui/MultiSelect'
import { Page } from '../../ui/Page'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Select } from '../../ui/Select'
import { Skeleton } from '../../ui/Skeleton'
import type { SpendKey } from '../../gql/graphql'
import { FIRST, fits, type Grouping, groupingIn, KEYS, secondFor } from './keys'
import { SpendChart } from './SpendChart'
import { SpendExport } from './SpendExport'
import { SpendTable } from './SpendTable'
import './spend.css'
import { type SpendFound, useSpend } from './useSpend'

export default function SpendPage() {
  const period = usePeriod()
  const params = useParams()
  const grouping = groupingIn(params)
  const spend = useSpend(grouping, period)
  const { rows, namedRows, totals, keys, coverage, errors, hasAnswer, outdated, again } = spend
  const isFiltered = params.has('providers') || params.has('accounts')
  const title = `Spend by ${keys.map((key) => KEYS[key].toLowerCase()).join(' and ')}`
  const causes = [...new Map(errors.flatMap((error) => failures(error)).map((one) => [one.message, one])).values()]
  const clear = isFiltered ? () => choose({ providers: '', accounts: '' }) : undefined
  const isEmpty = !spend.isStarting && spend.awaited.length === 0 && rows.length === 0 && causes.length === 0
  return (
    <Page title="Spend" lead={<Lead spend={spend} />} actions={<SpendExport spend={spend} period={period} />}>
      <Controls grouping={grouping} />
      {causes.length > 0 && <Problem title={hasAnswer ? 'Some of the spend could not be loaded.' : 'The spend could not be loaded.'} causes={causes} retry={again} />}
      {rows.length > 0 && <CoverageNotes coverage={coverage} retry={again} />}
      {rows.length === 0 && (spend.isStarting || spend.awaited.length > 0) && <Loading />}
      {isEmpty && <EmptyList coverage={coverage} what="posted invoices in this period" clear={clear} retry={again} />}
      {rows.length > 0 && (
        <>
          <Section title={title} note={noteOf(keys, periodText(period))} busy={spend.awaited.length > 0}>
            <SpendChart title={title} rows={namedRows} keys={keys} providers={spend.providers} />
          </Section>
          <SpendTable title={title} rows={namedRows} totals={totals} keys={keys} outdated={outdated} />
        </>
      )}
    </Page>
  )
}

const Loading = () => (
  <section className="card">
    <Skeleton lines={10} what="the spend" />
  </section>
)

/** What the numbers cover. It takes one line in every state. */
function Lead({ spend: { awaited, hasAnswer, isStarting, outdated } }: { spend: SpendFound }) {
  if (isStarting || outdated || (awaited.length > 0 && !hasAnswer)) return <span role="status">Loading the spend of the accounts.</span>
  if (awaited.length > 0) return <span role="status">Still reading {awaited.map(({ name }) => name).join(', ')}: not in the sums yet.</span>
  return 'What posted invoices charge. The running month is on the overview.'
}

const noteOf = (keys: readonly SpendKey[], period: string) =>
  keys.includes('PROJECT')
    ? `${period}. Shares of projects where the provider states them, and what they leave of the line items.`
    : `${period}. Sums of line items, with credits and taxes, by the month in which the billing period starts.`

function Controls({ grouping: { by, then } }: { grouping: Grouping }) {
  const params = useParams()
  const { accounts } = useAccounts()
  const providers = new Map(accounts.map(({ provider }) => [provider.id, provider.name]))
  const group = (first: string, second: string) => choose({ by: first, then: fits(first as SpendKey, second as SpendKey) ? second : '', sort: '' })
  return (
    <search className="filters" data-open aria-label="Grouping and filters">
      <Select label="Group by" value={by} options={FIRST} onChange={(value) => group(value, then ?? '')} />
      <Select label="Then by" value={then ?? ''} options={secondFor(by)} all="Nothing else" onChange={(value) => group(by, value)} />
      <MultiSelect label="Provider" values={params.getAll('providers')} options={[...providers]} onChange={(values) => choose({ providers: values })} />
      <MultiSelect label="Account" values={params.getAll('accounts')} options={accounts.map(({ id, name }) => [id, name])} onChange={(values) => choose({ accounts: values })} />
    </search>
  )
}
