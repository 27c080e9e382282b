import { useParams } from '../../lib/address'
import { day } from '../../lib/time'
import { CoverageNotes, EmptyList } from '../../ui/CoverageNotes'
import { Page } from '../../ui/Page'
import type { CreditState } from '../../gql/graphql'
import { balanceColumns, NO_BALANCE_COLUMNS } from './columns'
import { CreditFilters } from './CreditFilters'
import { CreditSection } from './CreditSection'
import { CreditStats } from './CreditStats'
import { firstEndFirst } from './ends'
import { type Chosen, clearFilters, isFiltered, NO_STATE, useChosen } from './filter'
import { type CreditList, useCredits, useNow } from './useCredits'
import { worst } from './worst'
import './credits.css'

const MOST = 200 // of one page in the graph. A longer list has a button for the next page
const PAGE = 25 // of the list that may need a call for each invoice
const USABLE = ['ACTIVE', 'NOT_STARTED'] as const
const OVER = ['EXPIRED', 'EXHAUSTED'] as const

export default function CreditsPage() {
  const params = useParams()
  const now = useNow()
  const chosen = useChosen()
  // Accounts that never state a balance are not called for the first two.
  const usable = useCredits(filterOf(chosen, USABLE, now), now, MOST)
  const over = useCredits(filterOf(chosen, OVER, now), now, MOST)
  const rest = withoutState(useCredits(chosen.states.has(NO_STATE) ? chosen.filter : undefined, now, PAGE))
  const shown = [usable, over, rest].filter(({ isChosen }) => isChosen)
  const retry = () => shown.forEach(({ again }) => again())
  const coverage = worst(shown.map((list) => list.coverage))
  return (
    <Page title="Credits" lead="What providers granted. Each credit is as the newest invoice shows it.">
      <CreditFilters />
      {shown.every(isEmpty) ? (
        <EmptyList coverage={coverage} what="credits" clear={isFiltered(params) ? clearFilters : undefined} retry={retry} />
      ) : (
        <>
          <CoverageNotes coverage={coverage} retry={retry} />
          {chosen.states.has('ACTIVE') && <CreditStats list={usable} now={now} />}
          <Sections usable={usable} over={over} rest={rest} now={now} />
        </>
      )}
    </Page>
  )
}

interface Lists {
  readonly usable: CreditList
  readonly over: CreditList
  readonly rest: CreditList
  readonly now: string
}

function Sections({ usable, over, rest, now }: Lists) {
  const columns = balanceColumns(now)
  return (
    <>
      <CreditSection
        title="Can be used"
        note={`By their dates on ${day(now)}. Those that end first come first.`}
        none="No credit can be used."
        list={usable}
        rows={firstEndFirst(usable.credits ?? [])}
        columns={columns}
      />
      <CreditSection
        title="Used up or expired"
        note="What was left at the end cannot be used any more."
        none="None."
        list={over}
        rows={over.credits ?? []}
        columns={columns}
      />
      <CreditSection
        title="Without a balance"
        note="The provider states the value only, such as coupons and rebates: neither an end, nor what is left."
        none="None."
        list={rest}
        rows={rest.credits ?? []}
        columns={NO_BALANCE_COLUMNS}
      />
    </>
  )
}

/** Whether a list was read to its end and has no credit. */
const isEmpty = ({ credits, hasMore, loading, error }: CreditList) => credits?.length === 0 && !hasMore && !loading && !error

/** The credits of a list without a state, which the filter of the graph cannot choose. */
const withoutState = (list: CreditList): CreditList => ({ ...list, credits: list.credits?.filter(({ state }) => !state) })

/** The filter for the chosen ones of these states. Undefined if none of them is chosen. */
function filterOf({ filter, states }: Chosen, of: readonly CreditState[], asOf: string) {
  const some = of.filter((state) => states.has(state))
  return some.length > 0 ? { ...filter, states: some, asOf } : undefined
}
