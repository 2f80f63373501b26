namespace StreamLearn.Simulation;

/// <content>All that it keeps, for a world that goes on at the same moment: nothing begins anew.</content>
internal abstract partial class Actor
{
    /// <summary>The name of the form of what <see cref="SaveAll"/> writes.</summary>
    internal string WorldFormat => $"world-{Node.Kind}/1".ToLowerInvariant();

    /// <summary>What its operator or source gets from the host.</summary>
    protected virtual OperatorContext? Context => null;

    /// <summary>Writes what it keeps, and after it the state of its operator.</summary>
    /// <param name="frames">Where to.</param>
    /// <param name="name">Its name in the world.</param>
    /// <param name="with">What is common to the device's blocks.</param>
    internal void SaveAll(StateFrames frames, string name, SavedWith with)
    {
        var now = Context?.Now;      // states are saved with the time of the world
        var writer = frames.Begin($"block/{name}", WorldFormat);
        writer.Write(Ended);
        writer.Write(Retired);
        writer.Write(now);
        Out.Save(writer, with.Messages, Node);
        Out.SaveMarks(writer);
        foreach (var input in Inputs)
        {
            input.Queue.Save(writer, with.Messages, SavedMessages.TypeOf(Device.Pipeline, input.Queue.Edge));
            input.Queue.SaveMarks(writer);
        }

        SaveRest(writer, with);
        Metrics.Save(writer);
        if (!Ended && Stateful is { } stateful) { stateful.Save(frames.Begin($"state/{name}", stateful.StateFormat)); }
        if (Context is { } context) { context.Now = now!.Value; }
    }

    /// <summary>Takes it up, in an actor that has not been asked for anything yet.</summary>
    internal void LoadAll(WorldParts parts, string name, SavedWith with)
    {
        _woken = false;
        DateTimeOffset? now = null;
        parts.Read($"block/{name}", WorldFormat, (ref StateReader reader) => now = LoadAll(ref reader, with));
        if (Context is { } context) { context.GoesOn = true; }
        if (!Ended && Stateful is { } stateful) { parts.Read($"state/{name}", stateful.StateFormat, stateful.Load); }
        if (Context is { } known && now is { } time) { known.Now = time; }
    }

    /// <summary>Writes what this kind of actor keeps.</summary>
    private protected abstract void SaveRest(StateWriter writer, SavedWith with);

    /// <summary>Takes it up.</summary>
    private protected abstract void LoadRest(ref StateReader reader, SavedWith with);

    private DateTimeOffset? LoadAll(ref StateReader reader, SavedWith with)
    {
        (Ended, Retired) = (reader.ReadBoolean(), reader.ReadBoolean());
        if (Ended) { Release(); }
        var now = reader.ReadTime();
        Out.Load(ref reader, with.Messages, Node);
        Out.LoadMarks(ref reader);
        foreach (var input in Inputs)
        {
            input.Queue.Load(ref reader, with.Messages, SavedMessages.TypeOf(Device.Pipeline, input.Queue.Edge));
            input.Queue.LoadMarks(ref reader);
        }

        LoadRest(ref reader, with);
        Metrics.Load(ref reader);
        return now;
    }
}

/// <content>Its operator with the call that is under way.</content>
internal sealed partial class OperatorActor
{
    protected override OperatorContext Context => _cell.Context;

    private protected override void SaveRest(StateWriter writer, SavedWith with)
    {
        if (Ended) { return; }
        writer.Write(_busy);
        writer.Write(IsIdle);
        writer.Write(_inControlLine);
        writer.Write(_inDataLine);
        _mailbox.Save(writer, with.Now);
        _cell.Save(writer, with.Messages, with.Now);
        writer.Write(_cell.Outputs.Count);
        foreach (var (port, item) in _cell.Outputs)
        {
            writer.Write(port);
            with.Messages.Write(writer, SavedMessages.TypeOf(Node, port), item);
        }
    }

    private protected override void LoadRest(ref StateReader reader, SavedWith with)
    {
        if (Ended) { return; }
        (_busy, IsIdle) = (reader.ReadBoolean(), reader.ReadBoolean());
        (_inControlLine, _inDataLine) = (reader.ReadBoolean(), reader.ReadBoolean());
        _mailbox.Load(ref reader, with.Now);
        _cell.Load(ref reader, with.Messages, Device.Pipeline.Edges, with.Now);
        for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--)
        {
            var port = reader.ReadInt32(0, Ports.PortCount - 1);
            _cell.Outputs.Add((port, with.Messages.Read(ref reader, SavedMessages.TypeOf(Node, port))));
        }
    }
}

