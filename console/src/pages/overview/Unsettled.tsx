import { unmask } from '../../gql'
import { readCoverage } from '../../graph/coverage'
import { hrefOf } from '../../lib/address'
import { sums } from '../../lib/money'
import { Sums } from '../../ui/Amount'
import { Link } from '../../ui/Link'
import { nameOf, Tile } from './Tile'
import { type Overview, type Part, TotalsFragment, UNSETTLED } from './useOverview'

/** The sum of the invoices in a list of all answers. `unread`: answers whose totals are not known. */
function totalsOf(parts: readonly Part[], list: 'unsettled' | 'overdue' | 'notOverdue') {
  const stated = parts.flatMap((part) => unmask(TotalsFragment, part[list].totals) ?? [])
  const count = (name: 'invoices' | 'withoutTotal') => stated.reduce((all, totals) => all + totals[name], 0)
  return {
    money: sums(stated.flatMap((totals) => totals.sums)),
    invoices: count('invoices'),
    withoutTotal: count('withoutTotal'),
    unread: parts.length - stated.length,
  }
}

/** What is not settled, whatever the period, and what of it is overdue. */
export function Unsettled({ overview }: { overview: Overview }) {
  const { parts } = overview
  const { money, invoices, withoutTotal, unread } = totalsOf(parts, 'unsettled')
  const untracked = parts.flatMap(({ unsettled }) => readCoverage(unsettled.coverage)).filter(({ status, code, asOf }) => status === 'PARTIAL' && !code && !asOf)
  return (
    <Tile
      overview={overview}
      label="Not settled"
      href={hrefOf('invoices', { period: 'all', paymentStatus: UNSETTLED })}
      coverage={({ unsettled }) => unsettled.coverage}
      isEmpty={invoices === 0}
      figure={<Sums money={money} none={unread ? 'not known' : invoices ? 'not stated' : 'none'} />}
    >
      <span>
        {counted(invoices)}, of all months{withoutTotal > 0 && `; ${withoutTotal} without a stated total`}.
      </span>
      <Overdue parts={parts} unsettled={invoices} />
      {untracked.length > 0 && <span>Payment is not tracked: {untracked.map(nameOf).join(', ')}.</span>}
    </Tile>
  )
}

function Overdue({ parts, unsettled }: { parts: readonly Part[]; unsettled: number }) {
  const overdue = totalsOf(parts, 'overdue')
  const unknown = unsettled - overdue.invoices - totalsOf(parts, 'notOverdue').invoices // without a due date
  if (unsettled > 0 && unknown === unsettled) return <span>Overdue: not known, because no due date is known.</span>
  return (
    <span>
      <Link href={hrefOf('invoices', { period: 'all', overdue: 'true' })}>Overdue</Link>: <Sums money={overdue.money} none={overdue.invoices ? 'not stated' : 'none'} />
      {overdue.invoices > 0 && `, ${counted(overdue.invoices)}`}.{unknown > 0 && ` Of ${counted(unknown)} no due date is known.`}
    </span>
  )
}

const counted = (invoices: number) => `${invoices} ${invoices === 1 ? 'invoice' : 'invoices'}`
