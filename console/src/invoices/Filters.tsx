import { useQuery } from '@apollo/client/react'
import { SlidersHorizontal } from 'lucide-react'
import { useState } from 'react'
import { graphql } from '../gql'
import { useAccounts } from '../graph/accounts'
import { choose, useParams } from '../lib/address'
import { PAYMENTS } from '../lib/payment'
import { MultiSelect } from '../ui/MultiSelect'
import { SearchField } from '../ui/SearchField'
import type { Option } from '../ui/Select'
import { chosenIn, clearFilters, isFiltered } from './filter'

const CurrenciesQuery = graphql(`
  query Currencies {
    spend(groupBy: [], breakdown: TOTALS) {
      totals {
        currency
      }
    }
  }
`)

/** The filters of the list. On narrow screens a button shows all of them except the search. */
export function Filters() {
  const params = useParams()
  const { accounts } = useAccounts()
  const { data } = useQuery(CurrenciesQuery)
  const [open, setOpen] = useState(false)
  const providers = new Map(accounts.map(({ provider }) => [provider.id, provider.name]))
  const codes = data?.spend.totals.flatMap(({ currency }) => currency ?? []) ?? []
  const list = (name: 'providers' | 'accounts' | 'paymentStatus' | 'currency', label: string, options: readonly Option[]) => (
    <MultiSelect label={label} values={chosenIn(params, name)} options={options} onChange={(values) => choose({ [name]: values })} />
  )
  return (
    <search className="filters" data-open={open} aria-label="Filters">
      <SearchField
        value={params.get('search') ?? ''}
        placeholder="Number, reference, product"
        onChange={(search) => choose({ search }, 'replaceState')}
      />
      <button type="button" className="more-filters" aria-expanded={open} onClick={() => setOpen(!open)}>
        <SlidersHorizontal className="icon" aria-hidden="true" /> Filters
      </button>
      {list('providers', 'Provider', [...providers])}
      {list('accounts', 'Account', accounts.map(({ id, name }) => [id, name]))}
      {list('paymentStatus', 'Payment', Object.entries(PAYMENTS))}
      {list('currency', 'Currency', codes.map((code) => [code, code]))}
      <button type="button" className="plain clear" disabled={!isFiltered(params)} onClick={clearFilters}>
        Clear
      </button>
    </search>
  )
}
