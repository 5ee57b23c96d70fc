// A small vocabulary of Grafana's panels, and the grid that they stand in.
local datasource = { type: 'prometheus', uid: '${datasource}' };
local width = 24;

// Steps of colour: each begins at its value, the first one below all others.
local steps(colours) = {
  mode: 'absolute',
  steps: [{ color: colours[0], value: null }] + [
    { color: step[1], value: step[0] }
    for step in colours[1:]
  ],
};

local panel(type, title, description) = {
  type: type,
  title: title,
  description: description,
  datasource: datasource,
  height:: 8,
  fieldConfig: { defaults: {}, overrides: [] },
};

local target(index, expr) = {
  refId: std.char(std.codepoint('A') + index),
  datasource: datasource,
  expr: expr,
};

// What is kept when one dashboard leads to another.
local kept = '${__url_time_range}&${datasource:queryparam}&${job:queryparam}&${cluster:queryparam}';
local link(title, uid, more='') = { title: title, url: '/d/%s?%s%s' % [uid, kept, more] };

// Where the columns of tables lead to, by their labels.
local leads = {
  namespace: link('Workloads of ${__value.text}', 'kstate-workloads', '&var-namespace=${__value.raw}'),
  node: link('Node ${__value.text}', 'kstate-nodes', '&var-node=${__value.raw}'),
};

