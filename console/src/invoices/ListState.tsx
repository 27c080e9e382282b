import { useQuery } from '@apollo/client/react'
import { Amount } from '../ui/Amount'
import { InvoiceTotalsQuery } from './queries'
import type { InvoiceList } from './useInvoices'

const list = new Intl.ListFormat('en', { type: 'conjunction' })

/** One line above the rows: which accounts are still being read, how many invoices there are, and the sums of their totals. */
export function ListState({ invoices }: { invoices: InvoiceList }) {
  const { reading } = invoices
  return (
    <div className="list-state">
      <p role="status">
        {reading.length > 0 && (
          <>
            <span className="pulse" aria-hidden="true" /> Still reading {list.format(reading)}.
          </>
        )}
      </p>
      <Totals invoices={invoices} />
    </div>
  )
}

/** Offers the rows that are held back, above the page, so that it moves nothing. */
export function Held({ invoices: { held, showHeld } }: { invoices: InvoiceList }) {
  return (
    <div className="held" role="status">
      {held.length > 0 && (
        <p className="card">
          {list.format(held)} {held.length === 1 ? 'was' : 'were'} read.{' '}
          <button type="button" className="primary" onClick={showHeld}>
            Add {held.length === 1 ? 'its' : 'their'} invoices
          </button>
        </p>
      )}
    </div>
  )
}

function Totals({ invoices: { filterBy, isOutdated } }: { invoices: InvoiceList }) {
  const { data, loading } = useQuery(InvoiceTotalsQuery, { variables: { filterBy }, fetchPolicy: 'cache-and-network' })
  const totals = data?.invoices.totals
  if (isOutdated || (loading && !totals)) return <p className="totals">Adding up the totals</p>
  if (!totals) return <p className="totals">The sum of the totals is not known: not every account could be read in full.</p>
  const { sums, invoices, withoutTotal } = totals
  if (invoices === 0) return null
  return (
    <p className="totals">
      <span>
        {invoices} {invoices === 1 ? 'invoice' : 'invoices'}
      </span>
      {sums.length > 0 && (
        <span className="sums">
          Stated totals:{' '}
          {sums.map((sum, place) => (
            <Amount key={place} money={sum} />
          ))}
        </span>
      )}
      {withoutTotal > 0 && <span>{withoutTotal} without a stated total, in no sum</span>}
    </p>
  )
}
