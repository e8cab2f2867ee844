/** A filter as the reference shows it: what it does, and examples with what they give. */
export interface FilterEntry {
  readonly does: string;
  readonly examples: readonly string[];
}

/** What the examples are given. */
export const FILTER_DATA = {
  builds: [
    { name: 'deploy', seconds: 95, result: 'passed', tags: ['live'], by: { name: 'Zoe' } },
    { name: 'build', seconds: 312, result: 'failed', tags: ['ci', 'slow'], by: { name: 'Ann' } },
    { name: 'test', seconds: 41, result: 'passed', tags: ['ci'], by: { name: 'Ann' } },
  ],
  message: 'Fix #12 and #7\n\nSee **the log**.',
  element: { '#text': 'Save drafts', '@id': '7' },
} as const;

/** Every filter that Oriel adds to Nunjucks' own, in the order of the reference. */
export const FILTERS: Readonly<Record<string, Readonly<Record<string, FilterEntry>>>> = {
  'Lists and records': {
    list: {
      does: 'One, several or no items as a list: an XML element that occurs once is none.',
      examples: ['{{ "one" | list | length }}', '{{ nothing | list | length }}'],
    },
    at: {
      does: 'The value at a path; in a list by position, `-1` being the last.',
      examples: ['{{ builds | at("0.by.name") }}', '{{ builds | at("-1.name") }}'],
    },
    pluck: {
      does: 'Every text at a path, through lists on the way.',
      examples: ['{{ builds | pluck("tags") | join(", ") }}'],
    },
    items: {
      does: 'Every item at a path, through lists on the way; `pluck` has their texts.',
      examples: ['{{ builds | items("tags") | length }}'],
    },
    where: {
      does: 'The items that have this text, or one of these, at a path.',
      examples: ['{{ builds | where("tags", "ci") | pluck("name") | join(", ") }}'],
    },
    except: {
      does: 'The items that have none of these texts there.',
      examples: ['{{ builds | except("name", ["build", "test"]) | pluck("name") | join(", ") }}'],
    },
    whose: {
      does: 'The items whose text at a path matches a pattern, or compares with a value (`=`, `!=`, `<`, `<=`, `>`, `>=`); with a path alone those that have anything there.',
      examples: [
        '{{ builds | whose("name", r/^(build|test)$/) | pluck("name") | join(", ") }}',
        '{{ builds | whose("seconds", ">=", 95) | pluck("name") | join(", ") }}',
      ],
    },
    sortBy: {
      does: 'In the order of the texts at these paths: numbers by size, words as the viewer’s language has them. `-` turns the order round; what has none comes last.',
      examples: [
        '{{ builds | sortBy("seconds") | pluck("name") | join(", ") }}',
        '{{ builds | sortBy("by.name", "-seconds") | pluck("name") | join(", ") }}',
      ],
    },
    unique: {
      does: 'Without those that have the text of an earlier one, their own or at a path.',
      examples: ['{{ builds | pluck("by.name") | unique | join(", ") }}'],
    },
    append: {
      does: 'With one item more at the end: in a loop it makes a list of what the view computes.',
      examples: [
        '{% set half = [] %}{% for each in builds %}{% set half = half | append([each.name, each.seconds / 2]) %}{% endfor %}{{ half | at("0.1") }}',
      ],
    },
    take: { does: 'The first ones.', examples: ['{{ builds | take(2) | pluck("name") | join(", ") }}'] },
    minus: {
      does: 'The texts of a list that are not in another.',
      examples: ['{{ ["a", "b", "c"] | minus(["b"]) | join(", ") }}'],
    },
    inOrder: {
      does: 'The items in the order in which a list names what they have at a path; the others are left out.',
      examples: ['{{ builds | inOrder("name", ["test", "build"]) | pluck("seconds") | join(", ") }}'],
    },
    grouped: {
      does: 'A record of the items under each thing that a pattern’s first group finds in their texts at a path, each time it matches; with a number, in so many first characters of each. Up to 256 cost the view no more steps than the call.',
      examples: [
        '{% for by, of in builds | grouped("by.name", r/(.+)/) %}{{ by }}: {{ of | length }} {% endfor %}',
      ],
    },
    byDay: {
      does: 'A record of the items under the day of a time at a path, as the viewer’s time zone has it. What is no time is left out.',
      examples: [
        '{% set runs = [{ at: "2026-11-25T09:34:40Z" }, { at: "2026-11-25T17:00:00Z" }, { at: "2026-11-24" }] %}{% for day, of in runs | byDay("at") %}{{ day }}: {{ of | length }} {% endfor %}',
      ],
    },
    index: {
      does: 'A record of the first item under each text at a path, to look things up in.',
      examples: ['{% set byName = builds | index("name") %}{{ byName.test.seconds }}'],
    },
    sum: {
      does: 'The sum of a list’s numbers, or of those at a path.',
      examples: ['{{ builds | sum("seconds") }}'],
    },
    listed: {
      does: 'The items joined as a sentence has them.',
      examples: ['{{ builds | pluck("name") | listed }}'],
    },
  },
  Texts: {
    text: { does: 'The text of an XML element or plain value.', examples: ['{{ element | text }}'] },
    name: {
      does: 'A name from outside made safe to show: short, and apart from the direction of the text around it.',
      examples: ['{{ "Ann" | name }}'],
    },
    firstLine: { does: 'The first line that is not blank.', examples: ['{{ message | firstLine }}'] },
    markdown: {
      does: 'A safe part of Markdown as HTML: paragraphs, lists, quotes, code, emphasis, links. HTML in it stays text; images become links.',
      examples: ['{{ "**Done** in `main`" | markdown }}'],
    },
    unescape: {
      does: 'What was escaped for HTML once, as feeds do, as the text it was.',
      examples: ['{{ "Ann&#8217;s build" | unescape }}'],
    },
    capture: {
      does: 'What a pattern’s first group finds, or nothing.',
      examples: ['{{ message | capture(r/#(\\d+)/) }}'],
    },
    matches: {
      does: 'Every first group of a pattern (every match, if it has no group), in a text or the texts of a list; with a number, in so many first characters of each.',
      examples: ['{{ message | matches(r/#(\\d+)/) | join(", ") }}'],
    },
    pattern: {
      does: 'The pattern that a text holds, such as a parameter, in RE2’s own syntax. One that can’t be used finds nothing.',
      examples: ['{{ message | matches("#([0-9]+)" | pattern) | join(", ") }}'],
    },
    snake: { does: 'A name as many answers write it.', examples: ['{{ "Story Status" | snake }}'] },
    plural: {
      does: 'A count with its noun, in English. In translated gadgets use `t`.',
      examples: ['{{ 3 | plural("card", "cards") }}'],
    },
    link: {
      does: 'A URL as a link that opens in a new tab. Only http and https URLs become links.',
      examples: ['{{ "https://ci.example/1" | link("Build 1") }}', '{{ "javascript:x" | link("Build 1") }}'],
    },
    linked: {
      does: 'A sentence whose URLs are such links.',
      examples: ['{{ "See https://ci.example." | linked }}'],
    },
  },
  'Times, numbers': {
    time: {
      does: 'Day and time; the frame shows how long ago that is. Reads ISO 8601, RFC 822, and epoch seconds and milliseconds. Anything else is shown as it is; a time without a zone is moved by none.',
      examples: ['{{ "2026-11-25T09:34:40Z" | time }}', '{{ "Release 7" | time }}'],
    },
    age: {
      does: 'As `time`; the frame shows it as a span, without “ago”.',
      examples: ['{{ "2026-11-25T09:34:40Z" | age }}'],
    },
    date: { does: 'A day with its year.', examples: ['{{ "2026-11-25" | date }}'] },
    day: { does: 'A day with its weekday.', examples: ['{{ "2026-11-25" | day }}'] },
    clock: {
      does: 'The time of day.',
      examples: ['{{ "2026-11-25T09:34:40Z" | clock }}', '{{ "14:30" | clock }}'],
    },
    duration: {
      does: 'Seconds, or the unit given (`ms`, `minutes`, `hours`), or ISO 8601 in words: `long`, `short` or `narrow`. Nothing where there is none.',
      examples: [
        '{{ 5430 | duration }}',
        '{{ 95300 | duration("ms", "narrow") }}',
        '{{ "PT1H30M" | duration("short") }}',
      ],
    },
    until: {
      does: 'The seconds from one time to another, less than 0 if that was before. Nothing where one of them is none.',
      examples: ['{{ "2026-11-25T09:34:40Z" | until("2026-11-25T10:36:10Z") | duration }}'],
    },
    fromNow: { does: 'Seconds from now.', examples: ['{{ 300 | fromNow }}'] },
    number: {
      does: 'Digits grouped; with so many decimals at most, as `percent`, or `compact`.',
      examples: [
        '{{ 1234567.891 | number }}',
        '{{ 1234567.891 | number(1) }}',
        '{{ 0.457 | number("percent") }}',
        '{{ 12345 | number("compact") }}',
      ],
    },
    bytes: { does: 'A size in the unit that suits it.', examples: ['{{ 1536000 | bytes }}'] },
  },
};
