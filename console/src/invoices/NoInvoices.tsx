import { readCoverage } from '../graph/coverage'
import { useParams } from '../lib/address'
import { EmptyList } from '../ui/CoverageNotes'
import { EmptyState } from '../ui/Notice'
import { clearFilters, isFiltered } from './filter'
import type { InvoiceList } from './useInvoices'

/** A list without invoices, and why. */
export function NoInvoices({ invoices: { coverage, hasAccounts, again } }: { invoices: InvoiceList }) {
  const filtered = isFiltered(useParams())
  const entries = readCoverage(coverage)
  const clear = (
    <button type="button" onClick={clearFilters}>
      Clear filters
    </button>
  )
  if (hasAccounts && entries.length === 0 && filtered)
    return (
      <EmptyState title="No account matches these filters." action={clear}>
        <p>The address names an account, a provider or a project that is not configured, or that your key does not grant.</p>
      </EmptyState>
    )
  if (filtered && entries.length > 0 && entries.every(({ status, code }) => status === 'PARTIAL' && !code))
    return (
      <EmptyState title="It is not known which invoices match these filters." action={clear}>
        <p>No account states what they ask for. Whether an invoice is overdue is known only if the operator configures the terms of payment.</p>
      </EmptyState>
    )
  return <EmptyList coverage={coverage} what="invoices" clear={filtered ? clearFilters : undefined} retry={again} />
}