{
  link:: link,

  // Colours of a number that should be zero.
  bad:: ['green', [1, 'red']],
  odd:: ['green', [1, 'orange']],
  // Colours of a number that should not be zero.
  some:: ['orange', [1, 'green']],
  // Colours of a share of something that runs out.
  share:: ['green', [0.8, 'orange'], [0.95, 'red']],
  // For a number that is neither good nor bad.
  plain:: ['blue'],

  // One number.
  stat(title, description, expr, unit='short', colours=['blue'], to=null):: panel('stat', title, description) {
    height:: 4,
    targets: [target(0, expr) { instant: true }],
    fieldConfig+: { defaults: { unit: unit, thresholds: steps(colours), color: { mode: 'thresholds' } } },
    options: {
      colorMode: if std.length(colours) > 1 then 'background' else 'value',
      graphMode: 'none',
      justifyMode: 'auto',
      orientation: 'auto',
      reduceOptions: { calcs: ['lastNotNull'], fields: '', values: false },
      textMode: 'auto',
    },
    [if to != null then 'links']: [to {
      type: 'link',
      tags: [],
      icon: '',
      tooltip: '',
      asDropdown: false,
      includeVars: false,
      keepTime: false,
      targetBlank: false,
    }],
  },

  // A text that a label holds.
  text(title, description, expr, label):: self.stat(title, description, expr) {
    targets: [super.targets[0] { legendFormat: '{{%s}}' % label }],
    options+: { textMode: 'name' },
  },

  // Lines over time. Lines are pairs of a legend and an expression.
  graph(title, description, lines, unit='short', stack=false, max=null):: panel('timeseries', title, description) {
    targets: [
      target(index, lines[index][1]) { legendFormat: lines[index][0] }
      for index in std.range(0, std.length(lines) - 1)
    ],
    fieldConfig+: {
      defaults: {
        unit: unit,
        min: 0,
        [if max != null then 'max']: max,
        color: { mode: 'palette-classic' },
        custom: {
          drawStyle: 'line',
          lineWidth: 1,
          fillOpacity: if stack then 40 else 5,
          showPoints: 'never',
          stacking: { mode: if stack then 'normal' else 'none', group: 'A' },
        },
      },
    },
    options: {
      legend: { displayMode: 'list', placement: 'bottom', showLegend: true, calcs: [] },
      tooltip: { mode: 'multi', sort: 'desc' },
    },
  },

  // A column of a table.
  column(title, expr, unit='short', colours=null):: {
    title: title,
    expr: expr,
    properties: [{ id: 'unit', value: unit }] + (
      if colours == null then [] else [
        { id: 'thresholds', value: steps(colours) },
        { id: 'custom.cellOptions', value: { type: 'color-text' } },
      ]
    ),
  },

  // A row for each set of labels, with a column for each expression, all of which have just these
  // labels. Labels are pairs of a label and a title. Sorted by the first column, or by the one that is
  // named, the largest values first.
  table(title, description, labels, columns, sort=columns[0].title, descending=true):: panel('table', title, description) {
    local name(index) = if std.length(columns) == 1 then 'Value' else 'Value #' + target(index, '').refId,
    local indices = std.range(0, std.length(columns) - 1),
    targets: [
      target(index, columns[index].expr) { format: 'table', instant: true }
      for index in indices
    ],
    fieldConfig: {
      defaults: { custom: { align: 'auto', filterable: true } },
      overrides: [
        { matcher: { id: 'byName', options: columns[index].title }, properties: columns[index].properties }
        for index in indices
      ] + [
        {
          matcher: { id: 'byName', options: label[1] },
          properties: [{ id: 'links', value: [leads[label[0]]] }],
        }
        for label in labels
        if std.objectHas(leads, label[0])
      ],
    },
    transformations: [
      { id: 'merge', options: {} },
      {
        id: 'organize',
        options: {
          excludeByName: { Time: true },
          indexByName: { [labels[at][0]]: at for at in std.range(0, std.length(labels) - 1) } +
                       { [name(index)]: std.length(labels) + index for index in indices },
          renameByName: { [label[0]]: label[1] for label in labels } +
                        { [name(index)]: columns[index].title for index in indices },
        },
      },
    ],
    options: {
      showHeader: true,
      cellHeight: 'sm',
      sortBy: [{ displayName: sort, desc: descending }],
    },
  },

  // A table of what labels say; the value says nothing.
  facts(title, description, labels, expr):: self.table(title, description, labels, [self.column('Value', expr)], labels[0][1]) {
    transformations: [
      super.transformations[0],
      super.transformations[1] {
        options+: { excludeByName+: { Value: true } },
      },
    ],
    options+: { sortBy: [{ displayName: labels[0][1], desc: false }] },
  },

  // A variable that holds values of a label.
  variable(name, label, expr, many=true):: {
    name: name,
    label: std.asciiUpper(name[0]) + name[1:],
    type: 'query',
    datasource: datasource,
    query: { query: 'label_values(%s, %s)' % [expr, label], refId: name },
    refresh: 2,
    sort: 1,
    multi: many,
    includeAll: many,
    [if many then 'allValue']: '.+',
    [if many then 'current']: { selected: true, text: ['All'], value: ['$__all'] },
    hide: 0,
  },

  // A dashboard of rows: a list of panels side by side, or the title of the rows below.
  dashboard(uid, title, description, variables, rows):: {
    local placed = std.foldl(
      function(grid, row)
        if std.isString(row) then grid {
          y: grid.y + 1,
          panels+: [{
            type: 'row',
            title: row,
            collapsed: false,
            panels: [],
            gridPos: { x: 0, y: grid.y, w: width, h: 1 },
          }],
        } else grid {
          // Where panels begin: what can't be shared evenly goes to the last ones.
          local x(at) = std.floor(at * width / std.length(row)),
          local h = std.foldl(std.max, [panel.height for panel in row], 0),
          y: grid.y + h,
          panels+: [
            row[at] { gridPos: { x: x(at), y: grid.y, w: x(at + 1) - x(at), h: h } }
            for at in std.range(0, std.length(row) - 1)
          ],
        },
      rows,
      { y: 0, panels: [] },
    ),
    uid: uid,
    title: title,
    description: description,
    tags: ['kstate', 'kubernetes'],
    schemaVersion: 39,
    version: 1,
    editable: true,
    graphTooltip: 1,
    timezone: '',
    refresh: '1m',
    time: { from: 'now-3h', to: 'now' },
    links: [{
      type: 'dashboards',
      title: 'Cluster state',
      tags: ['kstate'],
      asDropdown: true,
      includeVars: true,
      keepTime: true,
      targetBlank: false,
      icon: 'external link',
      tooltip: '',
      url: '',
    }],
    annotations: { list: [] },
    templating: {
      list: [{
        name: 'datasource',
        label: 'Data source',
        type: 'datasource',
        query: 'prometheus',
        refresh: 1,
        hide: 0,
      }] + variables,
    },
    panels: [placed.panels[at] { id: at + 1 } for at in std.range(0, std.length(placed.panels) - 1)],
  },
}
