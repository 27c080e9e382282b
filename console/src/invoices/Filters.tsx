import { useQuery } from '@apollo/client/react'
import { SlidersHorizontal, X } from 'lucide-react'
import { useState } from 'react'
import { useAccounts } from '../graph/accounts'
import { choose, useParams } from '../lib/address'
import { MultiSelect } from '../ui/MultiSelect'
import { SearchField } from '../ui/SearchField'
import { clearFilters, isFiltered } from './filter'
import './invoices.css'
import { PaymentFilter } from './PaymentFilter'
import { CurrenciesQuery } from './queries'
import { TotalFilter } from './TotalFilter'

/** The filters of the list. On narrow screens a button shows all of them except the search. */
export function Filters() {
  const params = useParams()
  const { accounts } = useAccounts()
  const { data } = useQuery(CurrenciesQuery)
  const [open, setOpen] = useState(false)
  const providers = new Map(accounts.map(({ provider }) => [provider.id, provider.name]))
  const codes = data?.spend.totals.flatMap(({ currency }) => currency ?? []) ?? []
  const projects = params.getAll('projects').length
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
      <MultiSelect
        label="Provider"
        values={params.getAll('providers')}
        options={[...providers]}
        onChange={(values) => choose({ providers: values })}
      />
      <MultiSelect
        label="Account"
        values={params.getAll('accounts')}
        options={accounts.map(({ id, name }) => [id, name])}
        onChange={(values) => choose({ accounts: values })}
      />
      <PaymentFilter />
      <TotalFilter codes={codes} />
      {projects > 0 && (
        <button type="button" onClick={() => choose({ projects: '' })}>
          {projects === 1 ? 'One project' : `${projects} projects`} <X className="icon" aria-hidden="true" />
          <span className="unseen">Remove this filter</span>
        </button>
      )}
      <button type="button" className="plain clear" disabled={!isFiltered(params)} onClick={clearFilters}>
        Clear
      </button>
    </search>
  )
}
