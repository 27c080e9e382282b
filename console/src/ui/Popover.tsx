import { Content, Root, Trigger } from '@radix-ui/react-popover'
import { ChevronDown } from 'lucide-react'
import { type ReactNode, useId, useState } from 'react'

interface Props {
  label: string
  text: string // what is chosen
  children: ReactNode | ((close: () => void) => ReactNode)
}

/** A labelled button that opens a panel beside it, where there is space. Escape and any click or focus elsewhere close it. */
export function Popover({ label, text, children }: Props) {
  const [open, setOpen] = useState(false)
  const id = useId()
  return (
    <Root open={open} onOpenChange={setOpen}>
      <div className="field multi">
        <span id={`${id}-label`}>{label}</span>
        <Trigger id={`${id}-button`} aria-labelledby={`${id}-label ${id}-button`}>
          <span>{text}</span> <ChevronDown className="icon" aria-hidden="true" />
        </Trigger>
        <Content className="options" align="start" sideOffset={4} collisionPadding={8} aria-labelledby={`${id}-label`}>
          {typeof children === 'function' ? children(() => setOpen(false)) : children}
        </Content>
      </div>
    </Root>
  )
}
