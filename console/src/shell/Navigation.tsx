import { Braces } from 'lucide-react'
import { type ReactNode, useEffect, useRef } from 'react'
import { hrefOf } from '../lib/address'
import { usePeriodParameters } from '../lib/period'
import { Link } from '../ui/Link'
import { ROUTES } from './routes'

/** The name of the product and the links to its pages, which keep the period. The children follow them. */
export function Navigation({ current, children }: { current: string; children: ReactNode }) {
  const period = usePeriodParameters()
  const list = useRef<HTMLElement>(null)
  // On a narrow screen the entries do not fit: the current one is moved into view.
  useEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest', inline: 'nearest' })
  }, [current])
  return (
    <header className="side">
      <Link className="brand" href={hrefOf('', period)}>
        <svg viewBox="0 0 16 16" aria-hidden="true">
          <rect width="16" height="16" rx="4" />
          <path d="M4 12V8m4 4V4m4 8V6" />
        </svg>
        Invoicegraph
      </Link>
      <nav ref={list} aria-label="Pages">
        <ul>
          {ROUTES.map(
            ({ name, entry }) =>
              entry && (
                <li key={name}>
                  <Link href={hrefOf(name, period)} aria-current={name === current ? 'page' : undefined}>
                    <entry.icon className="icon" aria-hidden="true" /> {entry.text}
                  </Link>
                </li>
              ),
          )}
          <li className="apart">
            <a href="graphql">
              <Braces className="icon" aria-hidden="true" /> GraphiQL
            </a>
          </li>
        </ul>
      </nav>
      {children}
    </header>
  )
}
