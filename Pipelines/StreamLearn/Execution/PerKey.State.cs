using System.Runtime.InteropServices;

namespace StreamLearn;

/// <summary>Its state: the rows at hand, and each key with its blocks and what waits in them.</summary>
internal sealed partial class PerKey<TOut>
{
    private readonly List<KeyInstance> _saved = [];      // while the state is written

    /// <inheritdoc />
    public string StateFormat => "per-key/2";

    /// <inheritdoc />
    public void Save(StateWriter writer)
    {
        writer.Write(_plan.Inner.Nodes.Length);
        foreach (var node in _plan.Inner.Nodes) { writer.Write(node.Name); }
        writer.Write(_plan.Input);
        writer.Write(_completed);
        writer.Write(_input);
        writer.Write(_next);
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
        writer.Write(_bySeen.Count);
        writer.Write(_leaving.Count);
        writer.Write(_saved.Count);
        for (var i = 0; i < _saved.Count; i++)
        {
            _saved[i].SavedAs = i;
            writer.Write(_saved[i].Key);
            _saved[i].Save(writer, _context.Now);
        }

        Write(writer, _stalled);
        Write(writer, _ending);
        _saved.Clear();
    }

    /// <inheritdoc />
    public void Load(ref StateReader reader)
    {
        RequireBlocks(ref reader);
        if (reader.ReadSchema() is { } input) { _plan.Begin(input); }
        _completed = reader.ReadBoolean();
        (_input, _next) = (reader.ReadBatch(), reader.ReadInt32(0, int.MaxValue));
        if (_input is not null) { _rows.Read(_input[_options.Column]); }
        var (seen, leaving) = (reader.ReadInt32(0, _options.MaxKeys), reader.ReadInt32(0, _options.MaxKeys));
        var all = new KeyInstance[reader.ReadInt32(seen + leaving, _options.MaxKeys)];
        for (var i = 0; i < all.Length; i++)
        {
            var instance = all[i] = Made(reader.ReadInt64());
            if (i >= all.Length - leaving) { _leaving.Add(instance); }
            else if (!_instances.TryAdd(instance.Key, instance)) { throw new StateException($"key {instance.Key} comes twice"); }
            if (i < seen) { _bySeen.AddLast(instance.Place); }
            instance.Load(ref reader, _context.Now);
            Plan(instance);
        }

        Read(ref reader, _stalled, all);
        Read(ref reader, _ending, all);
    }

    private void RequireBlocks(ref StateReader reader)
    {
        var names = new string[reader.ReadInt32(0, ushort.MaxValue)];
        foreach (ref var name in names.AsSpan()) { name = reader.ReadText(); }
        var blocks = _plan.Inner.Nodes.Select(static n => n.Name).ToArray();
        if (names.SequenceEqual(blocks)) { return; }
        throw new StateException($"expected the blocks {string.Join(", ", blocks)} inside it, got {string.Join(", ", names)}");
    }

    private static void Write(StateWriter writer, Queue<KeyInstance> queue)
    {
        writer.Write(queue.Count);
        foreach (var instance in queue) { writer.Write(instance.SavedAs); }
    }

    private static void Read(ref StateReader reader, Queue<KeyInstance> queue, KeyInstance[] all)
    {
        for (var count = reader.ReadInt32(0, all.Length); count > 0; count--) { queue.Enqueue(all[reader.ReadInt32(0, all.Length - 1)]); }
    }
}
