import { useQuery } from '@apollo/client/react'
import { useEffect, useRef } from 'react'
import { graphql } from '../gql'
import { failures } from '../graph/failures'
import { choose } from '../lib/address'
import { Problem } from '../ui/Problem'
import { Skeleton } from '../ui/Skeleton'
import { Grants } from './Grants'
import { Heading } from './Heading'
import { LineItems } from './LineItems'
import { Timeline } from './Timeline'

const InvoiceQuery = graphql(`
  query Invoice($id: ID!) {
    invoice(id: $id) {
      id
      ...Heading
      ...Timeline
    }
  }
`)

/** The details of one invoice, beside the list. Escape closes them and restores the focus. */
export function Details({ id }: { id: string }) {
  const dialog = useRef<HTMLDialogElement>(null)
  useEffect(() => dialog.current?.showModal(), [])
  return (
    <dialog
      ref={dialog}
      className="details"
      aria-labelledby="details-heading"
      onClose={() => choose({ invoice: '' })}
      onClick={({ target }) => target === dialog.current && dialog.current.close()}
    >
      <article>
        <button type="button" className="close" aria-label="Close" onClick={() => dialog.current?.close()}>
          ×
        </button>
        <Contents key={id} id={id} />
      </article>
    </dialog>
  )
}

function Contents({ id }: { id: string }) {
  const { data, error, loading, refetch } = useQuery(InvoiceQuery, { variables: { id } })
  if (data?.invoice)
    return (
      <>
        <Heading invoice={data.invoice} />
        <Timeline invoice={data.invoice} />
        <LineItems id={id} />
        <Grants id={id} />
      </>
    )
  return (
    <>
      <h2 id="details-heading">Invoice</h2>
      {loading && <Skeleton lines={6} what="the invoice" />}
      {!loading && error && <Problem title="The invoice could not be loaded." causes={failures(error)} retry={refetch} />}
      {!loading && !error && <p className="empty">This invoice does not exist.</p>}
    </>
  )
}
