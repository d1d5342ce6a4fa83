/** Style of every page that this project writes about answers: light and dark, from phones to wide screens. */
const pageStyle = `
:root { color-scheme: light dark; --paper: #faf9f6; --ink: #1c2025; --soft: #5d6770; --line: #dedbd3; --card: #fff;
  --skipped: #9aa3ac; --unchanged: #7d93ab; --rejected: #2f77a8; --accepted: #1f9468; --referenced: #d97f0e;
  --defaulted: #8b66bd; --failed: #a33; --positive: #1f9468; --missed: #c8372d; --alarm: #8a4fc0; --accent: #d97f0e; --teal: #16938a;
  --good: #1f9468; --fair: #b97800; --bad: #c8372d; --frontier: #2f77a8; --candidate: #a7b0b8; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171a; --ink: #e9e7e2; --soft: #9aa4ad; --line: #30363c; --card: #1c2024;
  --skipped: #6d7780; --unchanged: #7f97b2; --rejected: #4d9fd6; --accepted: #35b886; --referenced: #f0a03a; --positive: #35b886;
  --missed: #ef6a5f; --alarm: #b083e0; --accent: #f0a03a; --teal: #35b5aa; --good: #3fc48f; --fair: #e0a63a; --bad: #ef6a5f; --frontier: #5fb0e6; --candidate: #59636c; } }
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body { font: 16px/1.55 system-ui, -apple-system, "Segoe UI", sans-serif; background: var(--paper); color: var(--ink); max-width: 1120px; margin: 0 auto; padding: 2.5rem 1.5rem 3rem; overflow-wrap: break-word; }
h1 { font-size: clamp(1.5rem, 4.5vw, 2.2rem); line-height: 1.2; margin: 0 0 .4rem; letter-spacing: -.01em; }
h2 { font-size: 1.2rem; margin: 0 0 .3rem; line-height: 1.3; } h3 { font-size: .95rem; margin: 0 0 .4rem; }
section { margin-top: 2.75rem; } p { margin: .4rem 0; } .soft, .note { color: var(--soft); } .note { font-size: .875rem; max-width: 78ch; }
.lead { font-size: 1.125rem; max-width: 68ch; margin-top: 1rem; } .lead p { margin: .5rem 0; }
.figures { display: grid; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); gap: .75rem; margin-top: 1.5rem; }
.figures div { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .8rem 1rem; }
.figures strong { display: block; font-size: 1.7rem; line-height: 1.2; font-variant-numeric: tabular-nums; white-space: nowrap; }
.figures span { display: block; color: var(--soft); font-size: .85rem; line-height: 1.35; }
.status { border-left: 5px solid var(--tone); background: var(--card); border-radius: 0 10px 10px 0; padding: .8rem 1.1rem; margin-bottom: 1rem; }
.status b { color: var(--tone); } .status.good { --tone: var(--good); } .status.fair { --tone: var(--fair); } .status.bad { --tone: var(--bad); }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; font-size: .925rem; }
th, td { border-bottom: 1px solid var(--line); padding: .4rem .6rem; text-align: right; vertical-align: top; white-space: nowrap; }
th:first-child { text-align: left; white-space: normal; min-width: 9rem; font-weight: 500; } thead th { white-space: normal; color: var(--soft); font-weight: 500; font-size: .85rem; }
th[colspan] { text-align: center; } td small { display: block; color: var(--soft); } tr.chosen th, tr.chosen td { font-weight: 650; } tr.sum th, tr.sum td { border-bottom: 0; font-weight: 600; }
td.over { color: var(--bad); }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); gap: 1.25rem 2rem; margin-top: .75rem; } .two > * { min-width: 0; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: .9rem; }
svg { display: block; width: 100%; } svg.plot { overflow: visible; } svg text { font: 12.5px system-ui, sans-serif; fill: var(--ink); } svg text.tick, svg text.axis { fill: var(--soft); font-size: 12px; }
line.grid { stroke: var(--line); stroke-width: 1; } line.middle { stroke: var(--soft); } rect.kept { fill: var(--good); opacity: .08; }
line.target { stroke: var(--good); stroke-width: 1.5; stroke-dasharray: 6 4; } svg text.target { fill: var(--good); }
line.threshold { stroke: var(--accent); stroke-width: 2; } svg text.threshold { fill: var(--accent); font-weight: 600; }
circle.candidate { fill: var(--candidate); opacity: .6; } circle.frontier { fill: var(--frontier); } circle.chosen { fill: var(--accent); } circle.halo { fill: none; stroke: var(--accent); stroke-width: 2; }
svg text.chosen { fill: var(--accent); font-weight: 700; paint-order: stroke; stroke: var(--card); stroke-width: 4px; } rect.baseline { fill: var(--card); stroke: var(--ink); stroke-width: 1.6; }
rect.first { fill: var(--positive); } rect.second { fill: var(--frontier); } i.first { background: var(--positive); } i.second { background: var(--frontier); }
.legend { list-style: none; display: flex; flex-wrap: wrap; gap: .2rem 1.25rem; padding: 0; margin: .6rem 0 0; font-size: .875rem; }
i { display: inline-block; width: .75em; height: .75em; border-radius: 2px; margin-right: .45em; } i.dot { border-radius: 50%; } i.chosen { background: var(--accent); } i.frontier { background: var(--frontier); } i.candidate { background: var(--candidate); } i.baseline { border: 1.6px solid var(--ink); }
${['skipped', 'unchanged', 'rejected', 'accepted', 'referenced', 'defaulted', 'failed', 'positive', 'missed', 'alarm']
  .map(tone => `path.${tone} { fill: var(--${tone}); } i.${tone} { background: var(--${tone}); }`)
  .join('\n')}
${[
  ['decode', '--skipped'],
  ['difference', '--teal'],
  ['specialized', '--rejected'],
  ['reference', '--referenced'],
  ['decision', '--defaulted'],
]
  .map(([stage, tone]) => `i.${stage}, .bar .${stage} { background: var(${tone}); }`)
  .join('\n')}
.timeline, .bars { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .35rem .9rem; align-items: center; margin-top: .75rem; }
.lane { font-size: .875rem; line-height: 1.2; } .strip { background: var(--card); border: 1px solid var(--line); border-radius: 3px; }
.ticks { position: relative; height: 1.3rem; font-size: .78rem; color: var(--soft); } .ticks span { position: absolute; border-left: 1px solid var(--soft); padding-left: .3rem; line-height: 1.1; }
.bar { display: flex; height: 1.7rem; background: var(--card); border: 1px solid var(--line); border-radius: 4px; overflow: hidden; }
.bar span { display: block; min-width: 1px; color: #fff; font-size: .78rem; line-height: 1.6rem; padding: 0; text-indent: .45rem; white-space: nowrap; overflow: hidden; text-shadow: 0 0 3px #0008; } .bars { margin-bottom: 1rem; }
.mistakes { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 240px), 1fr)); gap: 1rem; margin-top: .75rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; overflow: hidden; } figure img, figure .none { display: block; width: 100%; aspect-ratio: 16 / 9; object-fit: contain; background: #0002; } figure .none { display: grid; place-items: center; color: var(--soft); font-size: .85rem; }
figcaption { font-size: .85rem; line-height: 1.45; padding: .55rem .75rem .65rem; } .tag { font-weight: 650; } .tag.missed { color: var(--missed); } .tag.false-alarm { color: var(--alarm); }
ol.next { padding-left: 1.3rem; max-width: 78ch; } ol.next li { margin: .4rem 0; padding-left: .2rem; }
details { margin-top: .75rem; } summary { cursor: pointer; color: var(--soft); font-size: .9rem; } pre { background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 1rem; overflow: auto; max-height: 26rem; font-size: .8rem; line-height: 1.45; }
footer { margin-top: 3rem; padding-top: 1rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .85rem; } footer code { overflow-wrap: anywhere; }
#tip { position: absolute; pointer-events: none; background: var(--ink); color: var(--paper); font-size: .8rem; line-height: 1.35; padding: .35rem .6rem; border-radius: 6px; max-width: 20rem; z-index: 2; } #tip:empty { display: none; }
@media (max-width: 600px) { body { padding: 1.25rem 1rem 2rem; } .card { padding: .6rem; } svg text { font-size: 14px; } svg text.tick, svg text.axis { font-size: 13.5px; } section { margin-top: 2.1rem; }
  .bars { grid-template-columns: minmax(0, 1fr); } .timeline { gap: .35rem .5rem; } .lane { font-size: .78rem; } th, td { padding: .4rem .4rem; } }
@media print { body { max-width: none; } section { break-inside: avoid; } }
`;

/** Wraps the body of a page; nothing that it holds may load anything from elsewhere, which its policy enforces. */
export function htmlPage({ title, body, style = '', script = '' }: PageParts): string {
  const scripts = script === '' ? '' : `<script>${script}</script>\n`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'unsafe-inline'">
<title>${title}</title>
<style>${pageStyle}${style}</style>
</head>
<body>
${body}
${scripts}</body>
</html>
`;
}

/** Parts of a page; all of them are HTML, CSS or JavaScript, so that text in them must be escaped before. */
export interface PageParts {
  readonly title: string;
  readonly body: string;
  /** CSS beside that of every page. Default none. */
  readonly style?: string;
  /** JavaScript that may improve the page, which must be readable without it. Default none. */
  readonly script?: string;
}
