import { useQuery } from '@apollo/client/react'
import { graphql } from '../../gql'
import { failures } from '../../graph/failures'
import { Problem } from '../../ui/Problem'
import { Skeleton } from '../../ui/Skeleton'
import { Credit } from './Credit'
import { Projects } from './Projects'
import { Section } from '../../ui/Section'

const GrantsQuery = graphql(`
  query Grants($id: ID!) {
    invoice(id: $id) {
      id
      credits {
        id
        ...Credit
      }
      projects {
        ...Project
      }
    }
  }
`)

/** Credits and projects. As with the line items, a null with an error differs from a null alone. */
export function Grants({ id }: { id: string }) {
  const { data, error, loading, refetch } = useQuery(GrantsQuery, { variables: { id }, fetchPolicy: 'network-only' })
  const causes = failures(error, 'credits')
  const credits = data?.invoice?.credits
  return (
    <>
      <Section title="Credits" busy={loading}>
        {loading && <Skeleton lines={2} what="the credits" />}
        {!loading && causes.length > 0 && <Problem title="The credits could not be loaded." causes={causes} retry={() => refetch()} />}
        {!loading && causes.length === 0 && !credits && <p className="unknown">The provider does not report credits.</p>}
        {credits?.length === 0 && <p>None.</p>}
        {credits && credits.length > 0 && (
          <ul className="lines">
            {credits.map((credit) => (
              <Credit key={credit.id} credit={credit} />
            ))}
          </ul>
        )}
      </Section>
      {data?.invoice?.projects && <Projects projects={data.invoice.projects} />}
    </>
  )
}
