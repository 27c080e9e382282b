import { useQuery } from '@apollo/client/react'
import { graphql } from '../../gql'
import { failures } from '../../graph/failures'
import { useParams } from '../../lib/address'
import { Link } from '../../ui/Link'
import { EmptyState } from '../../ui/Notice'
import { Page } from '../../ui/Page'
import { Problem } from '../../ui/Problem'
import { Skeleton } from '../../ui/Skeleton'
import { Grants } from './Grants'
import { Heading, titleOf } from './Heading'
import { LineItems } from './LineItems'
import { Timeline } from './Timeline'
import './invoice.css'

const InvoiceQuery = graphql(`
  query Invoice($id: ID!) {
    invoice(id: $id) {
      id
      ...InvoiceTitle
      ...Heading
      ...Timeline
    }
  }
`)

export default function InvoicePage() {
  const id = useParams().get('id') ?? ''
  return <Contents key={id} id={id} />
}

function Contents({ id }: { id: string }) {
  const { data, error, loading, refetch } = useQuery(InvoiceQuery, { variables: { id } })
  const invoice = data?.invoice
  const causes = failures(error)
  const isAbsent = !loading && !invoice && causes.every(({ code }) => code === 'NOT_FOUND')
  return (
    <Page title={invoice ? titleOf(invoice) : 'Invoice'}>
      {loading && !invoice && <Skeleton lines={6} what="the invoice" />}
      {!loading && error && !isAbsent && <Problem title="The invoice could not be loaded." causes={causes} retry={() => void refetch()} />}
      {isAbsent && (
        <EmptyState title="This invoice was not found." action={<Link href="invoices">All invoices</Link>}>
          <p>The provider does not know it, or your key does not grant its account.</p>
        </EmptyState>
      )}
      {invoice && (
        <>
          <Heading invoice={invoice} />
          <Timeline invoice={invoice} />
          <LineItems id={id} />
          <Grants id={id} />
        </>
      )}
    </Page>
  )
}
