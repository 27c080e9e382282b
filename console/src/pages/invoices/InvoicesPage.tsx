import { Filters } from '../../invoices/Filters'
import { exportHref, useFilter } from '../../invoices/filter'
import { InvoiceList } from '../../invoices/InvoiceList'
import { useInvoices } from '../../invoices/useInvoices'
import { Download } from '../../ui/Download'
import { Page } from '../../ui/Page'

export default function InvoicesPage() {
  const filterBy = useFilter()
  const invoices = useInvoices(filterBy)
  return (
    <Page title="Invoices" actions={<Download href={exportHref('invoices.csv', filterBy)}>Export CSV</Download>}>
      <Filters />
      <InvoiceList invoices={invoices} />
    </Page>
  )
}
