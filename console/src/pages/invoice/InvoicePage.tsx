import { useQuery } from '@apollo/client/react'
import { ArrowLeft, Printer } from 'lucide-react'
import { graphql } from '../../gql'
import { failures } from '../../graph/failures'
import { backTo, useParams } from '../../lib/address'
import { Link } from '../../ui/Link'
import { EmptyState } from '../../ui/Notice'
import { Page } from '../../ui/Page'
import { Problem } from '../../ui/Problem'
import { Skeleton } from '../../ui/Skeleton'
import { Checks } from './Checks'
import { Credits } from './Credits'
import './invoice.css'
import { LineItems } from './LineItems'
import { Projects } from './Projects'
import { ProviderFacts } from './ProviderFacts'
import { Raw } from './Raw'
import { Summary, titleOf } from './Summary'
import { Timeline } from './Timeline'
import { useContents } from './useContents'

const InvoiceQuery = graphql(`
  query Invoice($id: ID!) {
    invoice(id: $id) {
      id
      ...InvoiceTitle
      ...InvoiceSummary
      ...InvoiceTimeline
      ...InvoiceFacts
      projects {
        ...InvoiceProject
      }
    }
  }
`)

export default function InvoicePage() {
  const id = useParams().get('id') ?? ''
  return <Contents key={id} id={id} />
}

function Contents({ id }: { id: string }) {
  const { data, error, loading, refetch } = useQuery(InvoiceQuery, { variables: { id } })
  const contents = useContents(id)
  const invoice = data?.invoice
  const causes = failures(error)
  const isAbsent = !loading && !invoice && causes.every(({ code }) => code === 'NOT_FOUND')
  return (
    <Page title={invoice ? titleOf(invoice) : 'Invoice'} lead={<Back />} actions={invoice && <Print />}>
      {loading && !invoice && <Skeleton lines={10} what="the invoice" />}
      {!loading && error && !isAbsent && <Problem title="The invoice could not be loaded." causes={causes} retry={() => void refetch()} />}
      {isAbsent && (
        <EmptyState title="This invoice was not found." action={<Link href="invoices">All invoices</Link>}>
          <p>The provider does not know it, or your key does not grant its account.</p>
        </EmptyState>
      )}
      {invoice && (
        <div className="stack invoice-page">
          <Summary invoice={invoice} contents={contents} />
          <LineItems contents={contents} />
          <div className="invoice-columns">
            <Timeline invoice={invoice} />
            <Credits contents={contents} />
          </div>
          {invoice.projects && <Projects projects={invoice.projects} contents={contents} />}
          <Checks contents={contents} />
          <ProviderFacts invoice={invoice} />
          <div className="on-screen">
            <Raw id={id} />
          </div>
        </div>
      )}
    </Page>
  )
}

/** Leads to the list with the filters that it had. */
const Back = () => (
  <Link className="back" href={backTo('invoices')}>
    <ArrowLeft className="icon" aria-hidden="true" /> Back to the invoices
  </Link>
)

const Print = () => (
  <button type="button" onClick={() => print()}>
    <Printer className="icon" aria-hidden="true" /> Print
  </button>
)
