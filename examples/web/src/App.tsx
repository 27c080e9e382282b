import { useMemo, useState } from 'react'
import { CoverageStrip } from './coverage/CoverageStrip'
import { Details } from './details/Details'
import { filterOf } from './filters/chosen'
import { Filters } from './filters/Filters'
import type { InvoiceFilter } from './gql/graphql'
import { useAddress } from './lib/address'
import { InvoiceList } from './list/InvoiceList'
import { useInvoices } from './list/useInvoices'
import { Totals } from './totals/Totals'
import { useTotals } from './totals/useTotals'
import { SignIn } from './ui/SignIn'

export function App() {
  const chosen = useAddress()
  const key = JSON.stringify(filterOf(chosen))
  const filterBy = useMemo<InvoiceFilter>(() => JSON.parse(key), [key]) // the same object while the filters are unchanged
  const invoices = useInvoices(filterBy)
  const totals = useTotals(filterBy)
  const currencies = useSeen(totals.invoices.flatMap(({ total }) => total?.currency ?? []))
  const again = () => {
    void invoices.again()
    totals.again()
  }
  return (
    <>
      <a className="skip" href="#invoices">
        Skip to the invoices
      </a>
      <header className="top">
        <h1>Invoices</h1>
        <p>Every account in one list</p>
      </header>
      <main>
        <SignIn onEntered={again} />
        <Filters chosen={chosen} currencies={currencies} />
        {invoices.list && <CoverageStrip coverage={invoices.list.coverage} retry={again} />}
        <Totals totals={totals} />
        <InvoiceList invoices={invoices} />
      </main>
      {chosen.invoice && <Details id={chosen.invoice} />}
    </>
  )
}

/** All values seen so far, so that a selected filter does not remove the other options. */
function useSeen(values: readonly string[]): readonly string[] {
  const [seen, setSeen] = useState<readonly string[]>([])
  const all = [...new Set([...seen, ...values])].toSorted()
  if (all.length > seen.length) setSeen(all)
  return seen
}
