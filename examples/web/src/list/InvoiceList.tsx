import { failures } from '../graph/failures'
import { Problem } from '../ui/Problem'
import { Skeleton } from '../ui/Skeleton'
import { InvoiceRow } from './InvoiceRow'
import { Rest } from './Rest'
import type { InvoiceList as List } from './useInvoices'

export function InvoiceList({ invoices }: { invoices: List }) {
  const { list, error, isOutdated, isReading, again } = invoices
  return (
    <section id="invoices" className="list" aria-labelledby="list-heading" tabIndex={-1} aria-busy={isReading}>
      <h2 id="list-heading">Invoices</h2>
      {error && !isReading && (
        <Problem
          title={list ? 'Some invoices could not be loaded.' : 'The invoices could not be loaded.'}
          causes={failures(error)}
          retry={again}
        />
      )}
      {!list && isReading && <Skeleton lines={8} what="the invoices" />}
      {list?.edges.length === 0 && !isReading && <p className="empty">No invoice matches these filters.</p>}
      {list && list.edges.length > 0 && (
        <>
          <div className="row columns" aria-hidden="true">
            <span>Period</span>
            <span>Account</span>
            <span>Number</span>
            <span>Payment</span>
            <span>Total</span>
          </div>
          <ol data-outdated={isOutdated || undefined}>
            {list.edges.map(({ node }) => (
              <InvoiceRow key={node.id} invoice={node} />
            ))}
          </ol>
          <Rest invoices={invoices} />
        </>
      )}
    </section>
  )
}
