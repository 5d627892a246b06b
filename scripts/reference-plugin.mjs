/**
 * What typedoc cannot be told by typedoc.json: in which category things are shown, what guides are called, and where
 * their links to files of the repository lead.
 */
import { existsSync } from 'node:fs'
import { dirname, relative, resolve, sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Application, Comment, CommentTag, Converter, Renderer } from 'typedoc'

const root = fileURLToPath(new URL('..', import.meta.url))

/** By folder or file of the sources; the first that fits counts. */
const CATEGORIES = [
  [/^src\/core\/errors\//, 'Errors'],
  [/^src\/core\/session\/events\.ts$/, 'Events'],
  [/^src\/(core\/pool)\//, 'Pools'],
  [/^src\/core\/(session|clock)/, 'Sessions'],
  [/^src\/(clients|core\/send)\//, 'Clients'],
  [/^src\/core\/tokens\//, 'Tokens'],
  [/^src\/token-endpoints\//, 'Token endpoints'],
  [/^src\/(core\/store|stores)\//, 'Stores'],
  [/^docs\/integrations\//, 'With other libraries'],
  [/^docs\/migrating\//, 'Coming from another library'],
  [/^docs\/mercado-pago\//, 'Mercado Pago'],
  [/^docs\/decisions\//, 'Decisions'],
  [/^docs\//, 'Guides'],
  [/^[A-Z]+\.md$/, 'The project'],
]
/** What a page shows by itself, and must therefore be copied beside it. */
const IMAGE = /\.(svg|png|jpe?g|gif|webp)$/

export function load(app) {
  app.on(Application.EVENT_BOOTSTRAP_END, () => {
    app.options.setValue('markdownItLoader', (parser) => parser.core.ruler.push('code-in-headings', nameCodeInHeadings))
    app.options.setValue('disableSources', !repository())
    app.options.setValue('sourceLinkTemplate', `${repository()}/{path}#L{line}`)
  })
  app.converter.on(Converter.EVENT_RESOLVE_BEGIN, (context) => {
    const { project } = context
    for (const entry of project.children ?? []) {
      inCategory(entry, 'Entries')
      for (const child of entry.children ?? []) categorize(child, context)
    }
    const readme = app.options.getValue('readme')
    followLinks(project.readme, readme, '.')
    for (const document of project.documents ?? []) {
      const path = project.files.getReflectionPath(document)
      document.frontmatter.category ??= categoryOf(path)
      followLinks(document.content, path, 'documents')
    }
    const files = project.files.getNameToAbsoluteMap.bind(project.files)
    project.files.getNameToAbsoluteMap = () => new Map([...files()].filter(([, path]) => IMAGE.test(path)))

    function followLinks(content, path, folder) {
      for (const part of content ?? []) if (part.kind === 'relative-link') followLink(part, path, folder)
    }

    /** A link to another page stays one; what is no page is a file of the repository. */
    function followLink(part, path, folder) {
      if (typeof project.files.resolve(part.target, project) === 'object') return
      const [file, anchor] = part.text.split('#')
      const absolute = resolve(dirname(path), decodeURI(file))
      if (!existsSync(absolute)) app.logger.warn(`${fromRoot(path)} links to ${file}, which does not exist`)
      if (IMAGE.test(file)) return
      Object.assign(part, { kind: 'text', text: `${placeOf(absolute, folder)}${anchor ? `#${anchor}` : ''}` })
    }

    function placeOf(absolute, folder) {
      const here = () => slashed(relative(resolve(app.options.getValue('out'), folder), absolute))
      return repository() ? `${repository()}/${fromRoot(absolute)}` : here()
    }
  })

  // After all else: categories are sorted by name when they are made.
  app.converter.on(Converter.EVENT_RESOLVE_END, (context) => inOrder(context, app.options.getValue('entryPoints')), -1000)

  // Addresses are made of the names of files, and must be made before the titles take their place.
  app.renderer.on(Renderer.EVENT_BEGIN, ({ project }) => {
    for (const document of project.documents ?? []) document.name = titleOf(document.content) ?? document.name
  })
}

/** Where files can be seen, as GitHub's actions tell; `undefined` elsewhere, where links lead into the clone. */
function repository() {
  const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: name, GITHUB_SHA: commit = 'HEAD' } = process.env
  return server && name ? `${server}/${name}/blob/${commit}` : undefined
}

/** Puts an export where its source file belongs; one that another entry exports too is where it is there. */
function categorize(reflection, context) {
  const declared = reflection.isReference() ? reflection.getTargetReflectionDeep() : reflection
  const file = fileOf(declared, context)
  const category = file && categoryOf(file)
  if (category) inCategory(reflection.signatures?.[0] ?? reflection, category)
}

function inCategory(reflection, category) {
  reflection.comment ??= new Comment()
  reflection.comment.blockTags.push(new CommentTag('@category', [{ kind: 'text', text: category }]))
}

/** Entries in the order of typedoc.json: what most people need comes first. */
function inOrder(context, entryPoints) {
  const { project } = context
  const place = (entry) => entryPoints.findIndex((path) => resolve(path) === resolve(fileOf(entry, context) ?? ''))
  const byPlace = (a, b) => place(a) - place(b)
  project.children?.sort(byPlace)
  project.categories?.find(({ title }) => title === 'Entries')?.children.sort(byPlace)
}

/** The file of an export, or of an entry. */
function fileOf(reflection, context) {
  return context.getSymbolFromReflection(reflection)?.declarations?.[0]?.getSourceFile().fileName
}

function categoryOf(path) {
  return CATEGORIES.find(([place]) => place.test(fromRoot(path)))?.[1]
}

/** typedoc leaves code out of the names and addresses of headings: "## `fakeClock`" would have none. */
function nameCodeInHeadings({ tokens, Token }) {
  const html = (content) => Object.assign(new Token('html_inline', '', 0), { content })
  for (const [index, heading] of tokens.entries()) {
    if (tokens[index - 1]?.type !== 'heading_open') continue
    heading.children = heading.children.flatMap((token) => {
      if (token.type !== 'code_inline') return [token]
      return [html('<code>'), Object.assign(new Token('text', '', 0), { content: token.content }), html('</code>')]
    })
  }
}

/** A guide is called what its first heading says. */
function titleOf([first]) {
  return /^\s*# (.+)\n/.exec(first?.text ?? '')?.[1].replaceAll('`', '')
}

function fromRoot(path) {
  return slashed(relative(root, path))
}

function slashed(path) {
  return path.split(sep).join('/')
}
