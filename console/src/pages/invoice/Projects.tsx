import { graphql, unmask, type FragmentType } from '../../gql'
import { Amount } from '../../ui/Amount'
import { Section } from '../../ui/Section'

const ProjectFragment = graphql(`
  fragment Project on ProjectCharge {
    name
    cost {
      ...Amount
    }
  }
`)

/** The cost by project: a second view of the same money as the line items. */
export function Projects(props: { projects: readonly FragmentType<typeof ProjectFragment>[] }) {
  const charges = unmask(ProjectFragment, props.projects)
  return (
    <Section title="Projects">
      <p className="note">The same money as the line items, split by project. Do not add the two.</p>
      {charges.length === 0 && <p>None.</p>}
      <ul className="lines">
        {charges.map(({ name, cost }, position) => (
          <li key={position}>
            <strong>{name ?? <span className="unknown">project not named</span>}</strong>
            <Amount money={cost} />
          </li>
        ))}
      </ul>
    </Section>
  )
}
