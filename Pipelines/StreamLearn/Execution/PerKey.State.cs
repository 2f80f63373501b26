using System.Runtime.InteropServices;

namespace StreamLearn;

internal sealed partial class PerKey<TOut>
{
    private readonly List<KeyInstance> _saved = [];      // used while the state is written

    public string StateFormat => "per-key/2";

    public void State(ref StateStream s)
    {
        RequireBlocks(ref s);
        var input = s.Value(_plan.Input);
        if (s.IsReading && input is not null) { _plan.Begin(input); }
        s.Value(ref _completed);
        s.Value(ref _input);
        s.Value(ref _next, 0, int.MaxValue);
        if (s.IsReading && _input is not null) { _rows.Read(_input[_options.Column]); }
        if (s.IsWriting) { ListInstances(); }
        var seen = s.Value(_bySeen.Count, 0, _options.MaxKeys);
        var leaving = s.Value(_leaving.Count, 0, _options.MaxKeys);
        var count = s.Value(_saved.Count, seen + leaving, _options.MaxKeys);
        for (var i = 0; i < count; i++)
        {
            var key = s.Value(s.IsReading ? 0 : _saved[i].Key);
            if (s.IsReading) { _saved.Add(Added(key, i < seen, i >= count - leaving)); }
            _saved[i].SavedAs = i;
            _saved[i].State(ref s, _context.Now);
            if (s.IsReading) { Plan(_saved[i]); }
        }

        s.Items(_stalled, count, _saved, Refer);
        s.Items(_ending, count, _saved, Refer);
        _saved.Clear();
    }

    private void ListInstances()
    {
        _saved.Clear();
        foreach (var instance in _bySeen) { _saved.Add(instance); }
        if (_saved.Count < _instances.Count)
        {
            foreach (var instance in _instances.Values)
            {
                if (instance.Place.List is null) { _saved.Add(instance); }
            }

            CollectionsMarshal.AsSpan(_saved)[_bySeen.Count..].Sort(static (a, b) => a.Key.CompareTo(b.Key));
        }

        foreach (var instance in _leaving) { _saved.Add(instance); }
    }

    private KeyInstance Added(long key, bool isSeen, bool isLeaving)
    {
        var instance = Made(key);
        if (isLeaving) { _leaving.Add(instance); }
        else if (!_instances.TryAdd(instance.Key, instance)) { throw new StateException($"key {instance.Key} occurs twice"); }
        if (isSeen) { _bySeen.AddLast(instance.Place); }
        return instance;
    }

    private void RequireBlocks(ref StateStream s)
    {
        var blocks = _plan.Inner.Nodes;
        var count = s.Value(blocks.Length, 0, ushort.MaxValue);
        List<string>? names = s.IsReading ? [] : null;
        for (var i = 0; i < count; i++)
        {
            var name = s.Value(s.IsReading ? "" : blocks[i].Name);
            names?.Add(name);
        }

        if (names is null || names.SequenceEqual(blocks.Select(static n => n.Name))) { return; }
        throw new StateException(
            $"expected the blocks {string.Join(", ", blocks.Select(static n => n.Name))} inside it, got {string.Join(", ", names)}");
    }

    private static void Refer(ref StateStream s, ref KeyInstance instance, List<KeyInstance> all)
    {
        var place = s.Value(instance?.SavedAs ?? 0, 0, all.Count - 1);
        if (s.IsReading) { instance = all[place]; }
    }
}
