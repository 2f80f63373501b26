using System.Collections.Immutable;
using System.Runtime.CompilerServices;

namespace StreamLearn;

public sealed partial class PipelineBuilder
{
    internal int AddNode(string name, NodeKind kind, object options, Type? input, ImmutableArray<Type> outputs, Work work)
    {
        CheckName(name);
        _nodes.Add(new(_nodes.Count, name, kind, options, input, outputs, work));
        return _nodes.Count - 1;
    }

    internal void Connect(ImmutableArray<(int Node, int Port)> origins, int to, EdgeOptions options, bool isSecond = false)
    {
        foreach (var (node, port) in origins)
        {
            _edges.Add(new(node, port, to, IsControl: false, options.Checked()) { IsSecond = isSecond });
        }
    }

    internal void AddControl<T>(ImmutableArray<(int Node, int Port)> targets, Flow<T> control)
        where T : class
    {
        foreach (var (target, _) in targets)
        {
            if (_nodes[target].Work is not OperatorWork work || !typeof(IControlledBy<T>).IsAssignableFrom(work.Operator))
            {
                _problems.Add($"block '{_nodes[target].Name}' takes no control messages of type {typeof(T).Name}");
                continue;
            }

            var edge = control.Edge.Checked();
            if (edge.OnFull != OnFull.Wait)
            {
                if (edge != EdgeDefaults)
                {
                    _problems.Add($"the control flow into block '{_nodes[target].Name}' says {edge}: control never waits and keeps the "
                        + "newest of each kind and sender, so leave the policy out");
                }

                edge = edge with { OnFull = OnFull.Wait };
            }

            foreach (var (node, port) in control.Origins)
            {
                _edges.Add(new(node, port, target, IsControl: true, edge)
                {
                    Control = static (block, item) => ((IControlledBy<T>)block).Control((T)item),
                });
            }
        }
    }

    internal void SetErrors(ImmutableArray<(int Node, int Port)> origins, ErrorPolicy policy)
    {
        foreach (var (node, _) in origins)
        {
            if (_nodes[node].Kind is not (NodeKind.Operator or NodeKind.Publish))
            {
                _problems.Add($"block '{_nodes[node].Name}' is not an operator, action or publication, and has no error policy: no user "
                    + "code runs in it");
            }
            _nodes[node].Errors = policy.Checked();
        }
    }

    internal StrongBox<bool> Expect(string what)
    {
        var isUsed = new StrongBox<bool>();
        _expected.Add((what, isUsed));
        return isUsed;
    }

    internal string NameOf((int Node, int Port) origin) =>
        origin.Port == 0 ? _nodes[origin.Node].Name : $"{_nodes[origin.Node].Name} {(origin.Port == 1 ? "side" : "third")}";

    internal void Rename(ImmutableArray<(int Node, int Port)> origins, string name)
    {
        CheckName(name);
        if (origins.Length != 1) { throw new ArgumentException("a merged flow has several source blocks", nameof(name)); }
        var old = _nodes[origins[0].Node];
        _nodes[old.Index] = new(old.Index, name, old.Kind, old.Options, old.Input, old.Outputs, old.Work)
        {
            Errors = old.Errors,
            MaxRows = old.MaxRows,
        };
    }

    internal Pipeline Build()
    {
        EdgeWidths.Fit(_nodes, _edges);
        ConnectDeadLetters();
        foreach (var level in _declaredLevels)
        {
            if (!_levels.TryGetValue(level.Name, out var named)) { _problems.Add($"no subscription has a level '{level.Name}'"); }
            else if (!named.Equals(new(level.Name))) { _problems.Add($"level '{level.Name}' is declared twice"); }
            _levels[level.Name] = level;
        }

        _problems.AddRange(_expected.Where(static e => !e.IsUsed.Value).Select(static e => $"{e.What} is not used: connect it to a block"));
        var check = new DefinitionCheck(_nodes, _edges, _declared, _problems);
        check.Run();
        return _problems.Count == 0
            ? new(Name, [.. _nodes], [.. _edges.Select(Placed)], [.. _levels.Values], [.. _codecs])
            : throw new PipelineDefinitionException(Name, [.. _problems]);
    }

    private Edge Placed(Edge edge, int index) => edge with { Index = index, IsFromOutside = _nodes[edge.From].Kind == NodeKind.Subscribe };

    private static void CheckName(string name)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(name);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(name.Length, 128, nameof(name));
        if (name.Any(char.IsControl))
        {
            throw new ArgumentException(
                "expected a block name without control characters: graphs, metrics and recordings show it", nameof(name));
        }
    }

    /// <summary>Connects dead letters, which hold the input of their block, so these edges are as wide as those into such blocks.</summary>
    private void ConnectDeadLetters()
    {
        foreach (var node in _nodes.Where(n => n.Errors.Action == ErrorAction.DeadLetter).ToList())
        {
            if (_deadLetters is null)
            {
                _problems.Add($"block '{node.Name}' sends dead letters, but DeadLetters is not connected: publish, read or discard it");
                continue;
            }

            var widest = _edges.Where(e => e.To == node.Index).Select(e => e.Options.CapacityBytes).DefaultIfEmpty(0).Max();
            _edges.Add(new(node.Index, Ports.DeadLetters, _deadLetters.Origins[0].Node, IsControl: false, Widened(EdgeDefaults, widest)));
        }

        if (_deadLetters is null) { return; }
        var letters = _deadLetters.Origins[0].Node;
        var most = _edges.Where(e => e.To == letters).Select(e => e.Options.CapacityBytes).DefaultIfEmpty(0).Max();
        for (var i = 0; i < _edges.Count; i++)
        {
            if (_edges[i].From == letters) { _edges[i] = _edges[i] with { Options = Widened(_edges[i].Options, most) }; }
        }
    }

    private static EdgeOptions Widened(EdgeOptions options, long bytes) =>
        options with { CapacityBytes = Math.Max(options.CapacityBytes, bytes) };
}
