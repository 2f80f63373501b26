namespace StreamLearn;

/// <summary>Its state: the rows at hand, and each key with its blocks and what waits in them.</summary>
internal sealed partial class PerKey<TOut>
{
    /// <inheritdoc />
    public string StateFormat => "per-key/1";

    /// <inheritdoc />
    public void Save(StateWriter writer)
    {
        writer.Write(_plan.Input);
        writer.Write(_completed);
        writer.Write(_input);
        writer.Write(_next);
        List<KeyInstance> all = [.. _bySeen, .. _instances.Values.Where(i => i.Place.List is null).OrderBy(static i => i.Key), .. _leaving];
        writer.Write(_bySeen.Count);
        writer.Write(_leaving.Count);
        writer.Write(all.Count);
        foreach (var instance in all)
        {
            writer.Write(instance.Key);
            instance.Save(writer, _context.Now);
        }

        Write(writer, _stalled, all);
        Write(writer, _ending, all);
    }

    /// <inheritdoc />
    public void Load(ref StateReader reader)
    {
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

    private static void Write(StateWriter writer, Queue<KeyInstance> queue, List<KeyInstance> all)
    {
        writer.Write(queue.Count);
        foreach (var instance in queue) { writer.Write(all.IndexOf(instance)); }
    }

    private static void Read(ref StateReader reader, Queue<KeyInstance> queue, KeyInstance[] all)
    {
        for (var count = reader.ReadInt32(0, all.Length); count > 0; count--) { queue.Enqueue(all[reader.ReadInt32(0, all.Length - 1)]); }
    }
}
