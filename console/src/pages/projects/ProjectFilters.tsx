import { useAccounts } from '../../graph/accounts'
import { choose, useParams } from '../../lib/address'
import { MultiSelect } from '../../ui/MultiSelect'
import { SearchField } from '../../ui/SearchField'

export const isFiltered = (params: URLSearchParams) => params.has('search') || params.has('accounts')

export const clearFilters = () => choose({ search: '', accounts: [] })

export function ProjectFilters() {
  const params = useParams()
  const { accounts } = useAccounts()
  return (
    <search className="filters" aria-label="Filters">
      <SearchField value={params.get('search') ?? ''} placeholder="Name of the project" onChange={(search) => choose({ search }, 'replaceState')} />
      <MultiSelect
        label="Account"
        values={params.getAll('accounts')}
        options={accounts.map(({ id, name }) => [id, name])}
        onChange={(values) => choose({ accounts: values })}
      />
      <button type="button" className="plain clear" disabled={!isFiltered(params)} onClick={clearFilters}>
        Clear
      </button>
    </search>
  )
}
