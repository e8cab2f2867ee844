/** An example of a piece of `templates/oriel.njk`, as a view writes it and with the data it is shown with. */
export interface PieceExample {
  readonly source: string;
  readonly data?: Readonly<Record<string, unknown>>;
}

const pulls = [
  {
    number: 481,
    title: 'Keep drafts when the window closes',
    url: 'https://github.example/481',
    user: 'Ann Archer',
    updated: '2026-11-25T09:34:40Z',
    labels: [
      { name: 'bug', color: 'd73a4a' },
      { name: 'good first issue', color: '7057ff' },
    ],
    checks: 'success',
    comments: 3,
  },
  {
    number: 477,
    title: 'Read times as they are written',
    url: 'https://github.example/477',
    user: 'Bob Baker',
    updated: '2026-11-24T16:02:00Z',
    labels: [{ name: 'docs', color: '#0075ca' }],
    checks: 'in_progress',
    comments: 12,
  },
  {
    number: 459,
    title: 'Sort by the viewer’s language',
    url: 'https://github.example/459',
    user: 'Łucja Żak',
    updated: '2026-11-20T07:00:00Z',
    labels: [],
    checks: 'failure',
    comments: 0,
  },
];

const pipelines = [
  { name: 'build-linux', result: 'passed', seconds: 312, by: 'Ann Archer' },
  { name: 'build-windows', result: 'failed', seconds: 1290, by: 'Bob Baker' },
  { name: 'deploy-staging', result: 'running', seconds: 95, by: 'Zoe Zimmer' },
];

const builds = [42, 44, 41, 47, 58, 52, 49, 61, 55, 43, 40, 38].map((minutes, index) => ({
  started: `2026-11-${String(index + 10)}T08:00:00Z`,
  seconds: minutes * 60,
}));

const stages = [
  { kind: 'passed', title: 'Build', href: 'https://ci.example/1' },
  { kind: 'passed', title: 'Test', href: 'https://ci.example/2' },
  { kind: 'running', title: 'Deploy', href: 'https://ci.example/3' },
  { kind: 'neutral', title: 'Smoke test' },
];

/** One for each piece that views may import, in the order of the reference. */
export const PIECE_EXAMPLES: Readonly<Record<string, PieceExample>> = {
  list: {
    source: `{% call list(label="Review requests") %}
{% for pull in pulls %}{{ row(title=pull.title, href=pull.url, before="#" + pull.number, lead=status(pull.checks, quiet=true)) }}{% endfor %}
{% endcall %}`,
    data: { pulls },
  },
  row: {
    source: `{% macro tags(pull) %}{% for each in pull.labels %}{{ label(each.name, each.color) }} {% endfor %}{% endmacro %}
{% call list() %}
{% for pull in pulls %}
{{ row(title=pull.title, href=pull.url, lead=avatar(pull.user), tags=tags(pull),
       meta=["#" + pull.number, pull.user, pull.updated | time], end=[status(pull.checks), pill(pull.comments)]) }}
{% endfor %}
{% endcall %}`,
    data: { pulls },
  },
  table: {
    source: `{{ table([
  { title: "Pipeline", path: "name" },
  { title: "Triggered by", path: "by" },
  { title: "Duration", path: "seconds", as: "duration", end: true }
], pipelines, label="Pipelines") }}`,
    data: { pipelines },
  },
  cells: {
    source: `{% set columns = ["Pipeline", "Status", "Triggered by", { title: "Duration", end: true }] %}
{% call table(columns, label="Latest runs") %}
{% for each in pipelines %}
{{ cells(columns, [each.name, status(each.result), person(each.by), each.seconds | duration("narrow")]) }}
{% endfor %}
{% endcall %}`,
    data: { pipelines },
  },
  group: {
    source: `{% call group("Waiting for you", count=2, end=label("urgent", "#b60205")) %}
{% call list() %}{% for pull in pulls | take(2) %}{{ row(title=pull.title, href=pull.url, before="#" + pull.number) }}{% endfor %}{% endcall %}
{% endcall %}`,
    data: { pulls },
  },
  pill: {
    source: `<p>{{ pill("12") }} {{ pill("stable", "good") }} {{ pill("3 failed", "bad") }} {{ pill("deploying", "busy") }} {{ pill("flaky", "warning") }}</p>`,
  },
  status: {
    source: `<p>{{ status("good") }} {{ status("bad") }} {{ status("busy") }} {{ status("warning", "Unstable") }} {{ status("neutral", "Skipped") }} {{ status("passed", quiet=true) }}</p>`,
  },
  label: {
    source: `<p>{{ label("bug", "#d73a4a") }} {{ label("good first issue", "7057ff") }} {{ label("help wanted", "#008672") }} {{ label("docs", "#0075ca") }} {{ label("question", "#fef2c0") }} {{ label("white", "white") }} {{ label("black", "#000") }} {{ label("no color") }}</p>`,
  },
  avatar: {
    source: `<p>{{ avatar("Ann Archer", size="small") }} {{ avatar("Bob Baker") }} {{ avatar("Łucja Żak") }} {{ avatar("Zoe", size="large") }}</p>`,
  },
  person: {
    source: `<p>{{ person("Ann Archer") }} {{ person("Bob Baker", href="https://github.example/bob") }}</p>`,
  },
  image: {
    source: `{{ image("https://media.example/481.png", "A lake below mountains", width=240, height=135, href="https://media.example/481") }}`,
  },
  facts: {
    source: `{{ facts([
  ["Owner", person("Ann Archer")],
  ["Due", "2026-12-04" | date],
  ["Tags", [label("bug", "#d73a4a"), label("docs", "#0075ca")]],
  ["Estimate", nothing]
]) }}`,
  },
  progress: {
    source: `{{ progress(18, 30, label="Sprint 14") }}{{ progress(27, 30, label="Tests", kind="good") }}`,
  },
  segments: { source: `{{ segments(stages, label="Pipeline deploy") }}`, data: { stages } },
  bars: {
    source: `{{ bars(pipelines, title="name", value="seconds", kind="result", as="duration") }}`,
    data: { pipelines },
  },
  sparkline: {
    source: `<p>Build time {{ sparkline(builds, y="seconds", label="Build time", as="duration") }} {{ (builds | at("-1.seconds")) | duration("narrow") }}</p>`,
    data: { builds },
  },
  line: {
    source: `{{ line(builds, x="started", y="seconds", title="Build time", as="duration") }}`,
    data: { builds },
  },
  tabs: {
    source: `{% call tabs(label="Review requests") %}
{% call tab("For you", count=2) %}{% call list() %}{% for pull in pulls | take(2) %}{{ row(title=pull.title, href=pull.url, before="#" + pull.number) }}{% endfor %}{% endcall %}{% endcall %}
{% call tab("For your team", count=0) %}{{ empty("Your team has nothing to review.") }}{% endcall %}
{% endcall %}`,
    data: { pulls },
  },
  tab: {
    source: `{% call tabs() %}{% call tab("Open", count=12) %}<p>Twelve.</p>{% endcall %}{% endcall %}`,
  },
  empty: { source: `{{ empty("No one waits for your review.", detail="Drafts are left out.") }}` },
  more: {
    source: `{{ more(20, 57, href="https://github.example/pulls", text="All pull requests on GitHub") }}`,
  },
  notice: {
    source: `{{ notice("Agents are paused until Monday.", "warning", title="Paused.") }}
{{ notice("The last deployment failed.", "bad") }}{{ notice("All stages passed.", "good") }}{{ notice("A deployment is under way.", "busy") }}{{ notice("Nothing else is planned.") }}`,
  },
};
