import { type ApolloClient, NetworkStatus, type ObservableQuery } from '@apollo/client'
import type { InvoiceFilter, InvoiceOrder, InvoicesQuery as Data, InvoicesQueryVariables as Variables } from '../gql/graphql'
import { InvoicesQuery } from './queries'

export const PAGE = 25 // invoices of one account in one request

/** What is known of one account's invoices. */
export interface Reading {
  readonly account: string
  readonly list: Data['invoices'] | undefined
  readonly error: Error | undefined // of the first page
  readonly pageError: Error | undefined
  readonly isReading: boolean
  readonly isReadingMore: boolean
}

/**
 * Reads each account by a request of its own, so a slow provider delays only its own rows. Requests and not `@defer`: each
 * account fails, is retried and has pages by itself, and no proxy needs to pass on parts of a response.
 */
export class Reader {
  private readonly client: ApolloClient
  private readonly queries: ReadonlyMap<string, ObservableQuery<Data, Variables>>
  private readonly pageErrors = new Map<string, Error>()
  private readonly asking = new Set<string>()
  private listeners = new Set<() => void>()
  private readings: readonly Reading[]

  constructor(client: ApolloClient, accounts: readonly string[], filterBy: InvoiceFilter, orderBy: InvoiceOrder) {
    this.client = client
    const queryOf = (account: string) =>
      client.watchQuery({
        query: InvoicesQuery,
        variables: { first: PAGE, orderBy, filterBy: { ...filterBy, accounts: [account] } },
      })
    this.queries = new Map(accounts.map((account) => [account, queryOf(account)]))
    this.readings = this.read()
  }

  readonly snapshot = () => this.readings

  readonly subscribe = (listener: () => void) => {
    this.listeners.add(listener)
    const subscriptions = [...this.queries.values()].map((query) => query.subscribe(() => this.update()))
    return () => {
      this.listeners.delete(listener)
      for (const subscription of subscriptions) subscription.unsubscribe()
    }
  }

  /** Load the next page of these accounts, unless it is being loaded. */
  more(accounts: readonly string[]): void {
    for (const account of accounts) void this.next(account)
  }

  again(accounts: readonly string[]): void {
    for (const account of accounts) {
      this.pageErrors.delete(account)
      void this.queries.get(account)?.refetch()
    }
  }

  private async next(account: string) {
    const query = this.queries.get(account)
    const list = query && this.listOf(query)
    if (!query || !list?.pageInfo.hasNextPage || this.asking.has(account)) return
    this.asking.add(account)
    this.pageErrors.delete(account)
    this.update()
    const failure = await query
      .fetchMore({ variables: { after: list.pageInfo.endCursor }, errorPolicy: 'all' })
      .then(({ error }) => error, (error: Error) => error)
    this.asking.delete(account)
    if (failure) this.pageErrors.set(account, failure)
    this.update()
  }

  /**
   * All loaded pages. They are read from the cache, because a query of Apollo Client 4.3 does not report each page if pages
   * of several queries arrive at the same time.
   */
  private listOf(query: ObservableQuery<Data, Variables>): Data['invoices'] | undefined {
    const known = this.client.readQuery({ query: InvoicesQuery, variables: query.variables })
    return (known ?? (query.getCurrentResult().data as Data | undefined))?.invoices
  }

  private update() {
    this.readings = this.read()
    for (const listener of this.listeners) listener()
  }

  private read(): readonly Reading[] {
    return [...this.queries].map(([account, query]) => {
      const { error, networkStatus } = query.getCurrentResult()
      const isReading = networkStatus === NetworkStatus.loading || networkStatus === NetworkStatus.refetch
      return {
        account,
        list: this.listOf(query),
        error: isReading ? undefined : error,
        pageError: this.pageErrors.get(account),
        isReading,
        isReadingMore: this.asking.has(account),
      }
    })
  }
}
