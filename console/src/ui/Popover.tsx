import { ChevronDown } from 'lucide-react'
import { type KeyboardEvent, type ReactNode, useEffect, useId, useLayoutEffect, useRef, useState } from 'react'

const EDGE = 8 // pixels between a panel and the edge of the page

interface Props {
  label: string
  text: string // what is chosen
  children: ReactNode | ((close: () => void) => ReactNode)
}

/** A labelled button that opens a panel below it. Escape and any click or focus elsewhere close it. */
export function Popover({ label, text, children }: Props) {
  const [open, setOpen] = useState(false)
  const frame = useRef<HTMLDivElement>(null)
  const panel = useRef<HTMLDivElement>(null)
  const id = useId()
  useLayoutEffect(() => keepInside(panel.current), [open])
  useOutside(frame, open, () => setOpen(false))
  const close = () => {
    setOpen(false)
    frame.current?.querySelector('button')?.focus()
  }
  const onKeyDown = ({ key }: KeyboardEvent) => key === 'Escape' && open && close()
  return (
    <div ref={frame} className="field multi" onKeyDown={onKeyDown}>
      <span id={`${id}-label`}>{label}</span>
      <button type="button" id={`${id}-button`} aria-labelledby={`${id}-label ${id}-button`} aria-expanded={open} onClick={() => setOpen(!open)}>
        <span>{text}</span> <ChevronDown className="icon" aria-hidden="true" />
      </button>
      {open && <div ref={panel} className="options">{typeof children === 'function' ? children(close) : children}</div>}
    </div>
  )
}

/** Moves a panel that the edge of the page would clip. */
function keepInside(panel: HTMLElement | null) {
  if (!panel) return
  const { left, right } = panel.getBoundingClientRect()
  const beyond = Math.max(0, right + EDGE - document.documentElement.clientWidth)
  const before = Math.max(0, EDGE - left)
  panel.style.translate = `${before - beyond}px`
}

function useOutside(frame: { current: HTMLElement | null }, active: boolean, leave: () => void) {
  useEffect(() => {
    if (!active) return
    const check = ({ target }: Event) => frame.current?.contains(target as Node) || leave()
    document.addEventListener('pointerdown', check)
    document.addEventListener('focusin', check)
    return () => {
      document.removeEventListener('pointerdown', check)
      document.removeEventListener('focusin', check)
    }
  }, [active])
}