/// <content>How far its source has come. One that can neither be saved nor sought is played again, and what it makes is put aside: the
/// same inputs give the same messages.</content>
internal sealed partial class SourceActor
{
    protected override OperatorContext Context => _context;

    private protected override void SaveRest(StateWriter writer, SavedWith with)
    {
        if (Ended) { return; }
        writer.Write(_made);
        writer.Write(_scheduled);
        writer.Write(_ending);
        _context.Save(writer, with.Now);
    }

    private protected override void LoadRest(ref StateReader reader, SavedWith with)
    {
        if (Ended) { return; }
        _made = reader.ReadInt64();
        (_scheduled, _ending) = (reader.ReadBoolean(), reader.ReadBoolean());
        if (_source is ISeekable seekable and not IStateful) { seekable.Seek(_made); }
        else if (_source is not IStateful) { PlayAgain(); }
        _context.Load(ref reader, with.Now);
    }

    private void PlayAgain()
    {
        for (var i = 0L; i < _made; i++)
        {
            if (_source.NextAt is not { } due) { throw new StateException($"the source made {_made} messages, and now ends after {i}"); }
            _context.Begin(due);
            Ownership.End(_source.NextItem());
        }
    }
}

/// <content>What is on its way, also from a device that has ended.</content>
internal sealed partial class PublishActor
{
    private protected override void SaveRest(StateWriter writer, SavedWith with)
    {
        writer.Write(_sequence);
        writer.Write(_letters);
        writer.Write(_sending);
        writer.Write(_cut);
        writer.Write(_lost);
        writer.Write(_next);
        writer.Write(_onTheWay.Count);
        foreach (var payload in _onTheWay) { with.Payloads.Write(writer, payload); }
    }

    private protected override void LoadRest(ref StateReader reader, SavedWith with)
    {
        (_sequence, _letters) = (reader.ReadInt64(), reader.ReadInt64());
        (_sending, _cut) = (reader.ReadBoolean(), reader.ReadBoolean());
        (_lost, _next) = (reader.ReadInt32(0, int.MaxValue), reader.ReadInt32(0, Math.Max(0, Inputs.Count - 1)));
        for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--) { _onTheWay.Enqueue(with.Payloads.Read(ref reader)); }
    }
}

/// <content>What is on its way, also to a device that has ended, and what waits for the next block.</content>
internal sealed partial class SubscribeActor
{
    private protected override void SaveRest(StateWriter writer, SavedWith with)
    {
        writer.Write(_number);
        writer.Write(_lost);
        writer.Write(Ending);
        foreach (var queue in new[] { _onTheWay, _arrived })
        {
            writer.Write(queue.Count);
            foreach (var (_, payload, isRetained) in queue)
            {
                with.Payloads.Write(writer, payload);
                writer.Write(isRetained);
            }
        }
    }

    private protected override void LoadRest(ref StateReader reader, SavedWith with)
    {
        (_number, _lost, Ending) = (reader.ReadInt64(), reader.ReadInt32(0, int.MaxValue), reader.ReadBoolean());
        foreach (var queue in new[] { _onTheWay, _arrived })
        {
            for (var count = reader.ReadInt32(0, int.MaxValue); count > 0; count--)
            {
                var payload = with.Payloads.Read(ref reader);
                queue.Enqueue(new(payload.Topic, payload, reader.ReadBoolean()));
            }
        }
    }
}

/// <content>What it has to tell.</content>
internal sealed partial class ConnectionsActor
{
    private static readonly ConnectionMessages Changes = new();

    private protected override void SaveRest(StateWriter writer, SavedWith with)
    {
        writer.Write(_number);
        writer.Write(_ending);
        writer.Write(_next is not null);
        if (_next is not null) { Changes.Write(writer, _next); }
    }

    private protected override void LoadRest(ref StateReader reader, SavedWith with)
    {
        (_number, _ending) = (reader.ReadInt64(), reader.ReadBoolean());
        _next = reader.ReadBoolean() ? (ConnectionChange)Changes.Read(ref reader) : null;
    }
}
