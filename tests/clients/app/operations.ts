// The operations of the scripts, typed by graphql-codegen.
import { graphql } from './gql'

export const Invoices = graphql(`
  query Invoices($first: Int!, $after: String, $filterBy: InvoiceFilter) {
    invoices(first: $first, after: $after, filterBy: $filterBy) {
      edges { node { id period { start } total { amount currency } details { reference } } }
      pageInfo { hasNextPage endCursor }
      coverage { account { id } status }
    }
  }
`)

export const MoreOfInvoice = graphql(`
  query MoreOfInvoice($id: ID!) {
    invoice(id: $id) {
      id
      period { end }
      total { currency }
      details { ... on FastlyInvoiceDetails { statementNumber } }
    }
  }
`)

export const ProjectsOf = graphql(`
  query ProjectsOf($id: ID!) {
    account(id: $id) { id projects(first: 2) { edges { node { id name } } pageInfo { hasNextPage endCursor } } }
  }
`)

export const Deferred = graphql(`
  query Deferred {
    archera: invoices(first: 2, filterBy: { providers: ["archera"] }) { nodes { id } }
    ... @defer { fastly: invoices(first: 2, filterBy: { providers: ["fastly"] }) { nodes { id } } }
  }
`)

export const Changed = graphql(`
  subscription Changed { invoiceChanged(filterBy: { providers: ["fastly"] }) { kind invoice { id } } }
`)
