import { CircleAlert, CircleX, Info, Inbox, Lock, TriangleAlert } from 'lucide-react'
import type { ReactNode } from 'react'

export type NoticeTone = 'info' | 'warn' | 'bad' | 'locked'

const ICONS = { info: Info, warn: TriangleAlert, bad: CircleX, locked: Lock }

interface Props {
  tone?: NoticeTone
  title: string
  alert?: boolean // announced at once by screen readers
  action?: ReactNode // the next step
  children?: ReactNode
}

/** A message in the place where data is missing or special: what is the case, and the next step. */
export function Notice({ tone = 'info', title, alert = false, action, children }: Props) {
  const Icon = ICONS[tone]
  return (
    <div className="notice" data-tone={tone} role={alert ? 'alert' : undefined}>
      <Icon className="icon" aria-hidden="true" />
      <div className="notice-text">
        <strong>{title}</strong>
        {children}
      </div>
      {action && <div className="actions">{action}</div>}
    </div>
  )
}

/** The place of a list or a figure without any element. */
export function EmptyState({ tone = 'info', title, action, children }: Props) {
  const Icon = tone === 'info' ? Inbox : CircleAlert
  return (
    <div className="empty" data-tone={tone}>
      <Icon className="icon" aria-hidden="true" />
      <strong>{title}</strong>
      {children}
      {action}
    </div>
  )
}
