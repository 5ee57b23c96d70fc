// The permissions that `kstate rbac` prints. kinds.json is written by the exporter's tests.
local kinds = import './kinds.json';

local rule(group, resources, verbs) = {
  apiGroups: [group],
  resources: resources,
  verbs: verbs,
};

{
  // The kinds that are exported unless a flag names others.
  defaultKinds: [kind.resource for kind in kinds if kind.default],

  // Rules for reading kinds, one for each API group.
  reading(selected):
    local known = std.set([kind.resource for kind in kinds]);
    local unknown = std.setDiff(std.set(selected), known);
    assert unknown == [] : 'there is no kind ' + std.join(', ', unknown);
    local chosen = [kind for kind in kinds if std.member(selected, kind.resource)];
    [
      rule(group, [kind.resource for kind in chosen if kind.group == group], ['list', 'watch'])
      for group in std.set([kind.group for kind in chosen])
    ],

  // Rules for reviews of clients' tokens and permissions.
  reviewing: [
    rule('authentication.k8s.io', ['tokenreviews'], ['create']),
    rule('authorization.k8s.io', ['subjectaccessreviews'], ['create']),
  ],

  // Rules, in the exporter's own namespace, for finding out which share is its own.
  sharding: [
    rule('', ['pods'], ['get']),
    rule('apps', ['statefulsets'], ['get', 'list', 'watch']),
  ],
}
