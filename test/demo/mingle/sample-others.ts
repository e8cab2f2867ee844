import type { CardRow } from './history.js';

/** [number, type, name, status, owner, priority, estimate, release, days since it was created] */
export const borealisCards: readonly CardRow[] = [
  [1, 'Story', 'Show the aurora forecast for tonight', 4, 'bob', 'High', 5, 1, 40],
  [2, 'Story', 'Send an alert when the sky clears', 2, 'bob', 'Urgent', 8, 1, 33],
  [3, 'Bug', 'Alerts arrive an hour late in summer time', 3, 'bob', 'Urgent', 2, 1, 21],
  [4, 'Task', 'Agree on the data source with the observatory', 4, 'ann', 'Medium', 1, 1, 38],
  [5, 'Story', 'Map of places without street lights', 1, 'ann', 'Medium', 8, 2, 18],
  [6, 'Story', 'Work without a network', 0, null, 'High', 13, 2, 12],
  [7, 'Bug', 'The map is upside down on the southern half of the earth', 0, null, 'Low', 3, 2, 6],
  [8, 'Task', 'Translate into Norwegian, Finnish and Icelandic', 2, 'bob', 'Medium', 3, 2, 3],
];

export const cassiniCards: readonly CardRow[] = [
  [1, 'Story', 'Move the archive to the new data centre', 2, 'admin', 'High', 13, 1, 30],
  [2, 'Task', 'Count what is left on the old tapes', 4, 'admin', 'Medium', 2, 1, 27],
  [3, 'Bug', 'Two boxes have the same number', 0, null, 'Low', 1, 1, 4],
];
