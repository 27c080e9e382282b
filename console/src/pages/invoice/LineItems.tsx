import { useQuery } from '@apollo/client/react'
import { useState } from 'react'
import { graphql } from '../../gql'
import { failures } from '../../graph/failures'
import { Problem } from '../../ui/Problem'
import { Skeleton } from '../../ui/Skeleton'
import { LineItem } from './LineItem'
import { Section } from '../../ui/Section'

const LineItemsQuery = graphql(`
  query LineItems($id: ID!, $after: String) {
    invoice(id: $id) {
      id
      lineItems(first: 50, after: $after) {
        edges {
          cursor
          node {
            id
            ...LineItem
          }
        }
        pageInfo {
          hasNextPage
          endCursor
        }
      }
    }
  }
`)

/** The line items, loaded when the details open: for one provider they cost a call per invoice. */
export function LineItems({ id }: { id: string }) {
  // Null with an error means "could not be loaded", null alone "lists none". The cache stores no errors, so it is not used.
  const { data, error, loading, fetchMore, refetch } = useQuery(LineItemsQuery, { variables: { id }, fetchPolicy: 'network-only' })
  const [pageError, setPageError] = useState<Error>()
  const lines = data?.invoice?.lineItems
  const causes = failures(pageError ?? error, 'lineItems')
  const more = () => {
    setPageError(undefined)
    // Do not merge a page with an error: it would remove the loaded lines.
    return fetchMore({ variables: { after: lines?.pageInfo.endCursor }, errorPolicy: 'none' }).then(undefined, setPageError)
  }
  return (
    <Section title="Line items" busy={loading}>
      {!lines && loading && <Skeleton lines={4} what="the line items" />}
      {!lines && !loading && causes.length === 0 && <p className="unknown">The provider lists no line items.</p>}
      {lines?.edges.length === 0 && <p>None.</p>}
      {lines && lines.edges.length > 0 && (
        <ul className="lines">
          {lines.edges.map(({ node }) => (
            <LineItem key={node.id} line={node} />
          ))}
        </ul>
      )}
      {causes.length > 0 && !loading && (
        <Problem title="The line items could not be loaded." causes={causes} retry={lines ? more : () => refetch()} />
      )}
      {lines?.pageInfo.hasNextPage && causes.length === 0 && (
        <button type="button" onClick={more} disabled={loading}>
          Show more lines
        </button>
      )}
    </Section>
  )
}
