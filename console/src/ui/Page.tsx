import { type ReactNode, useEffect, useRef } from 'react'
import { shownSoFar, useOpened } from '../lib/address'

interface Props {
  title: string
  lead?: ReactNode // one line below the title
  actions?: ReactNode // at the end of the line of the title
  children: ReactNode
}

/** A page: its title, also in the browser's tab, and its content. After a navigation the title gets the focus. */
export function Page({ title, lead, actions, children }: Props) {
  const heading = useRef<HTMLHeadingElement>(null)
  const opened = useOpened()
  useEffect(() => {
    if (shownSoFar() > 0) heading.current?.focus({ preventScroll: true })
  }, [opened])
  return (
    <>
      <title>{`${title} · Invoicegraph`}</title>
      <header className="page-head">
        <div>
          <h1 ref={heading} tabIndex={-1}>
            {title}
          </h1>
          {lead && <p className="lead">{lead}</p>}
        </div>
        {actions && <div className="actions">{actions}</div>}
      </header>
      {children}
    </>
  )
}
