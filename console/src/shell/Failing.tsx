import { Component, type ReactNode } from 'react'
import { Notice } from '../ui/Notice'

/** Shows a message instead of a page whose code could not be loaded or failed. */
export class Failing extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false }

  static getDerivedStateFromError() {
    return { failed: true }
  }

  override render() {
    if (!this.state.failed) return this.props.children
    return (
      <Notice
        tone="bad"
        alert
        title="This page could not be shown."
        action={
          <button type="button" onClick={() => location.reload()}>
            Reload
          </button>
        }
      >
        <p>Its code could not be loaded or failed. A newer version of the service may be running.</p>
      </Notice>
    )
  }
}
