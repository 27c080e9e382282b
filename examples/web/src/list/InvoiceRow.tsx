import { graphql, unmask, type FragmentType } from '../gql'
import { choose } from '../lib/address'
import { periodName } from '../lib/time'
import { Amount } from '../ui/Amount'
import { Payment } from '../ui/Payment'
import { Simulated } from '../ui/Simulated'

const InvoiceRowFragment = graphql(`
  fragment InvoiceRow on Invoice {
    id
    number
    stale
    period {
      start
      end
    }
    account {
      id
      name
      sandbox
    }
    total {
      ...Amount
    }
    ...Payment
  }
`)

/** One invoice of the list. A click opens its details. */
export function InvoiceRow(props: { invoice: FragmentType<typeof InvoiceRowFragment> }) {
  const invoice = unmask(InvoiceRowFragment, props.invoice)
  return (
    <li>
      <button type="button" className="row" aria-haspopup="dialog" onClick={() => choose({ invoice: invoice.id }, 'pushState')}>
        <span className="period">{periodName(invoice.period)}</span>
        <span className="account">
          {invoice.account.name} <Simulated account={invoice.account} />
          {invoice.stale && <span className="tag warn">out of date</span>}
        </span>
        <span className="number">{invoice.number ?? <span className="unknown">no number</span>}</span>
        <Payment invoice={invoice} />
        <Amount money={invoice.total} />
      </button>
    </li>
  )
}
