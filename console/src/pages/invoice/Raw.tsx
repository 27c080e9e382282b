import { useLazyQuery } from '@apollo/client/react'
import { graphql } from '../../gql'
import { failures } from '../../graph/failures'
import { Problem } from '../../ui/Problem'
import { Section } from '../../ui/Section'
import { Skeleton } from '../../ui/Skeleton'

const RawQuery = graphql(`
  query InvoiceRaw($id: ID!) {
    invoice(id: $id) {
      id
      raw
    }
  }
`)

/** The provider's own object, read on request: it may cost a call, and not every key may see it. */
export function Raw({ id }: { id: string }) {
  const [read, { called, data, error, loading }] = useLazyQuery(RawQuery, { fetchPolicy: 'no-cache' })
  const load = () => void read({ variables: { id } })
  const causes = loading ? [] : failures(error)
  const raw = data?.invoice?.raw
  return (
    <Section
      title="Original object"
      note="As the provider sent it, with every number as a text of its digits."
      actions={
        !called && (
          <button type="button" onClick={load}>
            Show
          </button>
        )
      }
    >
      {loading && <Skeleton lines={4} what="the original object" />}
      {causes.length > 0 && <Problem title="The original object could not be loaded." causes={causes} retry={load} />}
      {raw != null && (
        <pre className="raw" tabIndex={0} role="region" aria-label="Original object">
          {JSON.stringify(raw, null, 2)}
        </pre>
      )}
    </Section>
  )
}
