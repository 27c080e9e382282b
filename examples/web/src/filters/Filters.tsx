import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { graphql } from '../gql'
import { choose, type Chosen, type Name } from '../lib/address'
import { PAYMENTS } from '../lib/payment'
import { Choice } from './Choice'
import { Search } from './Search'

const AccountsQuery = graphql(`
  query Accounts {
    accounts {
      id
      name
    }
  }
`)

const NOTHING: Chosen = { search: '', account: '', payment: '', currency: '', from: '', to: '' }

/** The filters of the list. On narrow screens a button shows all filters except the search. */
export function Filters({ chosen, currencies }: { chosen: Chosen; currencies: readonly string[] }) {
  const { data } = useQuery(AccountsQuery)
  const [open, setOpen] = useState(false)
  const active = Object.keys(NOTHING).filter((name) => chosen[name as Name]).length
  return (
    <search className="filters" data-open={open} aria-label="Filters">
      <Search chosen={chosen.search ?? ''} />
      <button type="button" className="more-filters" aria-expanded={open} onClick={() => setOpen(!open)}>
        Filters{active > 0 && ` (${active})`}
      </button>
      <Choice name="account" label="Account" chosen={chosen} options={data?.accounts.map(({ id, name }) => [id, name])} />
      <Choice name="payment" label="Payment" chosen={chosen} options={Object.entries(PAYMENTS)} />
      <Choice name="currency" label="Currency" chosen={chosen} options={currencies.map((code) => [code, code])} />
      <Day name="from" label="Period from" chosen={chosen} />
      <Day name="to" label="Period to" chosen={chosen} />
      <button type="button" className="clear" disabled={active === 0} onClick={() => choose(NOTHING)}>
        Clear
      </button>
    </search>
  )
}

function Day({ name, label, chosen }: { name: 'from' | 'to'; label: string; chosen: Chosen }) {
  return (
    <label>
      <span>{label}</span>
      <input type="date" value={chosen[name] ?? ''} onChange={({ target }) => choose({ [name]: target.value })} />
    </label>
  )
}
