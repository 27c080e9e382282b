import type { InvoiceFilter } from '../gql/graphql'
import { Download } from '../ui/Download'
import { exportHref, missingInFiles } from './filter'

/** Files of exactly the filtered invoices. A filter that a file cannot have is named, and there is no file with more. */
export function Export({ filterBy }: { filterBy: InvoiceFilter }) {
  const missing = missingInFiles(filterBy)
  if (missing.length > 0)
    return <p className="note">Files cannot be filtered by “{missing.join('” and “')}”. Remove this filter to export.</p>
  return (
    <>
      <Download href={exportHref('invoices.csv', filterBy)}>Export CSV</Download>
      <Download href={exportHref('lines.csv', filterBy)}>Export line items</Download>
    </>
  )
}
