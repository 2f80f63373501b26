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
        if (!Ended && Stateful is { } stateful) { parts.Read($"state/{name}", stateful.StateFormat, stateful.Load, stateful.Reads); }
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
            input.Queue.Load(ref reader, with.Messages, SavedMessages.TypeOf(Device.Pipeline, input.Queue.Edge),
                isLocal: false);     // as it would be if it had run on
            input.Queue.LoadMarks(ref reader);
        }

        LoadRest(ref reader, with);
        Metrics.Load(ref reader);
        return now;
    }
}
