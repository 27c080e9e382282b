import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { hearCoverage } from './answers'
import { fetchWithCredential } from './credential'
import possible from '../gql/possibleTypes'
import { typePolicies } from './policies'

// Declares that a result may have data and an error, so that its types allow both.
declare module '@apollo/client' {
  namespace ApolloClient {
    namespace DeclareDefaultOptions {
      interface WatchQuery {
        errorPolicy: 'all'
      }
      interface Query {
        errorPolicy: 'all'
      }
    }
  }
}

export const client = new ApolloClient({
  link: ApolloLink.from([hearCoverage, new HttpLink({ uri: 'graphql', fetch: fetchWithCredential })]),
  cache: new InMemoryCache({ typePolicies, possibleTypes: possible.possibleTypes }),
  // A response may have data and errors: the page shows the data, and each error in the place of its field.
  defaultOptions: { watchQuery: { errorPolicy: 'all' }, query: { errorPolicy: 'all' } },
})
