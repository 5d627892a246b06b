import { describe, expect, it } from 'vitest'
import { readFolder, readYaml } from './github-files.ts'

interface Field {
  type: string
  id?: string
  attributes: { label?: string; value?: string; description?: string; options?: (string | { label: string; required?: boolean })[] }
  validations?: { required?: boolean }
}

interface Form {
  name: string
  description: string
  labels: string[]
  body: Field[]
}

const FOLDER = '.github/ISSUE_TEMPLATE'
const { 'config.yml': _config, ...forms } = Object.fromEntries(readFolder<Form>(FOLDER))

describe.each(Object.entries(forms))('%s', (_name, { name, description, body }) => {
  const fields = body.filter(({ type }) => type !== 'markdown')

  it('has what GitHub asks for', () => {
    expect(name && description).toBeTruthy()
    const ids = fields.map(({ id }) => id)
    expect(new Set(ids).size).toBe(fields.length)
    expect(ids.every((id) => /^[a-z]+$/.test(String(id)))).toBe(true)
    expect(fields.every(({ attributes }) => attributes.label)).toBe(true)
    expect(body.filter(({ type }) => !['markdown', 'input', 'textarea', 'dropdown', 'checkboxes'].includes(type))).toEqual([])
    expect(fields.filter(({ type, attributes }) => /dropdown|checkboxes/.test(type) && !attributes.options?.length)).toEqual([])
  })

  it('warns of pasting tokens', () => {
    expect(JSON.stringify(body)).toMatch(/no tokens/i)
  })
})

it.each(['bug.yml', 'provider.yml'])('%s takes no report whose author has not looked for tokens', (name) => {
  const options = forms[name]?.body.flatMap(({ type, attributes }) => (type === 'checkboxes' ? (attributes.options ?? []) : []))
  expect(options).toContainEqual({ label: 'There is no token and no secret in this report.', required: true })
})

it('asks of a bug what is needed to see it', () => {
  const required = forms['bug.yml']?.body.filter(({ validations }) => validations?.required).map(({ id }) => id)
  expect(required).toEqual(['symptom', 'reproduction', 'version', 'client', 'platform', 'storage', 'provider', 'events'])
})

it('sends security problems elsewhere', () => {
  const { blank_issues_enabled, contact_links } = readYaml(`${FOLDER}/config.yml`) as {
    blank_issues_enabled: boolean
    contact_links: { name: string; about: string }[]
  }
  expect(blank_issues_enabled).toBe(false)
  expect(contact_links).toContainEqual(expect.objectContaining({ about: expect.stringMatching(/Report a vulnerability/) }))
})
