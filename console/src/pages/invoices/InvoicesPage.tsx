import { Export } from '../../invoices/Export'
import { Filters } from '../../invoices/Filters'
import { useFilter } from '../../invoices/filter'
import { InvoiceList } from '../../invoices/InvoiceList'
import { useInvoices } from '../../invoices/useInvoices'
import { Page } from '../../ui/Page'

export default function InvoicesPage() {
  const filterBy = useFilter()
  const invoices = useInvoices(filterBy)
  return (
    <Page title="Invoices" actions={<Export filterBy={filterBy} />}>
      <Filters />
      <InvoiceList invoices={invoices} />
    </Page>
  )
}
