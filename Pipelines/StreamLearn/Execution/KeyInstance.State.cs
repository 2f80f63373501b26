namespace StreamLearn;

/// <summary>What a key keeps.</summary>
internal sealed partial class KeyInstance
{
    /// <summary>Its place among the instances, while the state is written.</summary>
    internal int SavedAs { get; set; }

    internal void Save(StateWriter writer, DateTimeOffset now)
    {
        writer.Write((now - LastSeen).Ticks);
        writer.Write(IsLeaving);
        writer.Write(IsEvicted);
        writer.Write(_given);
        writer.Write(_idle);
        _entry.Save(writer, _plan.Messages, _plan.Entry);
        foreach (var block in _blocks) { block.Save(writer, _plan, now); }
    }

    /// <summary>Takes it up, in an instance to which nothing was given yet.</summary>
    internal void Load(ref StateReader reader, DateTimeOffset now)
    {
        LastSeen = now - new TimeSpan(Math.Clamp(reader.ReadInt64(), 0, now.UtcTicks));
        (IsLeaving, IsEvicted) = (reader.ReadBoolean(), reader.ReadBoolean());
        (_given, _idle) = (reader.ReadInt64(), reader.ReadBoolean());
        _entry.Load(ref reader, _plan.Messages, _plan.Entry);
        foreach (var block in _blocks) { block.Load(ref reader, _plan, now); }
        if (_given < 0)
        {
            foreach (var edge in _entry.Targets) { edge.EndSender(); }
        }

        FindNext();
    }
}

/// <summary>What an inner operator of one key keeps.</summary>
internal sealed partial class KeyBlock
{
    internal void Save(StateWriter writer, KeyPlan plan, DateTimeOffset now)
    {
        writer.Write(Ended);
        Out.Save(writer, plan.Messages, _cell.Node);
        foreach (var input in _inputs) { input.Queue.Save(writer, plan.Messages, plan.TypeOf(input)); }
        _mailbox.Save(writer, now);
        _cell.Save(writer, plan.Messages, now);
        writer.Write(_cell.Stateful?.StateFormat ?? "");
        _cell.Stateful?.Save(writer);
    }

    internal void Load(ref StateReader reader, KeyPlan plan, DateTimeOffset now)
    {
        Ended = reader.ReadBoolean();
        Out.Load(ref reader, plan.Messages, _cell.Node);
        var outer = plan.Metrics.Block;
        foreach (var input in _inputs) { input.Queue.Load(ref reader, plan.Messages, plan.TypeOf(input), isLocal: true, outer); }
        _mailbox.Load(ref reader, now);
        _cell.Load(ref reader, plan.Messages, plan.Inner.Edges, now);
        var (expected, format) = (_cell.Stateful?.StateFormat ?? "", reader.ReadText());
        if (format != expected && _cell.Stateful?.Reads(format) != true)
        {
            throw new StateException($"block '{_cell.Node.Name}' inside it: expected {FormText(expected)}, got {FormText(format)}");
        }

        var around = reader.Format;
        reader.Format = format;
        _cell.Stateful?.Load(ref reader);
        reader.Format = around;
        _mailbox.SeeWake();
        if (!Ended) { return; }
        foreach (var target in Out.Targets) { target.EndSender(); }
    }

    private static string FormText(string format) => format.Length == 0 ? "no state" : $"state of the form {format}";
}
