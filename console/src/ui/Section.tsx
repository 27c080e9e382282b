import { type ReactNode, useId } from 'react'

interface Props {
  title: string
  note?: ReactNode // a line below the title
  actions?: ReactNode // at the end of the line of the title
  busy?: boolean
  plain?: boolean // without the card
  children: ReactNode
}

/** A titled part of a page, as a card. Screen readers find it by its title. */
export function Section({ title, note, actions, busy = false, plain = false, children }: Props) {
  const id = useId()
  return (
    <section className={plain ? 'section' : 'section card'} aria-labelledby={id} aria-busy={busy}>
      <header className="section-head">
        <div>
          <h2 id={id}>{title}</h2>
          {note && <p className="note">{note}</p>}
        </div>
        {actions && <div className="actions">{actions}</div>}
      </header>
      {children}
    </section>
  )
}
