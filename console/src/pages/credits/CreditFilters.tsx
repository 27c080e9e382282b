import { useAccounts } from '../../graph/accounts'
import { choose, useParams } from '../../lib/address'
import { MultiSelect } from '../../ui/MultiSelect'
import type { Option } from '../../ui/Select'
import { clearFilters, isFiltered, KINDS, NO_STATE, STATES } from './filter'

const STATE_OPTIONS: readonly Option[] = [...Object.entries(STATES), [NO_STATE, 'Not stated']]

export function CreditFilters() {
  const params = useParams()
  const { accounts } = useAccounts()
  const list = (name: 'kinds' | 'states' | 'accounts', label: string, options: readonly Option[]) => (
    <MultiSelect label={label} values={params.getAll(name)} options={options} onChange={(values) => choose({ [name]: values })} />
  )
  return (
    <search className="filters" aria-label="Filters">
      {list('kinds', 'Kind', Object.entries(KINDS))}
      {list('states', 'State', STATE_OPTIONS)}
      {list('accounts', 'Account', accounts.map(({ id, name }) => [id, name]))}
      <button type="button" className="plain clear" disabled={!isFiltered(params)} onClick={clearFilters}>
        Clear
      </button>
    </search>
  )
}
