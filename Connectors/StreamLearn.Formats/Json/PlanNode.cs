using System.Text.Json;

namespace StreamLearn.Formats;

/// <summary>A node where paths meet or end. <paramref name="depth"/>: number of stars above it.</summary>
internal sealed class PlanNode(int id, int depth)
{
    private readonly List<int> _columns = [];
    private readonly List<(string Name, PlanNode Node)> _keys = [];

    internal int Id { get; } = id;

    internal int Depth { get; } = depth;

    /// <summary>The maximum number of stars above a column in this subtree.</summary>
    internal int Deepest { get; private set; }

    internal int Column { get; private set; } = -1;

    internal int[] Columns { get; private set; } = [];

    internal byte[][] Names { get; private set; } = [];

    internal byte[][] Labels { get; private set; } = [];

    internal PlanNode[] Children { get; private set; } = [];

    internal SortedList<int, PlanNode> Places { get; } = [];

    /// <summary>Targets by index, if the subtree has only numbers by index; otherwise empty.</summary>
    internal RowNumber[] Row { get; private set; } = [];

    internal PlanNode? Each { get; private set; }

    internal bool TryAdd(ReadOnlySpan<JsonStep> steps, int column, int depthOfColumn, ref int nodes)
    {
        _columns.Add(column);
        Deepest = Math.Max(Deepest, depthOfColumn);
        if (Column >= 0) { return false; }
        if (steps.IsEmpty)
        {
            Column = column;
            return _keys.Count == 0 && Places.Count == 0 && Each is null;
        }

        return Next(steps[0], ref nodes) is { } next && next.TryAdd(steps[1..], column, depthOfColumn, ref nodes);
    }

    internal void Freeze(PlanColumn[] columns)
    {
        Columns = [.. _columns];
        Names = [.. _keys.Select(k => Encoding.UTF8.GetBytes(k.Name))];
        Labels = [.. _keys.Select(k => Encoding.UTF8.GetBytes($"\"{JsonEncodedText.Encode(k.Name)}\":"))];
        Children = [.. _keys.Select(k => k.Node)];
        foreach (var child in Children) { child.Freeze(columns); }
        foreach (var child in Places.Values) { child.Freeze(columns); }
        Each?.Freeze(columns);
        Row = RowOf(columns);
    }

    private RowNumber[] RowOf(PlanColumn[] columns)
    {
        if (Places.Count == 0 || Places.Keys[^1] >= NumberRows.MaxWidth) { return []; }
        if (!Places.Values.All(n => n.Column >= 0 && columns[n.Column].TakesNumbers)) { return []; }
        var row = new RowNumber[Places.Keys[^1] + 1];
        Array.Fill(row, new(-1, false, default, 0));
        foreach (var (place, node) in Places)
        {
            var column = columns[node.Column];
            row[place] = new(node.Column, column.Unit is not null, column.Field.Type, column.Power);
        }

        return row;
    }

    private PlanNode? Next(JsonStep step, ref int nodes)
    {
        if (step.IsEach)
        {
            if (_keys.Count > 0 || Places.Count > 0) { return null; }
            return Each ??= new(nodes++, Depth + 1);
        }

        if (Each is not null) { return null; }
        if (step.Key is { } key)
        {
            if (Places.Count > 0) { return null; }
            var at = _keys.FindIndex(k => k.Name == key);
            if (at < 0)
            {
                at = _keys.Count;
                _keys.Add((key, new(nodes++, Depth)));
            }

            return _keys[at].Node;
        }

        if (_keys.Count > 0) { return null; }
        if (!Places.TryGetValue(step.Place, out var node)) { Places.Add(step.Place, node = new(nodes++, Depth)); }
        return node;
    }
}
