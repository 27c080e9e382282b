import { ApolloClient, ApolloLink, HttpLink, InMemoryCache } from '@apollo/client'
import { hearCoverage } from './answers'
import possible from '../gql/possibleTypes'
import { typePolicies } from './policies'

// Without this the types of results would not know that data and an error come together.
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
  link: ApolloLink.from([hearCoverage, new HttpLink({ uri: '/graphql' })]),
  cache: new InMemoryCache({ typePolicies, possibleTypes: possible.possibleTypes }),
  // An answer may hold data and errors: the data is shown, and each error where its field would stand.
  defaultOptions: { watchQuery: { errorPolicy: 'all' }, query: { errorPolicy: 'all' } },
})
